"""The executable as a caller starts it: one JSON answer on stdout and exit status 0, always."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, Answer, parsed, run

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

INFO = b'{"method": "info", "arguments": []}'
HAS_DISK = b'{"method": "has_disk", "arguments": ["d-1"], "context": {"request_id": "cpi-1"}}'


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        (b"", "CpiError"),
        (b"junk", "CpiError"),
        (b"x" * 1_000_000, "CpiError"),
        (bytes(range(256)) * 100, "CpiError"),
        (b"[" * 200_000, "CpiError"),
        (b"[1]", "CpiError"),
        (b'{"method": "has_disk", "arguments": ["d-1"]}', ""),
        (b'{"method": "has_disk", "arguments": ["d-\\u0000"]}', ""),
        (b'{"method": "has_disk", "arguments": ["\\ud800"]}', "CpiError"),
        (b'{"method": "has_disk", "arguments": [NaN]}', "CpiError"),
        (b'{"method": "has_disk", "arguments": [1]}', "CpiError"),
        (b'{"method": "nope", "arguments": []}', "NotImplemented"),
    ],
    ids=lambda value: repr(value[:40]),
)
def test_whatever_stands_on_stdin_the_process_answers_and_exits_with_0(
    cpi: Cpi, text: bytes, type_: str
) -> None:
    """create-env discards the JSON error of a process that exits otherwise."""
    answer = run(["--config", str(cpi.path)], text)
    assert answer.type == type_
    assert "Traceback" not in answer.message


def test_a_closed_stdin_is_an_empty_request(cpi: Cpi) -> None:
    """Not even that is a reason to say nothing."""
    script = f'exec "{sys.executable}" -m alicloud_cpi --config "{cpi.path}" <&-'
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert parsed(done.stdout.decode(), done.stderr.decode()).type == "CpiError"


@pytest.mark.parametrize("spelling", ["--config", "-config", "--configFile", "-configFile"])
@pytest.mark.parametrize("joined", [True, False])
def test_the_configuration_is_named_as_we_and_as_the_go_cpi_spell_it(
    cpi: Cpi, spelling: str, *, joined: bool
) -> None:
    """``--config FILE`` is ours, ``-configFile=FILE`` is what bin/cpi of the Go release writes."""
    options = [f"{spelling}={cpi.path}"] if joined else [spelling, str(cpi.path)]
    assert run(options, INFO).error is None


@pytest.mark.parametrize("options", [[], ["--config"], ["--other", "x"], ["cpi.json"]])
@pytest.mark.parametrize("text", [INFO, HAS_DISK])
def test_without_a_configuration_the_answer_says_how_to_give_one(
    options: list[str], text: bytes
) -> None:
    """A wrong command line is answered like any other error."""
    answer = run(options, text)
    assert answer.type == "CpiError"
    assert "--config FILE" in answer.message


@pytest.mark.parametrize("text", [INFO, HAS_DISK])
@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"[]", b"null", b"\xff\xfe", b'"cpi.json"', b"[" * 100_000],
    ids=repr,
)
def test_a_configuration_that_is_no_json_object_is_named(
    tmp_path: Path, content: bytes | None, text: bytes
) -> None:
    """Absent or broken: the message tells the file, and what is wrong with it."""
    path = tmp_path / "cpi.json"
    if content is not None:
        path.write_bytes(content)
    answer = run(["--config", str(path)], text)
    assert answer.type == "CpiError"
    assert str(path) in answer.message


def test_a_configuration_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    """A directory stands for what the operating system does not let us read."""
    answer = run(["--config", str(tmp_path)], HAS_DISK)
    assert answer.type == "CpiError"
    assert f"Cannot read the configuration '{tmp_path}': Is a directory" in answer.message


def test_a_path_that_is_no_text_is_answered_too(tmp_path: Path) -> None:
    """File names are bytes: what cannot be shown is shown otherwise."""
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"alicloud_cpi", b"--config", bytes(tmp_path) + b"/\xff"],
        input=HAS_DISK,
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert parsed(done.stdout.decode(), done.stderr.decode()).type == "CpiError"


def test_an_unknown_region_is_an_error_of_the_cloud_that_names_it(cpi: Cpi, sim: Simulator) -> None:
    """The cloud knows its regions; the message tells which one was asked for."""
    cpi.configure(region="cn-nowhere")
    answer = run(["--config", str(cpi.path)], HAS_DISK)
    assert answer.type == "CloudError"
    assert "cn-nowhere" in answer.message
    assert [call["action"] for call in sim.calls()] == ["DescribeDisks"]


def test_the_console_script_answers_like_the_module(cpi: Cpi) -> None:
    """``alicloud-cpi`` is what an installation offers."""
    script = Path(sys.executable).with_name("alicloud-cpi")
    done = subprocess.run(
        [script, "--config", str(cpi.path)],
        input=INFO,
        capture_output=True,
        env=DIRECTORS_ENVIRONMENT,
        check=True,
        timeout=60,
    )
    assert parsed(done.stdout.decode(), done.stderr.decode()).result["api_version"] == 3


def test_help_is_text_and_takes_no_request() -> None:
    """For whoever starts it by hand."""
    done = subprocess.run(
        [sys.executable, "-m", "alicloud_cpi", "--help"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert b"--config" in done.stdout


def test_stdout_holds_one_line_of_ascii(cpi: Cpi) -> None:
    """The Director reads byte by byte and strips every locale: ASCII is safe everywhere."""
    text = json.dumps({"method": "attach_disk", "arguments": ["i-é漢", "d-1"]}).encode()
    done = subprocess.run(
        [sys.executable, "-m", "alicloud_cpi", "--config", str(cpi.path)],
        input=text,
        capture_output=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        check=True,
        timeout=60,
    )
    assert done.stdout.isascii()
    assert done.stdout.count(b"\n") == 1
    assert done.stdout.endswith(b"}\n")


def test_an_answer_holds_nothing_but_the_three_keys(cpi: Cpi) -> None:
    """``log`` stays empty: its lines would be shown a second time."""
    answer: Answer = run(["--config", str(cpi.path)], HAS_DISK)
    assert answer.log == ""
    assert answer.stderr
