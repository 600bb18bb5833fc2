"""scripts/demo tells what happens: each call, its meaning, its API calls, its time, what exists."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from itertools import pairwise
from typing import NamedTuple

import pytest

from docs.documents import ROOT

SECONDS = 45
HEAD = re.compile(r"^ ?(\d+) (\w+) \((\d+\.\d\d) s\): (.+)$", re.MULTILINE)


class Shown(NamedTuple):
    """What a terminal shows, and how long it took."""

    text: str
    seconds: float


def on_a_terminal(**environment: str) -> Shown:
    """Run the demo on a terminal."""
    start = time.monotonic()
    ours, theirs = pty.openpty()
    variables = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "COLUMNS": "120"}
    with subprocess.Popen(
        [ROOT / "scripts" / "demo"],
        env={**variables, **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:
            pass  # Linux: the other end is closed
        os.close(ours)
    text = b"".join(parts).decode().replace("\r\n", "\n")
    assert process.returncode == 0, text
    return Shown(text, time.monotonic() - start)


@pytest.fixture(scope="module")
def plain() -> Shown:
    """Run the demo once, with NO_COLOR."""
    return on_a_terminal(NO_COLOR="1")


def test_plain_text_tells_the_story(plain: Shown) -> None:
    """NO_COLOR: no escape sequence; every call has its lines; all of it in 45 seconds.

    More where processes wait for a processor.
    """
    assert "\x1b" not in plain.text
    assert plain.seconds < SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    heads = list(HEAD.finditer(plain.text))
    assert [int(head[1]) for head in heads] == list(range(1, len(heads) + 1))
    assert len(heads) > 20
    assert {"create_vm", "attach_disk", "snapshot_disk", "delete_vm"} <= {h[2] for h in heads}
    ends = [*(head.start() for head in heads[1:]), plain.text.index("What to try next")]
    for head, end in zip(heads, ends, strict=True):
        lines = plain.text[head.end() : end].splitlines()
        names = [line.strip().partition(":")[0] for line in lines if line.startswith("     ")]
        assert names[0] == "API calls"
        assert names[-1] == "exists now"
    create_vm = plain.text[heads[2].start() : heads[3].start()]
    order = ["CreateInstance", "DescribeInstances", "StartInstance", "1 VM (Running)", "2 disks"]
    assert all(one in create_vm for one in order)
    assert all(create_vm.index(a) < create_vm.index(b) for a, b in pairwise(order[::2]))
    assert "exists now: nothing\n\n" in plain.text


def test_it_shows_what_happens_when_the_cloud_fails(plain: Shown) -> None:
    """A lost response, an HTTP 503, and a VM that is deleted again; all of it ends well."""
    text = plain.text.partition("When the cloud fails")[2]
    heads = list(HEAD.finditer(text))
    assert [head[2] for head in heads] == ["create_disk", "delete_disk", "create_vm"]
    ends = [*(head.start() for head in heads[1:]), text.index("What to try next")]
    created, deleted, refused = (
        text[head.end() : end] for head, end in zip(heads, ends, strict=True)
    )
    assert "CreateDisk x2" in created
    assert "exists now: 1 disk (Available)" in created
    assert "DeleteDisk x2" in deleted
    assert "error: Bosh::Clouds::VMCreationFailed: " in refused
    assert "Cleaned up: VM 'i-" in refused
    assert all("exists now: nothing" in one for one in (deleted, refused))


def test_the_end_says_what_to_try_next() -> None:
    """On a terminal in color, with what is under way shown; the files that it names exist."""
    shown = on_a_terminal()
    assert "\x1b[" in shown.text
    assert "waiting for VM i-" in shown.text
    assert "uploading, " in shown.text
    end = shown.text.partition("What to try next")[2]
    named = re.findall(r"(?:\./scripts|docs|examples)/[\w./-]+", end)
    assert len(named) > 4
    assert [name for name in named if not (ROOT / name).exists()] == []
