"""When a request is sent again, and until when: by error code, never by message text."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from support.world import REGION

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

# Seconds of the simulator's clock for which requests are retried. Quotas are per minute.
THROTTLED = 300
FAILURE = 120
STALE_SIGNATURE = 10

THROTTLINGS = (
    "Throttling",
    "Throttling.User",
    "Throttling.Api",
    "Throttling.ConcurrentLimitExceeded",
    "Throttling.Resource",
    "Throttling.SomethingNew",
    "Rejected.Throttling",
)

FAILURES: tuple[dict[str, Any], ...] = (
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

PERMANENT: tuple[dict[str, Any], ...] = (
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
    """Call has_disk; return the response and the seconds of the simulator's clock it took."""
    start = cpi.clock.now()
    return cpi.call("has_disk", "d-1"), cpi.clock.now() - start


@pytest.mark.parametrize("status", [400, 403, 429, 503])
@pytest.mark.parametrize("code", THROTTLINGS)
def test_throttling_is_retried_whatever_its_code_and_status(
    cpi: Cpi, sim: Simulator, code: str, status: int
) -> None:
    """The sources of the API reference differ in the status."""
    sim.add_fault(kind="error", code=code, status=status, count=3)
    assert has_disk(cpi)[0].result is False
    assert [call["status"] for call in sim.calls()] == [status] * 3 + [200]


def test_the_pauses_grow_at_random_up_to_20_seconds(cpi: Cpi, sim: Simulator) -> None:
    """Full jitter keeps 32 workers apart; the cap keeps the end of a quota's minute in reach."""
    sim.add_fault(kind="error", code="InternalError", count=12)
    has_disk(cpi)
    assert len(cpi.clock.slept) == 12
    for number, pause in enumerate(cpi.clock.slept):
        assert 0 <= pause <= min(20, 0.5 * 2**number)
    assert len(set(cpi.clock.slept)) == 12
    assert sum(cpi.clock.slept) > 10


def test_the_pauses_after_throttling_are_longer_from_the_start(cpi: Cpi, sim: Simulator) -> None:
    """A refused request uses up quota, too."""
    sim.add_fault(kind="error", code="Throttling", count=12)
    has_disk(cpi)
    assert len(set(cpi.clock.slept)) == 12
    for number, pause in enumerate(cpi.clock.slept):
        whole = min(13, 4 * 2**number)
        assert whole / 2 <= pause <= whole * 1.5 <= 20


def test_throttling_that_does_not_end_is_an_error_after_five_minutes(
    cpi: Cpi, sim: Simulator
) -> None:
    """The error is retryable; the last attempt is made at the deadline."""
    sim.add_fault(kind="error", code="Throttling.User", message="Too fast.", count=0)
    response, took = has_disk(cpi)
    assert response.type == "CloudError"
    assert response.ok_to_retry
    assert "Throttling.User: Too fast" in response.message
    assert took == pytest.approx(THROTTLED)
    assert 15 < len(sim.calls()) < 60


def test_a_quota_per_minute_is_waited_out(cpi: Cpi, sim: Simulator) -> None:
    """A quota that is used up early in a minute refuses everything until the next one."""
    sim.add_limit(action="DescribeDisks", per_minute=2)
    assert [has_disk(cpi)[0].result for _ in range(7)] == [False] * 7


def test_a_token_bucket_is_waited_out(cpi: Cpi, sim: Simulator) -> None:
    """One request in ten seconds is served."""
    sim.add_limit(action="DescribeDisks", rate=0.1, burst=1)
    assert [has_disk(cpi)[0].result for _ in range(5)] == [False] * 5


def test_a_retry_after_header_is_obeyed(cpi: Cpi, sim: Simulator) -> None:
    """x-acs-retry-after has milliseconds; no pause is shorter."""
    headers = {"x-acs-retry-after": "17500"}
    sim.add_fault(kind="error", code="Throttling", headers=headers, count=2)
    has_disk(cpi)
    assert cpi.clock.slept == [17.5, 17.5]


@pytest.mark.parametrize("hint", ["", "soon", "-5", "1e9", "²", "9" * 5000])
def test_a_retry_after_header_that_is_no_number_is_ignored(
    cpi: Cpi, sim: Simulator, hint: str
) -> None:
    """It does not fail the call."""
    hint = hint.encode().decode("latin-1")
    sim.add_fault(kind="error", code="Throttling", headers={"x-acs-retry-after": hint})
    response, took = has_disk(cpi)
    assert response.result is False
    assert took <= 6


def test_a_retry_after_header_beyond_the_deadline_ends_at_the_deadline(
    cpi: Cpi, sim: Simulator
) -> None:
    """The Director sets no time limit: the CPI limits itself."""
    headers = {"x-acs-retry-after": "99999999"}
    sim.add_fault(kind="error", code="Throttling", headers=headers, count=0)
    response, took = has_disk(cpi)
    assert response.ok_to_retry
    assert took == pytest.approx(THROTTLED)


@pytest.mark.parametrize("fault", FAILURES, ids=named)
def test_a_read_only_request_is_retried_after_every_failure(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """It has no effect that a retry could double."""
    sim.add_fault(**fault, count=2)
    assert has_disk(cpi)[0].result is False
    assert len(sim.calls()) == 3


@pytest.mark.parametrize("fault", FAILURES, ids=named)
def test_a_failure_that_does_not_end_is_a_retryable_error(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """After two minutes, or five where it means throttling."""
    sim.add_fault(**fault, count=0)
    response, took = has_disk(cpi)
    assert response.type == "CloudError"
    assert response.ok_to_retry
    assert "DescribeDisks of DiskIds" in response.message
    assert "Signature" not in response.message + response.stderr
    assert took == pytest.approx(THROTTLED if fault.get("status") == 429 else FAILURE)


@pytest.mark.parametrize("fault", PERMANENT, ids=named)
def test_a_permanent_refusal_is_not_retried(
    cpi: Cpi, sim: Simulator, fault: dict[str, Any]
) -> None:
    """By code, not by text: a message that mentions throttling changes nothing."""
    sim.add_fault(**fault)
    response, took = has_disk(cpi)
    assert response.type == "CloudError"
    assert not response.ok_to_retry
    assert (len(sim.calls()), took) == (1, 0)


@pytest.mark.parametrize("code", ["OperationDenied.NoStock", "Zone.NotOnSale"])
def test_no_stock_is_reported_at_once_and_is_retryable(cpi: Cpi, sim: Simulator, code: str) -> None:
    """The Director tries again later; the CPI does not block a worker until then."""
    sim.add_fault(kind="error", code=code, status=403, action="CreateDisk")
    response = cpi.call("create_disk", 20480, {})
    assert response.ok_to_retry
    assert len(sim.calls("CreateDisk")) == 1


def test_an_endpoint_that_refuses_connections_is_tried_for_two_minutes(cpi: Cpi) -> None:
    """Nothing was sent, so every request may be sent again."""
    cpi.configure(ecs_endpoint="127.0.0.1:1")
    response, took = has_disk(cpi)
    assert response.ok_to_retry
    assert "Unreachable: cannot connect to 127.0.0.1:1: Connection refused" in response.message
    assert "Signature" not in response.message + response.stderr
    assert took == pytest.approx(FAILURE)


@pytest.mark.parametrize("code", ["SignatureNonceUsed", "InvalidTimeStamp.Expired"])
def test_a_stale_signature_is_renewed(cpi: Cpi, sim: Simulator, code: str) -> None:
    """The request was not processed."""
    sim.add_fault(kind="error", code=code)
    assert has_disk(cpi)[0].result is False


def test_a_wrong_clock_is_an_error_soon(cpi: Cpi, sim: Simulator) -> None:
    """Retries do not correct this machine's clock."""
    sim.set_signature_skew(3600)
    response, took = has_disk(cpi)
    assert "InvalidTimeStamp.Expired" in response.message
    assert took == pytest.approx(STALE_SIGNATURE)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3600, " - this machine's clock is 3600 s ahead of the cloud's"),
        (-86400, " - this machine's clock is 86400 s behind the cloud's"),
        (5, ""),
    ],
)
def test_a_wrong_clock_is_compared_with_the_clouds(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch, seconds: int, said: str
) -> None:
    """Every response has its time."""
    told = format_datetime(datetime(2026, 11, 29, 12, 0, tzinfo=UTC), usegmt=True)
    now = datetime(2026, 11, 29, 12, 0, tzinfo=UTC).timestamp() + seconds
    monkeypatch.setattr(cpi.clock, "wall", lambda: now)
    sim.add_fault(
        kind="error", code="InvalidTimeStamp.Expired", message="x", headers={"Date": told}, count=0
    )
    response = has_disk(cpi)[0]
    assert f"InvalidTimeStamp.Expired: x{said} (" in response.message


@pytest.mark.parametrize("told", ["", "yesterday", "Sun, 99 Nov 2026 99:00:00 GMT", "9" * 5000])
def test_a_time_that_is_none_says_nothing(cpi: Cpi, sim: Simulator, told: str) -> None:
    """A header is anybody's word."""
    sim.add_fault(
        kind="error", code="InvalidTimeStamp.Expired", message="x", headers={"Date": told}, count=0
    )
    assert "InvalidTimeStamp.Expired: x (" in has_disk(cpi)[0].message


def test_a_long_code_and_request_id_are_cut(cpi: Cpi, sim: Simulator) -> None:
    """Megabytes of either make a message of some hundred characters."""
    sim.add_fault(kind="error", code="C" * 1_000_000, message="m" * 100_000, status=400)
    assert len(has_disk(cpi)[0].message) < 1000


def test_the_message_has_action_resource_code_request_id_and_region(
    cpi: Cpi, sim: Simulator
) -> None:
    """Those of the last attempt."""
    sim.add_fault(kind="error", code="Throttling")
    sim.add_fault(kind="error", code="Forbidden.RAM", message="No rights.", nth=1)
    response, _ = has_disk(cpi)
    request_id = sim.calls()[-1]["request_id"]
    assert response.message == (
        'DescribeDisks of DiskIds ["d-1"] failed: Forbidden.RAM: No rights '
        f"(RequestId {request_id}, region {REGION})"
    )


def test_a_long_message_of_the_cloud_is_cut(cpi: Cpi, sim: Simulator) -> None:
    """Directors log and store it."""
    sim.add_fault(kind="error", code="Forbidden.RAM", message="x" * 100_000)
    response, _ = has_disk(cpi)
    assert len(response.message) < 1000
    assert response.message.endswith(f"region {REGION})")


def test_a_response_that_is_no_json_is_reported_by_its_status(cpi: Cpi, sim: Simulator) -> None:
    """An HTML page is not shown."""
    sim.add_fault(kind="html", status=404)
    response, _ = has_disk(cpi)
    assert "HTTP 404: no explanation given" in response.message
    assert "<" not in response.message
