"""One call of the CPI: JSON in, JSON out, against a simulated cloud.

``Cpi.call`` runs it in this process, on the simulator's clock: waiting moves the clock instead of
taking time. ``Cpi.process`` starts the executable as the Director does, in real time. Every answer
that is read here is searched for the access key's secret: the whole suite is a test of secrecy.
"""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi.rpc.dispatcher import Dispatcher
from alicloud_sim.__main__ import write_files
from alicloud_sim.seed import ACCESS_KEY_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alicloud_sim import Simulator

SOURCE = Path(__file__).parents[2] / "src"
TESTS = Path(__file__).parents[1]

# What no output may hold, whatever a test does.
NEVER_SHOWN = (ACCESS_KEY_SECRET,)

# What the Director leaves of the environment.
DIRECTORS_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class Answer(NamedTuple):
    """What a call answered, and what it wrote to stderr."""

    result: Any
    error: dict[str, Any] | None
    log: str
    stderr: str

    @property
    def type(self) -> str:
        """The error's type without its prefix, or empty for success."""
        return str(self.error["type"]).removeprefix("Bosh::Clouds::") if self.error else ""

    @property
    def message(self) -> str:
        """The error's message, or empty for success."""
        return str(self.error["message"]) if self.error else ""

    @property
    def ok_to_retry(self) -> bool:
        """What the error says of a repeat."""
        return bool(self.error and self.error["ok_to_retry"])


class SimClock:
    """The simulator's clock, as the CPI waits on it."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self.slept: list[float] = []

    def now(self) -> float:
        """Tell the world's time."""
        return self._sim.world.clock.now()

    def wall(self) -> float:
        """Tell the world's time."""
        return self._sim.world.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let the world's time pass."""
        self.slept.append(seconds)
        self._sim.advance(seconds)


class Cpi:
    """The CPI, configured for one simulator."""

    def __init__(self, sim: Simulator, folder: Path) -> None:
        write_files(sim, folder)
        self.sim = sim
        self.clock = SimClock(sim)
        self.path = folder / "cpi.json"
        self.api_version = 2
        self.stemcell_api_version: int | None = 3

    @property
    def properties(self) -> dict[str, Any]:
        """The alicloud properties of cpi.json; change them with ``configure``."""
        document = json.loads(self.path.read_bytes())
        found: dict[str, Any] = document["cloud"]["properties"]["alicloud"]
        return found

    def configure(self, **changes: Any) -> None:
        """Change alicloud properties in cpi.json; None removes one."""
        document = json.loads(self.path.read_bytes())
        properties = document["cloud"]["properties"]["alicloud"]
        properties.update(changes)
        for key in [key for key, value in properties.items() if value is None]:
            del properties[key]
        self.path.write_text(json.dumps(document))

    def request(
        self, method: str, arguments: Iterable[Any], context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Word a request as the Director does."""
        known: dict[str, Any] = {"director_uuid": "d-1", "request_id": "cpi-000042"}
        if self.stemcell_api_version is not None:
            known["vm"] = {"stemcell": {"api_version": self.stemcell_api_version}}
        envelope = {
            "method": method,
            "arguments": list(arguments),
            "context": {**known, **(context or {})},
            "api_version": self.api_version,
        }
        return json.dumps(envelope).encode()

    def call(
        self, method: str, *arguments: Any, context: Mapping[str, Any] | None = None
    ) -> Answer:
        """Run one call in this process, on the simulator's clock."""
        return self.send(self.request(method, arguments, context))

    def send(self, text: bytes) -> Answer:
        """Run one call in this process, whatever its text."""
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            answer = Dispatcher(self.path, self.clock).respond(text)
        return parsed(answer, stderr.getvalue())

    def ok(self, method: str, *arguments: Any, context: Mapping[str, Any] | None = None) -> Any:
        """Run one call that has to end well, and return its result."""
        answer = self.call(method, *arguments, context=context)
        assert answer.error is None, f"{answer.error}\n{answer.stderr}"
        return answer.result

    @contextlib.contextmanager
    def requests(self) -> Iterator[list[str]]:
        """Yield a list that the actions of all requests made in this block are added to."""
        before, actions = len(self.sim.calls()), list[str]()
        yield actions
        actions += [call["action"] for call in self.sim.calls()[before:]]

    def process(self, method: str, *arguments: Any) -> Answer:
        """Run one call as a process of its own, in real time."""
        return run(["--config", str(self.path)], self.request(method, arguments))

    def started(self, method: str, *arguments: Any) -> Started:
        """Start one call as a process of its own, whose waits move the simulator's clock."""
        options = [self.sim.plain_url, "--config", str(self.path)]
        return Started(options, self.request(method, arguments), "support.on_sim_time")


def run(
    options: list[str],
    text: bytes,
    environment: Mapping[str, str] | None = None,
    interpreter: list[str] | None = None,
) -> Answer:
    """Start the executable with this text on stdin; it must exit 0 and answer in JSON."""
    done = subprocess.run(
        [*(interpreter or [sys.executable]), "-m", "alicloud_cpi", *options],
        input=text,
        capture_output=True,
        env={**(environment or DIRECTORS_ENVIRONMENT), "PYTHONPATH": str(SOURCE)},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return parsed(done.stdout.decode(), done.stderr.decode())


class Started:
    """A process that has got its request and is at work on it."""

    def __init__(
        self,
        options: list[str],
        text: bytes,
        program: str = "alicloud_cpi",
        environment: Mapping[str, str] = DIRECTORS_ENVIRONMENT,
        folder: Path | None = None,
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment, "PYTHONPATH": f"{SOURCE}:{TESTS}"},
            cwd=folder,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(text)
        self._process.stdin.close()
        self._process.stdin = None

    def send(self, *signals: int) -> None:
        """Send signals to the process."""
        for number in signals:
            self._process.send_signal(number)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def end(self) -> None:
        """Wait for the end of a process that answers nothing."""
        stdout, _ = self._process.communicate(timeout=60)
        assert stdout == b""

    def answer(self, *signals: int) -> Answer:
        """Send signals to the process and read its answer; it must exit 0."""
        self.send(*signals)
        stdout, stderr = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, stderr.decode()
        return parsed(stdout.decode(), stderr.decode())


def parsed(text: str, stderr: str) -> Answer:
    """Read an answer as strictly as the Director does; it and the log hold no secret."""
    for secret in NEVER_SHOWN:
        assert secret not in text
        assert secret not in stderr
    document = json.loads(text, parse_constant=_refused)
    json.dumps(document, ensure_ascii=False).encode()
    assert set(document) == {"result", "error", "log"}
    assert isinstance(document["log"], str)
    error = document["error"]
    if error is not None:
        assert set(error) == {"type", "message", "ok_to_retry"}
        assert isinstance(error["ok_to_retry"], bool)
        assert error["type"].startswith("Bosh::Clouds::")
    return Answer(document["result"], error, document["log"], stderr)


def _refused(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
