"""``alicloud-cpi trace``: a call's requests and waits as a timeline."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE
from support.tools import tool

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.vms import Vms

CALL = """\
2026-11-29T10:00:00.100Z INFO cpi-1 create_disk: CreateDisk region=r 0.100 s Throttling.User \
RequestId=A attempt=1
2026-11-29T10:00:02.200Z INFO cpi-1 create_disk: CreateDisk region=r 0.100 s 200 RequestId=B \
attempt=2
2026-11-29T10:00:02.300Z INFO cpi-1 create_disk: DescribeDisks region=r 0.100 s 200 RequestId=C \
attempt=1
2026-11-29T10:00:02.900Z INFO cpi-1 create_disk: DescribeDisks region=r 0.100 s 200 RequestId=D \
attempt=1
2026-11-29T10:00:02.900Z INFO cpi-1 create_disk: waited 0.7 s (2 reads) for \
disk 'd-1' to be Available
2026-11-29T10:00:03.000Z WARNING cpi-1 create_disk: the tags of disk 'd-1' were not set: no
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Give the log of one call of three seconds."""
    path = tmp_path / "cpi.log"
    path.write_text(CALL)
    return path


def test_where_the_time_went(log: Path) -> None:
    """0.4 s of requests, 2 s before a repetition and 0.5 s between looks, the rest is own time."""
    done = tool("trace", log)
    assert done.returncode == 0
    head, shares, _, *rows = done.stdout.splitlines()
    assert head == (
        "create_disk cpi-1: 3.00 s, 4 requests, 1 repeated, 1 refused or unanswered, ok"
    )
    assert shares == "cloud 0.40 s (13 %), waiting 2.50 s (83 %), own 0.10 s (3 %)"
    assert [row.split("|")[0].split(None, 2)[2].strip() for row in rows] == [
        "CreateDisk",
        "pause before CreateDisk again",
        "CreateDisk",
        "disk 'd-1' to be Available",
        "DescribeDisks",
        "DescribeDisks",
    ]
    assert rows[0].endswith("Throttling.User")
    assert "x" in rows[0].split("|")[1]
    assert rows[2].endswith("200, attempt 2")


def test_requests_that_overlap(tmp_path: Path) -> None:
    """Parts of an upload are sent at once: cloud time counts once."""
    lines = [
        f"2026-11-29T10:00:0{n}.000Z INFO cpi-1 create_stemcell: UploadPart of object o region=r "
        f"2.000 s 200 RequestId=A attempt=1\n"
        for n in (2, 3)
    ]
    (tmp_path / "log").write_text("".join(lines))
    shares = tool("trace", tmp_path / "log").stdout.splitlines()[1]
    assert shares == (
        "cloud 3.00 s (100 %), waiting 0.00 s (0 %), own 0.00 s (0 %); "
        "1.00 s of requests overlapped"
    )


def test_by_the_script_of_the_job(log: Path) -> None:
    """bin/cpi adds the configuration to every command."""
    assert tool("trace", log, "--config", "cpi.json").returncode == 0


def test_several_calls(log: Path) -> None:
    """They are listed; ``--call`` chooses one. Lines of calls at the same time are mixed."""
    other = CALL.replace("cpi-1", "cpi-22").replace("create_disk", "resize_disk").splitlines()
    mixed = [line for pair in zip(CALL.splitlines(), other, strict=True) for line in pair]
    log.write_text(
        "\n".join([*mixed, "2026-11-29T10:00:04.000Z ERROR cpi-22 resize_disk: A::B: no"])
    )
    done = tool("trace", log)
    assert done.stdout.startswith("2 calls; show one with --call ID")
    assert re.search(r"cpi-22 +resize_disk +4 requests .* A::B$", done.stdout, re.MULTILINE)
    chosen = tool("trace", log, "--call", "cpi-22").stdout
    assert chosen.startswith("resize_disk cpi-22: 4.00 s, 4 requests")
    refused = tool("trace", log, "--svg", log.with_name("a.svg"))
    assert refused.returncode == 1
    assert "choose one with --call ID" in refused.stderr


def test_calls_without_an_id_follow_each_other(log: Path) -> None:
    """create-env sends no request id: each method is a call."""
    text = CALL.replace("cpi-1", "-")
    log.write_text(text + text.replace("create_disk", "attach_disk") + text)
    methods = re.findall(r"-  (\w+)  ", tool("trace", log).stdout)
    assert sorted(methods) == ["attach_disk", "create_disk", "create_disk"]


def test_a_prefix_of_the_director_and_other_lines_are_skipped(log: Path) -> None:
    """What `bosh task --debug` writes before a line does not matter."""
    log.write_text("junk\n" + "".join(f"D, [1] DEBUG -- : {line}\n" for line in CALL.splitlines()))
    assert "create_disk cpi-1: 3.00 s, 4 requests" in tool("trace", log).stdout
    assert "4 requests" in tool("trace", "-", text=CALL).stdout


def test_a_picture(log: Path) -> None:
    """SVG with a bar per request and wait; texts of the log cannot break it."""
    log.write_text(CALL.replace("disk 'd-1' to be", "<b>&disk to be"))
    path = log.with_name("call.svg")
    assert tool("trace", log, "--svg", path).returncode == 0
    root = ET.fromstring(path.read_text("utf-8"))  # noqa: S314 - our own
    shown = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "<b>&disk to be Available" in shown
    assert len(list(root.iter("{http://www.w3.org/2000/svg}rect"))) == 1 + 6


@pytest.mark.parametrize("content", [None, "", "no line of ours\n"])
def test_nothing_to_show(tmp_path: Path, content: str | None) -> None:
    """The message names the file."""
    path = tmp_path / "cpi.log"
    if content is not None:
        path.write_text(content)
    done = tool("trace", path)
    assert done.returncode == 1
    assert str(path) in done.stderr
    assert done.stdout == ""


def test_no_such_call_and_no_such_folder(log: Path) -> None:
    """Both are named."""
    assert "has no line of 'cpi-9'" in tool("trace", log, "--call", "cpi-9").stderr
    assert "Cannot write the picture" in tool("trace", log, "--svg", log / "a.svg").stderr


def test_the_log_of_a_real_call(cpi: Cpi, sim: Simulator, vms: Vms, tmp_path: Path) -> None:
    """Every request that the cloud saw is in the timeline, and the shares add up to the whole."""
    sim.resume()
    sim.set_pace("instant", grace=0.05)
    answer = cpi.process("create_vm", *vms.arguments(ephemeral_disk={"size": 20480}))
    (tmp_path / "log").write_text(answer.stderr)
    head, shares, _, *rows = tool("trace", tmp_path / "log").stdout.splitlines()
    assert f"{len(sim.calls())} requests" in head
    requests = [row.split("|")[0].split(None, 2)[2].strip() for row in rows if "reads" not in row]
    assert sorted(requests) == sorted(str(call["action"]) for call in sim.calls())
    whole = float(re.findall(r"([\d.]+) s,", head)[0])
    assert sum(map(float, re.findall(r"([\d.]+) s", shares))) == pytest.approx(whole, abs=0.03)


def test_a_reader_that_has_seen_enough(cpi: Cpi, log: Path) -> None:
    """``| head`` ends a command without a traceback, leftovers too."""
    for command in (f"trace {log}", f"leftovers --config {cpi.path}"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"(sleep 1; {sys.executable} -m alicloud_cpi {command}) | true"],
            env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr


def test_the_output_of_leftovers_is_complete(cpi: Cpi, vms: Vms, sim: Simulator) -> None:
    """As a process of its own, it prints all that it finds."""
    cid = vms.make()
    sim.resume()
    done = tool("leftovers", "--config", cpi.path)
    assert cid in done.stdout
