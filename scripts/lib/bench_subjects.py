"""Whose calls the bench measures, ours or the Go release's, and one call measured.

A call's time is split by what the simulated cloud did meanwhile: the cloud's time is that in which
a change was under way or a request was being answered; what is left of the wall time is its own.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from bench_go import as_go_has_it, as_go_takes_them
from bench_processes import ENVIRONMENT, Runner

from alicloud_sim.__main__ import cpi_settings

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
    """One call: what it answered and what it took, times in seconds."""

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
        """The time in which the cloud had nothing to do."""
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
        (folder / "ca.pem").write_text(sim.ca_pem)
        self.ask(sim.port)
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

    def ask(self, port: int) -> None:
        """Have the subject ask for the cloud at this port."""
        settings = cpi_settings(self.sim)
        if self.subject.is_go:
            as_go_has_it(settings)
        text = json.dumps(settings)
        self._config.write_text(text.replace(f":{self.sim.port}", f":{port}"))

    def call(self, method: str, *arguments: Any) -> Measured:
        """Make one call, once the cloud is at rest: not everybody waits for what they began."""
        self.settle()
        return self.at_once(method, *arguments)

    def at_once(self, method: str, *arguments: Any) -> Measured:
        """Make one call, whatever the cloud is at work on."""
        context = {
            "director_uuid": "bench",
            "request_id": "cpi-1",
            "vm": {"stemcell": {"api_version": 3}},
        }
        version = 2 if self.subject.is_go else 3
        request = {"method": method, "context": context, "api_version": version}
        known = as_go_takes_them(method, arguments) if self.subject.is_go else arguments
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
        """Make one call that has to end well.

        :raises RuntimeError: it did not
        """
        done = self.call(method, *arguments)
        if done.error:
            raise RuntimeError(f"{self.subject.name}: {method}: {done.error}")
        return done

    def reset(self, pace: str, **keys: float) -> None:
        """Give the subject a cloud as good as new."""
        self.sim.reset()
        self.sim.set_pace(pace, **keys)
        if self.subject.is_go:
            # It sends parameters that its actions do not have, and user data to a VM that runs.
            lenient = {"unknown_parameters": "ignored", "user_data.needs_stopped": False}
            self.sim.seed({"settings": lenient})

    def settle(self) -> None:
        """Wait until the cloud has done what it was asked for."""
        while any(change["ended"] is None for change in self.sim.changes()):
            time.sleep(0.05)

    def _work(self, calls: list[dict[str, Any]]) -> list[tuple[float, float]]:
        answering = [(call["time"], call["time"] + call["duration"]) for call in calls]
        return answering + [(row["began"], row["due"]) for row in self.sim.changes()]


def busy(work: list[tuple[float, float]], start: float, end: float) -> float:
    """Tell for how many seconds between start and end something of the work went on."""
    total, reached = 0.0, start
    for began, ended in sorted(work):
        total += max(0.0, min(ended, end) - max(began, reached))
        reached = max(reached, ended)
    return total


def ours(python: str, cpi: str) -> Subject:
    """Return this CPI: the tree's sources, started as bin/cpi does it, or an installed bin/cpi."""
    if cpi:
        return Subject("ours", (cpi,), {"BOSH_JOBS_DIR": "FOLDER", **packages(cpi)})
    starter = str(Path(__file__).with_name("cpi.py"))
    command = (python, "-I", "-S", "-X", "utf8", starter, "--config", "CONFIG")
    return Subject("ours", command, {})


def packages(cpi: str) -> dict[str, str]:
    """Tell an installed bin/cpi where its packages lie: beside its jobs."""
    found = Path(cpi).resolve().parents[3] / "packages"
    return {"BOSH_PACKAGES_DIR": str(found)} if found.is_dir() else {}


def go(binary: str) -> Subject:
    """Return the Go release."""
    command = (binary, "-configFile=CONFIG")
    return Subject("Go", command, {"SSL_CERT_FILE": "FOLDER/ca.pem"}, is_go=True)
