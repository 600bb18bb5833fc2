"""VMs that answer: a bosh-agent for each instance, started and ended as the instance is.

A thread looks at the world a few times a second. An instance that is Running has an agent, with
the dummy platform and the dummy job supervisor; one that is not has none. A reboot is a new start
on the same folder; an instance that is gone takes its folder along. An agent that ends by itself
is not started again before its instance is. What it wrote last may hold a password: its log is
named, never quoted.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import agent_keeper
from .agent_files import AgentFiles, NoSettingsError
from .ecs.instances import Instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from .world import World

SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_TO_END = agent_keeper.SECONDS_TO_END + 5


@dataclass
class _Agent:
    """The agent of one instance; no process after it has ended, or if it never started."""

    files: AgentFiles
    created: float
    boot: float | None = None
    process: subprocess.Popen[bytes] | None = None
    port: int | None = None
    error: str = ""

    def state(self) -> str:
        """Name its state: running, failed, or stopped with its instance."""
        if self.process is not None:
            return "running"
        return "failed" if self.error else "stopped"


@dataclass
class Agents:
    """All agents of a world."""

    world: World
    program: str
    folder: Path
    report: Callable[[str], None]
    _agents: dict[str, _Agent] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look at the world."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.folder.glob("i-*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every agent and remove what they wrote; their logs stay."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._follow({})

    def states(self) -> list[dict[str, Any]]:
        """List the agents: instance, state, port of the message bus, log and error."""
        return [
            {
                "instance": instance_id,
                "state": agent.state(),
                "port": agent.port,
                "log": str(agent.files.log),
                "error": agent.error,
            }
            for instance_id, agent in list(self._agents.items())
        ]

    def _run(self) -> None:
        while not self._stopping.wait(SECONDS_BETWEEN_LOOKS):
            with self.world.turn():
                seen = {i.id: (i, i.created, _boot(i)) for i in self.world.all(Instance)}
            try:
                self._follow(seen)
            except OSError as error:
                self.report(f"agents: {error}")

    def _follow(self, seen: dict[str, tuple[Instance, float, float | None]]) -> None:
        """Make the agents what the instances are."""
        gone = [
            name
            for name, agent in self._agents.items()
            if name not in seen or seen[name][1] != agent.created
        ]
        changed = [
            name
            for name, agent in self._agents.items()
            if name not in gone and seen[name][2] != agent.boot
        ]
        self._end([self._agents[name] for name in (*gone, *changed)])
        for name in gone:
            self._agents.pop(name).files.remove()
        for name, (instance, created, boot) in seen.items():
            agent = self._agents.get(name)
            if agent is None:
                agent = self._agents[name] = _Agent(AgentFiles(self.folder, name), created)
            if boot != agent.boot:
                agent.boot = boot
                if boot is not None:
                    self._begin(name, agent, instance.user_data)
            self._check(name, agent)

    def _begin(self, name: str, agent: _Agent, user_data: str) -> None:
        taken = [other.port for other in self._agents.values() if other.process and other.port]
        try:
            agent.port = agent.files.write(user_data, taken)
            arguments = ["-P", "dummy", "-M", "dummy", "-b", str(agent.files.base)]
            command = [self.program, *arguments, "-C", str(agent.files.config)]
            agent.files.log.touch(mode=0o600)
            with agent.files.log.open("ab") as log:
                agent.process = subprocess.Popen(  # noqa: S603 - it is the caller's program
                    [sys.executable, "-I", str(Path(agent_keeper.__file__)), *command],
                    cwd=agent.files.folder,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        except (NoSettingsError, OSError) as error:
            agent.error = str(error)
            self.report(f"agent of {name}: not started, {error}")
            return
        agent.error = ""
        bus = f"message bus on port {agent.port}, " if agent.port else ""
        self.report(f"agent of {name}: started, {bus}log {agent.files.log}")

    def _check(self, name: str, agent: _Agent) -> None:
        """Notice an agent that has ended by itself."""
        if agent.process is None or agent.process.poll() is None:
            return
        status = agent.process.returncode
        _close(agent.process)
        agent.process = None
        agent.error = f"ended with status {status}, see {agent.files.log}"
        if status == agent_keeper.NOT_STARTED:
            agent.error = f"{self.program} cannot be started, see {agent.files.log}"
        self.report(f"agent of {name}: {agent.error}")

    def _end(self, agents: list[_Agent]) -> None:
        """End agents, all at the same time."""
        running = [agent for agent in agents if agent.process is not None]
        for agent in running:
            if agent.process is not None:
                _close(agent.process)
        for agent in running:
            if agent.process is not None:
                _wait(agent.process)
        for agent in agents:
            agent.process, agent.port, agent.error = None, None, ""


def _close(process: subprocess.Popen[bytes]) -> None:
    """Close the keeper's stdin, at which it ends."""
    if process.stdin is not None:
        process.stdin.close()


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _boot(instance: Instance) -> float | None:
    """Tell when an instance that is running was started; None for any other."""
    return instance.started_at if instance.status == "Running" else None
