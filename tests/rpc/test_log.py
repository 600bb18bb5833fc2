"""Log lines: one per request to the cloud and one per wait, each naming its call."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

from alicloud_cpi.rpc.dispatcher import Dispatcher
from support.cpi import parsed, run
from support.world import REGION

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) "
    r"(?P<request_id>\S+) (?P<method>\S+): (?P<text>.*)"
)
REQUEST = re.compile(
    r"(?P<action>\w+) region=(?P<region>\S+) (?P<seconds>\d+\.\d{3}) s (?P<outcome>HTTP \d+|\S+) "
    r"RequestId=(?P<id>\S+) attempt=(?P<attempt>\d+)"
)


def texts(answer: Answer, request_id: str = "cpi-000042", method: str = "has_disk") -> list[str]:
    """Return what the lines say, once each is known to name its call; tracebacks are left out."""
    found = []
    for line in answer.stderr.splitlines():
        if line.startswith("  "):
            continue
        matched = LINE.fullmatch(line)
        assert matched, line
        assert (matched["request_id"], matched["method"]) == (request_id, method), line
        found.append(matched["text"])
    return found


def requests(answer: Answer, **named: str) -> list[re.Match[str]]:
    """Return the lines that are about requests to the cloud."""
    return [found for text in texts(answer, **named) if (found := REQUEST.fullmatch(text))]


def test_a_request_to_the_cloud_is_one_line(cpi: Cpi, sim: Simulator) -> None:
    """Action, region, duration, status, RequestId and attempt."""
    (line,) = requests(cpi.call("has_disk", "d-1"))
    assert (line["action"], line["region"]) == ("DescribeDisks", REGION)
    assert (line["outcome"], line["attempt"]) == ("200", "1")
    assert line["id"] == sim.calls()[0]["request_id"]


def test_each_attempt_has_its_own_line_with_the_clouds_code(cpi: Cpi, sim: Simulator) -> None:
    """Support asks for the RequestId of the attempt that failed."""
    sim.add_fault(kind="error", code="Throttling.User")
    sim.add_fault(kind="html")
    sim.add_fault(kind="lost")
    lines = requests(cpi.call("has_disk", "d-1"))
    outcomes = [line["outcome"] for line in lines]
    assert outcomes == ["Throttling.User", "HTTP 502", "LostResponse", "200"]
    assert [line["attempt"] for line in lines] == ["1", "2", "3", "4"]
    assert lines[0]["id"] == sim.calls()[0]["request_id"]


def test_a_request_without_an_answer_has_its_line_too(cpi: Cpi) -> None:
    """With a dash where the RequestId would be."""
    cpi.configure(ecs_endpoint="127.0.0.1:1")
    lines = requests(cpi.call("has_disk", "d-1"))
    assert {(line["outcome"], line["id"]) for line in lines} == {("Unreachable", "-")}


def test_a_wait_is_one_line_with_what_was_waited_for_and_how_long(cpi: Cpi) -> None:
    """In words that name the resource."""
    cpi.sim.set_pace(disk__create=20)
    answer = cpi.call("create_disk", 20480, {})
    (line,) = [text for text in texts(answer, method="create_disk") if text.startswith("waited")]
    told = re.fullmatch(r"waited (\d+\.\d) s \(\d+ reads\) for disk '(\S+)' to be Available", line)
    assert told
    assert told[2] == answer.result
    assert 20 <= float(told[1]) <= 25


def test_unknown_keys_of_the_configuration_are_named(cpi: Cpi) -> None:
    """With their section, once per call and without their values; the call goes on."""
    document = json.loads(cpi.path.read_bytes())
    properties = document["cloud"]["properties"]
    properties["alicloud"]["defualt_key_name"] = "canary"
    properties["alicloud"]["x" * 1000] = "canary"
    properties["agent"]["ntpd"] = "canary"
    properties["allicloud"] = {"region": "canary"}
    cpi.path.write_text(json.dumps(document))
    answer = cpi.call("has_disk", "d-1", context={"acces_key_id": "canary"})
    assert answer.result is False
    assert "canary" not in answer.stderr
    ignored = [text for text in texts(answer) if "unknown properties are ignored" in text]
    names = f"agent.ntpd, alicloud.defualt_key_name, alicloud.{'x' * 64}, allicloud"
    assert ignored == [
        f"cpi.json: unknown properties are ignored: {names}",
        "the call's context: unknown properties are ignored: acces_key_id",
    ]


def test_known_keys_are_not_named(cpi: Cpi) -> None:
    """All that the job renders, also what only older releases use; and what a Director sends."""
    document = json.loads(cpi.path.read_bytes())
    document["cloud"]["properties"] |= {"registry": {}, "debug": {"cpi": {"api_version": 2}}}
    cpi.path.write_text(json.dumps(document))
    answer = cpi.call("has_disk", "d-1", context={"region": REGION, "default_key_name": "a"})
    assert "unknown" not in answer.stderr


def test_a_wait_that_fails_is_one_line_too(cpi: Cpi) -> None:
    """It tells the last state, like the error that it ends in."""
    cpi.sim.set_pace(disk__create=10_000)
    answer = cpi.call("create_disk", 20480, {})
    assert answer.type == "CloudError"
    lines = [text for text in texts(answer, method="create_disk") if "stopped waiting" in text]
    pattern = (
        r"stopped waiting for disk '\S+' to be Available after 300.0 s \(\d+ reads\), last state: "
    )
    assert re.match(f"{pattern}Creating", lines[0])


def test_a_failure_is_one_line_with_its_type_and_message(cpi: Cpi) -> None:
    """What the Director shows stands in the log of the call as well."""
    answer = cpi.call("set_disk_metadata", "d-1", {"a": "b"})
    assert texts(answer, method="set_disk_metadata")[-1] == (
        "Bosh::Clouds::DiskNotFound: Disk 'd-1' not found"
    )


@pytest.mark.parametrize("method", ["has_disk", "delete_disk", "nope"])
def test_the_log_field_of_the_answer_stays_empty(cpi: Cpi, method: str) -> None:
    """The Director shows both, and a line in each would be shown twice."""
    assert cpi.call(method, "d-1").log == ""


def test_the_lines_of_a_process_are_the_same(cpi: Cpi) -> None:
    """Nothing else reaches stderr: no warning of a library, no line of the SDK."""
    answer = run(["--config", str(cpi.path)], cpi.request("has_disk", ["d-1"]))
    assert len(requests(answer)) == len(texts(answer)) == 1


def test_a_call_without_a_request_id_has_a_dash(cpi: Cpi) -> None:
    """create-env sends none."""
    answer = cpi.send(b'{"method": "has_disk", "arguments": ["d-1"]}')
    assert texts(answer, request_id="-")


@pytest.mark.parametrize(
    "request_id",
    [
        "x\n2026-01-01T00:00:00.000Z ERROR cpi-1 has_disk: forged",
        "a\r\u2028\x85b",
        "%s%d{0}%(x)s",
        "a b: c",
        "\x1b[31mred",
        "x" * 5000,
        7,
        None,
        ["a"],
        {"a": "\n"},
        "\x00",
        "é漢",
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_request_id_cannot_forge_a_line(cpi: Cpi, request_id: object) -> None:
    """It is one word on each line, whatever it was."""
    answer = cpi.call("has_disk", "d-1", context={"request_id": request_id})
    for line in answer.stderr.splitlines():
        assert LINE.fullmatch(line)
        assert "forged" not in line.partition(" has_disk: ")[2]
        assert len(line) < 300
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\x85", "\x1b[2K"])
@pytest.mark.parametrize("said_by", ["caller", "cloud"])
def test_nobodys_words_can_forge_a_line(cpi: Cpi, sim: Simulator, said_by: str, end: str) -> None:
    """Ids of the caller and messages of the cloud are escaped where they would end a line."""
    forged = f"x{end}2026-01-01T00:00:00.000Z ERROR cpi-1 has_disk: forged"
    if said_by == "cloud":
        sim.add_fault(kind="error", code="Forbidden.RAM", message=forged, count=0)
    answer = cpi.call("set_disk_metadata", forged if said_by == "caller" else "d-1", {})
    assert answer.error
    for line in answer.stderr.splitlines():
        assert LINE.fullmatch(line)
        assert line.partition("Z ")[2].startswith(("INFO cpi-000042", "ERROR cpi-000042"))
    assert "\x1b" not in answer.stderr


def test_an_unexpected_exception_is_logged_with_its_traceback_indented(
    cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the type reaches the caller; lines of the traceback pass for no others."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("x\n2026-01-01T00:00:00.000Z ERROR cpi-1 has_disk: forged")

    monkeypatch.setattr("socket.getaddrinfo", broken)
    answer = cpi.call("has_disk", "d-1")
    assert answer.type == "CpiError"
    assert not answer.ok_to_retry
    assert answer.message == (
        "Internal error of the CPI: ZeroDivisionError; the log of this call has the details"
    )
    at = next(n for n, line in enumerate(answer.stderr.splitlines()) if "unexpected" in line)
    assert all(line.startswith("  ") for line in answer.stderr.splitlines()[at + 1 :])
    assert "Traceback" in answer.stderr
    assert sim.calls() == []


class Unreadable(PurePosixPath):
    """A path whose use is a bug."""

    def __fspath__(self) -> str:
        raise ZeroDivisionError


def test_an_unexpected_exception_of_info_is_logged_too(cpi: Cpi) -> None:
    """The message promises details in the log, so they have to be there."""
    stderr = io.StringIO()
    request = cpi.request("info", [])
    with contextlib.redirect_stderr(stderr):
        answer = parsed(Dispatcher(Unreadable("cpi.json"), cpi.clock).respond(request), "")
    assert answer.message.startswith("Internal error of the CPI: ZeroDivisionError")
    assert "Traceback" in stderr.getvalue()


def test_an_error_before_the_method_is_known_needs_no_log(cpi: Cpi) -> None:
    """What is wrong with the envelope is in the answer."""
    assert cpi.send(b"junk").stderr == ""
