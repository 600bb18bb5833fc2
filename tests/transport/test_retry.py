"""When a request is repeated, and until when: by its code, never by the message's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.world import REGION

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

# The policy, in seconds of the world: quotas are per minute, other trouble passes sooner.
THROTTLED = 300
TROUBLE = 120
STALE = 10

THROTTLINGS = (
    "Throttling",
    "Throttling.User",
    "Throttling.Api",
    "Throttling.ConcurrentLimitExceeded",
    "Throttling.Resource",
    "Throttling.SomethingNew",
    "Rejected.Throttling",
)

TROUBLES: tuple[dict[str, Any], ...] = (
    {"kind": "error", "code": "InternalError", "status": 500},
    {"kind": "error", "code": "InternalError.Something", "status": 400},
    {"kind": "error", "code": "Mayi.InternalError", "status": 403},
    {"kind": "error", "code": "UnknownError", "status": 400},
    {"kind": "error", "code": "ServiceUnavailable", "status": 503},
    {"kind": "error", "code": "RequestTimeout", "status": 504},
    {"kind": "error", "code": "SomethingNew", "status": 500},
    {"kind": "html"},
    {"kind": "html", "status": 504},
    {"kind": "status"},
    {"kind": "status", "status": 429},
    {"kind": "empty"},
    {"kind": "truncated"},
    {"kind": "reset"},
    {"kind": "lost"},
)

FINAL: tuple[dict[str, Any], ...] = (
    {"kind": "error", "code": "Forbidden.RAM", "status": 403},
    {"kind": "error", "code": "InvalidParameter", "status": 400},
    {"kind": "error", "code": "QuotaExceed.DiskCapacity", "status": 400},
    {"kind": "error", "code": "InvalidRegionId.NotFound", "status": 404},
    {"kind": "error", "code": "IncompleteSignature", "status": 400},
    {"kind": "error", "code": "UnsupportedOperation", "status": 501},
    {"kind": "error", "code": "NotThrottling", "status": 400},
    {"kind": "error", "code": "Said", "status": 400, "message": "Throttling: ServiceUnavailable"},
    {"kind": "html", "status": 403},
    {"kind": "html", "status": 404},
    {"kind": "status", "status": 400},
)


def named(fault: dict[str, Any]) -> str:
    """Return a test's id for a fault."""
    return "-".join(str(fault[key]) for key in ("kind", "code", "status") if key in fault)


def has_disk(cpi: Cpi) -> tuple[Answer, float]:
    """Ask for a disk; return the answer and how much of the world's time that took."""
    start = cpi.clock.now()
    return cpi.call("has_disk", "d-1"), cpi.clock.now() - start


@pytest.mark.parametrize("status", [400, 403, 429, 503])
@pytest.mark.parametrize("code", THROTTLINGS)
def test_throttling_is_repeated_whatever_its_name_and_status(
    cpi: Cpi, sim: Simulator, code: str, status: int
) -> None:
    """Each source of the API reference knows another status."""
    sim.add_fault(kind="error", code=code, status=status, count=3)
    assert has_disk(cpi)[0].result is False
    assert [call["status"] for call in sim.calls()] == [status] * 3 + [200]


def test_the_pauses_grow_at_random_up_to_20_seconds(cpi: Cpi, sim: Simulator) -> None:
    """Full jitter keeps 32 workers apart; the longest pause keeps the end of a minute in sight."""
    sim.add_fault(kind="error", code="InternalError", count=12)
    has_disk(cpi)
    assert len(cpi.clock.slept) == 12
    for number, pause in enumerate(cpi.clock.slept):
        assert 0 <= pause <= min(20, 0.5 * 2**number)
    assert len(set(cpi.clock.slept)) == 12
    assert sum(cpi.clock.slept) > 10


def test_the_pauses_after_throttling_are_longer_from_the_start(cpi: Cpi, sim: Simulator) -> None:
    """Each refusal has spent a request of the account's, too."""
    sim.add_fault(kind="error", code="Throttling", count=12)
    has_disk(cpi)
    assert len(set(cpi.clock.slept)) == 12
    for number, pause in enumerate(cpi.clock.slept):
        whole = min(13, 4 * 2**number)
        assert whole / 2 <= pause <= whole * 1.5 <= 20


def test_throttling_that_does_not_end_is_an_error_after_five_minutes(
    cpi: Cpi, sim: Simulator
) -> None:
    """The caller may try later, and is told so; the last attempt is made at the deadline."""
    sim.add_fault(kind="error", code="Throttling.User", message="Too fast.", count=0)
    answer, took = has_disk(cpi)
    assert answer.type == "CloudError"
    assert answer.ok_to_retry
    assert "Throttling.User: Too fast" in answer.message
    assert took == pytest.approx(THROTTLED)
    assert 15 < len(sim.calls()) < 60


def test_a_quota_per_minute_is_waited_out(cpi: Cpi, sim: Simulator) -> None:
    """What is spent early in a minute refuses everything until the next one."""
    sim.add_limit(action="DescribeDisks", per_minute=2)
    assert [has_disk(cpi)[0].result for _ in range(7)] == [False] * 7


def test_a_token_bucket_is_waited_out(cpi: Cpi, sim: Simulator) -> None:
    """One call in ten seconds, and no more than that."""
    sim.add_limit(action="DescribeDisks", rate=0.1, burst=1)
    assert [has_disk(cpi)[0].result for _ in range(5)] == [False] * 5


def test_the_clouds_own_hint_is_honoured(cpi: Cpi, sim: Simulator) -> None:
    """x-acs-retry-after counts milliseconds and is no less than what is paused."""
    headers = {"x-acs-retry-after": "17500"}
    sim.add_fault(kind="error", code="Throttling", headers=headers, count=2)
    has_disk(cpi)
    assert cpi.clock.slept == [17.5, 17.5]


@pytest.mark.parametrize("hint", ["", "soon", "-5", "1e9", "²", "9" * 5000])
def test_a_hint_that_is_no_number_is_ignored(cpi: Cpi, sim: Simulator, hint: str) -> None:
    """It is not the CPI's to break on."""
    hint = hint.encode().decode("latin-1")
    sim.add_fault(kind="error", code="Throttling", headers={"x-acs-retry-after": hint})
    answer, took = has_disk(cpi)
    assert answer.result is False
    assert took <= 6


def test_a_hint_beyond_the_deadline_ends_at_the_deadline(cpi: Cpi, sim: Simulator) -> None:
    """The CPI bounds itself: nobody else does."""
    headers = {"x-acs-retry-after": "99999999"}
    sim.add_fault(kind="error", code="Throttling", headers=headers, count=0)
    answer, took = has_disk(cpi)
    assert answer.ok_to_retry
    assert took == pytest.approx(THROTTLED)


@pytest.mark.parametrize("fault", TROUBLES, ids=named)
def test_a_read_is_repeated_after_any_trouble(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """It has no effect that a repeat could double."""
    sim.add_fault(**fault, count=2)
    assert has_disk(cpi)[0].result is False
    assert len(sim.calls()) == 3


@pytest.mark.parametrize("fault", TROUBLES, ids=named)
def test_trouble_that_does_not_end_is_an_error_that_a_repeat_may_mend(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """After two minutes of the world, or five where it means throttling."""
    sim.add_fault(**fault, count=0)
    answer, took = has_disk(cpi)
    assert answer.type == "CloudError"
    assert answer.ok_to_retry
    assert "DescribeDisks of DiskIds" in answer.message
    assert "Signature" not in answer.message + answer.stderr
    assert took == pytest.approx(THROTTLED if fault.get("status") == 429 else TROUBLE)


@pytest.mark.parametrize("fault", FINAL, ids=named)
def test_a_final_refusal_is_not_repeated(cpi: Cpi, sim: Simulator, fault: dict[str, Any]) -> None:
    """By code, not by words: a message that talks of throttling changes nothing."""
    sim.add_fault(**fault)
    answer, took = has_disk(cpi)
    assert answer.type == "CloudError"
    assert not answer.ok_to_retry
    assert (len(sim.calls()), took) == (1, 0)


@pytest.mark.parametrize("code", ["OperationDenied.NoStock", "Zone.NotOnSale"])
def test_no_stock_is_told_at_once_and_may_be_mended_by_a_repeat(
    cpi: Cpi, sim: Simulator, code: str
) -> None:
    """The Director tries again later; the CPI does not block a worker meanwhile."""
    sim.add_fault(kind="error", code=code, status=403, action="CreateDisk")
    answer = cpi.call("create_disk", 20480, {})
    assert answer.ok_to_retry
    assert len(sim.calls("CreateDisk")) == 1


def test_an_endpoint_that_refuses_connections_is_tried_for_two_minutes(cpi: Cpi) -> None:
    """Nothing was sent, so anything may be sent again."""
    cpi.configure(ecs_endpoint="127.0.0.1:1")
    answer, took = has_disk(cpi)
    assert answer.ok_to_retry
    assert "Unreachable: cannot connect to 127.0.0.1:1: Connection refused" in answer.message
    assert "Signature" not in answer.message + answer.stderr
    assert took == pytest.approx(TROUBLE)


@pytest.mark.parametrize("code", ["SignatureNonceUsed", "InvalidTimeStamp.Expired"])
def test_a_stale_signature_is_renewed(cpi: Cpi, sim: Simulator, code: str) -> None:
    """The request was not judged at all."""
    sim.add_fault(kind="error", code=code)
    assert has_disk(cpi)[0].result is False


def test_a_clock_that_is_wrong_ends_soon(cpi: Cpi, sim: Simulator) -> None:
    """No repeat within minutes would make this machine's time right."""
    sim.set_signature_skew(3600)
    answer, took = has_disk(cpi)
    assert "InvalidTimeStamp.Expired" in answer.message
    assert took == pytest.approx(STALE)


def test_the_message_tells_what_was_asked_of_which_resource_where(cpi: Cpi, sim: Simulator) -> None:
    """Then code, words, RequestId and region; the last attempt's."""
    sim.add_fault(kind="error", code="Throttling")
    sim.add_fault(kind="error", code="Forbidden.RAM", message="No rights.", nth=1)
    answer, _ = has_disk(cpi)
    request_id = sim.calls()[-1]["request_id"]
    assert answer.message == (
        'DescribeDisks of DiskIds ["d-1"] failed: Forbidden.RAM: No rights '
        f"(RequestId {request_id}, region {REGION})"
    )


def test_a_long_message_of_the_cloud_is_cut(cpi: Cpi, sim: Simulator) -> None:
    """The Director reads byte by byte."""
    sim.add_fault(kind="error", code="Forbidden.RAM", message="x" * 100_000)
    answer, _ = has_disk(cpi)
    assert len(answer.message) < 1000
    assert answer.message.endswith(f"region {REGION})")


def test_a_code_without_words_is_told_as_it_is(cpi: Cpi, sim: Simulator) -> None:
    """An HTML page is not shown."""
    sim.add_fault(kind="html", status=404)
    answer, _ = has_disk(cpi)
    assert "HTTP 404: no explanation given" in answer.message
    assert "<" not in answer.message
