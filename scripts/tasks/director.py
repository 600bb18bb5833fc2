"""Makes calls as processes of the CPI, and reports each with the API calls it made."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tasks import lifecycle, stemcell

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from alicloud_sim import Simulator

# What a Director leaves of the environment.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}

SECONDS_BETWEEN_LOOKS = 0.1

NAMES = {
    "image": "image",
    "instance": "VM",
    "disk": "disk",
    "snapshot": "snapshot",
    "eni": "network interface",
    "oss_bucket": "bucket",
}


class Call(NamedTuple):
    """One call of the CPI and what came of it."""

    number: int
    method: str
    meaning: str
    seconds: float
    requests: int
    api_calls: str
    result: str
    error: str
    exists: str


class Progress(NamedTuple):
    """What the cloud is at work on while a call runs: a text, and how much is done of 1."""

    text: str
    share: float


# Shows what the cloud is at work on while a call runs.
Show = Callable[[Progress | None], None]


class Output(Protocol):
    """What calls are shown on."""

    def running(self, number: int, method: str, meaning: str) -> AbstractContextManager[Show]:
        """Show that a call runs, for as long as the context lasts."""

    def call(self, call: Call) -> None:
        """Write what came of a call."""


class Director:
    """Makes calls, one process each."""

    def __init__(
        self, sim: Simulator, command: list[str], environment: dict[str, str], output: Output
    ) -> None:
        self._sim = sim
        self._command = command
        self._environment = environment
        self._output = output
        self._before = lifecycle.ids(lifecycle.resources(sim))
        self._calls: list[Call] = []

    def call(self, meaning: str, method: str, *arguments: Any) -> Any:
        """Make a call and return its result.

        :raises CallFailed: the CPI answered an error
        """
        response = self._call(meaning, method, arguments)
        if response["error"]:
            raise lifecycle.CallFailed(method)
        return response["result"]

    def refused(self, meaning: str, method: str, *arguments: Any) -> None:
        """Make a call that has to end with an error.

        :raises CallFailed: it did not
        """
        if not self._call(meaning, method, arguments, show_log=False)["error"]:
            raise lifecycle.CallFailed(method)

    def _call(
        self, meaning: str, method: str, arguments: tuple[Any, ...], *, show_log: bool = True
    ) -> dict[str, Any]:
        """Make a call, show what came of it, and return the response."""
        number = len(self._calls) + 1
        request = {
            "method": method,
            "arguments": arguments,
            "context": {
                "director_uuid": "demo",
                "request_id": f"cpi-{number:06}",
                "vm": {"stemcell": {"api_version": 3}},
            },
            "api_version": 3,
        }
        first = len(self._sim.calls())
        start = time.monotonic()
        with self._output.running(number, method, meaning) as show:
            response, log = self._run(json.dumps(request), first, show)
        error = response["error"]
        api_calls = self._sim.calls()[first:]
        call = Call(
            number,
            method,
            meaning,
            time.monotonic() - start,
            len(api_calls),
            summary_of(api_calls),
            json.dumps(response["result"]),
            _described(error, log if show_log else "") if error else "",
            self.exists(),
        )
        self._calls.append(call)
        self._output.call(call)
        return response

    def _run(self, request: str, first: int, show: Show) -> tuple[dict[str, Any], str]:
        """Run the executable, and show what the cloud does meanwhile."""
        with subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            text=True,
        ) as process:
            text: str | None = request
            while True:
                try:
                    stdout, log = process.communicate(text, SECONDS_BETWEEN_LOOKS)
                    break
                except subprocess.TimeoutExpired:
                    text = None
                    show(self._progress(first))
                except KeyboardInterrupt:
                    process.kill()
                    raise
        return json.loads(stdout), log

    def _progress(self, first: int) -> Progress | None:
        """Return what a look at the cloud shows: an upload, or the change that ends last."""
        changes = [
            change
            for change in self._sim.changes()
            if change["ended"] is None and change["record"][0] in NAMES
        ]
        if changes:
            change = max(changes, key=lambda one: one["due"])
            kind, name = change["record"][:2]
            now = self._sim.state()["clock"]["seconds"]
            share = _share(now - change["began"], change["due"] - change["began"])
            return Progress(f"waiting for {NAMES[kind]} {name}", share)
        parts = [call for call in self._sim.calls()[first:] if call["action"] == "UploadPart"]
        if parts:
            sent = sum(call["bytes_in"] for call in parts)
            data = stemcell.data_bytes(stemcell.IMAGE_MIB)
            text = f"uploading, {sent // stemcell.MIB} of {data // stemcell.MIB} MiB of data"
            return Progress(text, _share(sent, data))
        return None

    def exists(self) -> str:
        """Say what exists that was not there before the demo."""
        found = lifecycle.resources(self._sim)
        texts = []
        for kind, rows in found.items():
            new = [row for cid, row in rows.items() if cid not in self._before[kind]]
            if new:
                states = Counter(row["status"] for row in new)
                name = NAMES[kind] + ("s" if len(new) > 1 else "")
                counted = (f"{count} {state}" for state, count in states.items())
                shown = ", ".join(counted) if len(states) > 1 else next(iter(states))
                texts.append(f"{len(new)} {name} ({shown})")
        return "; ".join(texts)

    def summary(self) -> str:
        """Say what all calls took."""
        seconds = sum(call.seconds for call in self._calls)
        requests = len(self._sim.calls())
        return f"{len(self._calls)} calls of the CPI, {requests} API calls, {seconds:.1f} s"


def summary_of(api_calls: list[dict[str, Any]]) -> str:
    """Name API calls in their order, each action once."""
    counts = Counter(call["action"] for call in api_calls)
    return ", ".join(f"{name} x{count}" if count > 1 else name for name, count in counts.items())


def _described(error: dict[str, Any], log: str) -> str:
    repeat = "can succeed" if error["ok_to_retry"] else "cannot succeed"
    text = f"{error['type']}: {error['message']} (a repeat {repeat})"
    return f"{text}\n{log}" if log else text


def _share(part: float, whole: float) -> float:
    return min(1.0, max(0.0, part / whole)) if whole > 0 else 1.0
