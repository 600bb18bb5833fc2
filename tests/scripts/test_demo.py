"""scripts/demo tells what happens: each call, its meaning, its API calls, its time, what exists."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from itertools import pairwise
from typing import NamedTuple

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


def test_plain_text_tells_the_story() -> None:
    """NO_COLOR: no escape sequence; every call has its lines; all of it in 45 seconds."""
    shown = on_a_terminal(NO_COLOR="1")
    assert "\x1b" not in shown.text
    assert shown.seconds < SECONDS
    heads = list(HEAD.finditer(shown.text))
    assert [int(head[1]) for head in heads] == list(range(1, len(heads) + 1))
    assert len(heads) > 20
    assert {"create_vm", "attach_disk", "snapshot_disk", "delete_vm"} <= {h[2] for h in heads}
    ends = [*(head.start() for head in heads[1:]), shown.text.index("What to try next")]
    for head, end in zip(heads, ends, strict=True):
        lines = shown.text[head.end() : end].splitlines()
        names = [line.strip().partition(":")[0] for line in lines if line.startswith("     ")]
        assert names[0] == "API calls"
        assert names[-1] == "exists now"
    create_vm = shown.text[heads[2].start() : heads[3].start()]
    order = ["CreateInstance", "DescribeInstances", "StartInstance", "1 VM (Running)", "2 disks"]
    assert all(one in create_vm for one in order)
    assert all(create_vm.index(a) < create_vm.index(b) for a, b in pairwise(order[::2]))
    assert "exists now: nothing\n\n" in shown.text


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
