"""Every method with every secret at once: nothing of them on any output, argument list or disk.

Each method is a process with the SDK's debug switch on, its keys, settings and proxy full of
canaries, and a folder of its own for temporary files. It is looked at while the cloud holds its
last request; then it is made again, and the cloud refuses a request with all that was in it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from alicloud_cpi.rpc.dispatcher import METHODS
from alicloud_sim.faults import Faults, Plan, Rule
from faults.matrix import Matrix, Step
from faults.matrix_scenarios import SCENARIOS, Bench, Request
from support import canaries
from support.canaries import WORD
from support.cpi import DIRECTORS_ENVIRONMENT, Started
from support.gate import Gate, Moment
from support.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cpi import Answer

REGISTRY = {"address": "10.0.0.6", "user": "registry", "password": f"{WORD}Registry"}
PROXY_USER = f"proxy-user:{WORD}%40Proxy"
# Where the cloud repeats a request: in the one that has most in it.
REPEATED = {
    "create_vm": Step("ecs", "ModifyInstanceAttribute", 1),
    "create_stemcell": Step("oss", "UploadPart", 1),
}
TELLING = ("Password", "UserData", "AccessKeyId", "SecurityToken", "Signature", "authorization")


def scenario(method: str) -> str:
    """Return the call of a method in which there is most."""
    names = [name for name in SCENARIOS if name.partition(",")[0] == method]
    return next((name for name in names if name.endswith((", everything", ", full"))), names[0])


CASES = [
    *(scenario(method) for method in sorted(METHODS) if method != "info"),
    "create_disk, role assumed",
]


class Repeating(Faults):
    """A cloud that refuses one kind of request with what was in it, and with more secrets."""

    def __init__(self, matrix: Matrix, step: Step, echo: str) -> None:
        super().__init__()
        self._matrix, self._echo = matrix, echo
        self._where = (step.service, step.action)
        self.sent: dict[str, Any] = {}

    def plan(self, service: str, action: str, params: dict[str, Any]) -> Plan:
        """Refuse the request if it is such a one."""
        if (service, action) != self._where:
            return super().plan(service, action, params)
        self.sent = params
        begun = [f"{name}={str(params[name])[:40]}" for name in TELLING if name in params]
        text = " ".join([*begun, *map(quote, role_secrets(self._matrix)), self._echo])
        return Plan(rule=Rule(kind="error", code="InvalidParameter", message=text, status=400))


@pytest.fixture(scope="module")
def matrix() -> Iterator[Matrix]:
    """Give what knows the requests of each call."""
    with Bench() as bench:
        yield Matrix(bench)


@pytest.fixture(autouse=True)
def honest(matrix: Matrix) -> None:
    """Let the cloud answer as it does."""
    matrix.bench.sim.gateway.faults = Faults()


@pytest.fixture(scope="module")
def proxy(matrix: Matrix) -> Iterator[Proxy]:
    """Give the only way to the cloud, which wants credentials."""
    with Proxy(matrix.bench.sim.port) as found:
        yield found


def prepared(matrix: Matrix, name: str) -> Request:
    """Prepare a call whose configuration has more secrets, and leads through the proxy."""
    request, _ = matrix.prepared(name)
    path = matrix.bench.cpi.path
    document = json.loads(path.read_bytes())
    properties = document["cloud"]["properties"]
    properties |= {"registry": REGISTRY, "debug": True}
    for key in [key for key in properties["alicloud"] if key.endswith("_endpoint")]:
        if key != "metadata_endpoint":
            del properties["alicloud"][key]
    path.write_text(json.dumps(document))
    return request


def started(matrix: Matrix, request: Request, proxy: Proxy, folder: Path) -> Started:
    """Start the call, with a folder of its own for whatever it might write."""
    environment = {
        **DIRECTORS_ENVIRONMENT,
        **dict.fromkeys(("TMPDIR", "HOME"), str(folder)),
        "DEBUG": "sdk",
        "https_proxy": proxy.url.replace("//", f"//{PROXY_USER}@"),
    }
    cpi = matrix.bench.cpi
    options = [matrix.bench.sim.plain_url, "--config", str(cpi.path)]
    text = cpi.request(request.method, request.arguments)
    return Started(options, text, "support.on_sim_time", environment, folder)


def role_secrets(matrix: Matrix) -> list[str]:
    """Return secrets and tokens of all temporary keys that the cloud has given."""
    keys = matrix.bench.sim.world.keys.values()
    return [secret for key in keys if key.role for secret in (key.secret, key.token)]


def search(matrix: Matrix, answer: Answer) -> Answer:
    """Fail if an output shows a canary, or the keys of a role."""
    for secret in role_secrets(matrix):
        assert secret not in f"{answer.error} {answer.result} {answer.stderr}"
    return canaries.search(answer)


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_shown(matrix: Matrix, proxy: Proxy, tmp_path: Path, name: str) -> None:
    """Neither by a call that succeeds, nor while it runs."""
    steps = matrix.undisturbed(name).steps
    request = prepared(matrix, name)
    gate = Gate.at(matrix.bench.sim)
    gate.close(*steps[-1], Moment.AFTER)
    call = started(matrix, request, proxy, tmp_path)
    assert gate.reached.wait(30)
    arguments = Path(f"/proc/{call.pid}/cmdline")
    if arguments.exists():
        assert WORD.encode() not in arguments.read_bytes()
    assert list(tmp_path.iterdir()) == []
    gate.open()
    answer = search(matrix, call.answer())
    assert answer.error is None, answer.message
    assert proxy.requests[-1].authorization.startswith("Basic ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_shown_of_a_request_that_is_repeated(
    matrix: Matrix, proxy: Proxy, tmp_path: Path, name: str
) -> None:
    """The cloud's message has parameters and all secrets, encoded in another way each time."""
    steps = matrix.undisturbed(name).steps
    changing = [step for step in steps if not step.only_reads]
    step = REPEATED.get(name.partition(",")[0]) or (changing or steps)[-1]
    request = prepared(matrix, name)
    configured = json.loads(matrix.bench.cpi.path.read_bytes())
    known = [*canaries.canaries([request.arguments, configured]), PROXY_USER]
    # The CPI shows 400 characters of a message: another secret is the first in each call.
    first = CASES.index(name) * 3 % len(known)
    echoes = canaries.echoes([*known[first:], *known[:first]])
    cloud = Repeating(matrix, step, echoes[CASES.index(name) % len(echoes)])
    matrix.bench.sim.gateway.faults = cloud
    answer = search(matrix, started(matrix, request, proxy, tmp_path).answer())
    assert cloud.sent
    assert "InvalidParameter: " in f"{answer.message} {answer.stderr}"
    assert "<redacted>" in f"{answer.message} {answer.stderr}"
    assert list(tmp_path.iterdir()) == []
