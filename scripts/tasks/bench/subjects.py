"""The CPIs that the bench measures, ours and the Go release's, and the measurement of one call.

A call's time is split: the cloud's part is that in which a change was under way or a request was
being answered in the simulator; the rest of the wall time is the call's own.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from alicloud_sim.__main__ import cpi_settings
from tasks.bench.go_release import arguments_for_go, settings_for_go
from tasks.bench.processes import ENVIRONMENT, Runner

if TYPE_CHECKING:
    from types import TracebackType

    from alicloud_sim import Simulator


class Subject(NamedTuple):
    """An executable; CONFIG in its command and FOLDER in its environment are filled in."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str]
    is_go: bool = False


class Measured(NamedTuple):
    """One call: its response and what it took, times in seconds."""

    method: str
    result: Any
    error: Any
    began: float
    seconds: float
    cpu: float
    peak_mib: float
    cloud: float
    requests: int
    connections: int

    @property
    def own(self) -> float:
        """The part of the wall time in which the cloud did nothing."""
        return self.seconds - self.cloud


class Stage:
    """A subject, configured for a simulator."""

    def __init__(self, subject: Subject, sim: Simulator) -> None:
        self.subject = subject
        self.sim = sim
        self._runner = Runner()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self._config = folder / "alicloud_cpi" / "config" / "cpi.json"
        self._config.parent.mkdir(parents=True)
        self._config.touch(mode=0o600)
        self._config.with_name("environment").touch()  # an installed bin/cpi reads it
        (folder / "ca.pem").write_text(sim.ca_pem)
        self.connect_to(sim.port)
        self._command = [part.replace("CONFIG", str(self._config)) for part in subject.command]
        self._environment = {
            **ENVIRONMENT,
            **{
                name: value.replace("FOLDER", str(folder))
                for name, value in subject.environment.items()
            },
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._runner.close()
        self._folder.cleanup()

    def connect_to(self, port: int) -> None:
        """Configure the subject for the cloud at this port."""
        settings = cpi_settings(self.sim)
        if self.subject.is_go:
            settings_for_go(settings)
        text = json.dumps(settings)
        self._config.write_text(text.replace(f":{self.sim.port}", f":{port}"))

    def call(self, method: str, *arguments: Any) -> Measured:
        """Make one call when the cloud is at rest: the Go release leaves changes under way."""
        self.settle()
        return self.at_once(method, *arguments)

    def at_once(self, method: str, *arguments: Any) -> Measured:
        """Make one call, whatever changes are under way."""
        context = {
            "director_uuid": "bench",
            "request_id": "cpi-1",
            "vm": {"stemcell": {"api_version": 3}},
        }
        version = 2 if self.subject.is_go else 3
        request = {"method": method, "context": context, "api_version": version}
        known = arguments_for_go(method, arguments) if self.subject.is_go else arguments
        text = json.dumps({**request, "arguments": known}).encode()
        before = len(self.sim.calls())
        found, stdout, stderr = self._runner.run(self._command, self._environment, text)
        try:
            answer = json.loads(stdout)
        except ValueError:
            answer = {"result": None, "error": stderr[-2000:] or "no answer"}
        calls = self.sim.calls()[before:]
        ended = found["began"] + found["seconds"]
        return Measured(
            method=method,
            result=answer["result"],
            error=answer["error"],
            began=found["began"],
            seconds=found["seconds"],
            cpu=found["cpu"],
            peak_mib=found["peak_mib"],
            cloud=busy(self._work(calls), found["began"], ended),
            requests=len(calls),
            connections=len({call["client_port"] for call in calls}),
        )

    def ok(self, method: str, *arguments: Any) -> Measured:
        """Make one call that has to succeed.

        :raises RuntimeError: it did not succeed
        """
        done = self.call(method, *arguments)
        if done.error:
            raise RuntimeError(f"{self.subject.name}: {method}: {done.error}")
        return done

    def reset(self, pace: str, **keys: float) -> None:
        """Reset the cloud."""
        self.sim.reset()
        self.sim.set_pace(pace, **keys)
        if self.subject.is_go:
            # It sends parameters that its actions do not have, and user data to a VM that runs.
            lenient = {"unknown_parameters": "ignored", "user_data.needs_stopped": False}
            self.sim.seed({"settings": lenient})

    def settle(self) -> None:
        """Wait until no change is under way."""
        while any(change["ended"] is None for change in self.sim.changes()):
            time.sleep(0.05)

    def _work(self, calls: list[dict[str, Any]]) -> list[tuple[float, float]]:
        answering = [(call["time"], call["time"] + call["duration"]) for call in calls]
        return answering + [(row["began"], row["due"]) for row in self.sim.changes()]


def busy(work: list[tuple[float, float]], start: float, end: float) -> float:
    """Return the seconds between start and end in which some of the work went on."""
    total, reached = 0.0, start
    for began, ended in sorted(work):
        total += max(0.0, min(ended, end) - max(began, reached))
        reached = max(reached, ended)
    return total


def ours(python: str, cpi: str) -> Subject:
    """Return this CPI: the tree's sources, started as bin/cpi does it, or an installed bin/cpi."""
    if cpi:
        return Subject("ours", (cpi,), {"BOSH_JOBS_DIR": "FOLDER", **packages(cpi)})
    starter = str(Path(__file__).parents[1] / "run_cpi.py")
    command = (python, "-I", "-S", "-X", "utf8", starter, "--config", "CONFIG")
    return Subject("ours", command, {})


def packages(cpi: str) -> dict[str, str]:
    """Return the variable with an installed bin/cpi's packages, which are beside its jobs."""
    found = Path(os.path.normpath(Path(cpi).resolve() / "../../../../packages"))
    return {"BOSH_PACKAGES_DIR": str(found)} if found.is_dir() else {}


def go(binary: str) -> Subject:
    """Return the Go release."""
    command = (binary, "-configFile=CONFIG")
    return Subject("Go", command, {"SSL_CERT_FILE": "FOLDER/ca.pem"}, is_go=True)
