"""Good calls with something wrong in them: arguments, context, env, configuration.

With the other tests of this folder these are 10,000 generated inputs. Each gets one JSON response:
a result, or an error that this program meant; no secret, no traceback, and nothing left unnamed.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alicloud_cpi.rpc.dispatcher import METHODS
from faults.matrix_scenarios import SCENARIOS, Request
from support import canaries
from support.cpi import run
from support.hostile import SCALARS, TEXTS, VALUES, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from faults.matrix_scenarios import Bench

PER_METHOD = 375
# With the real executable, per method.
PROCESSES = 3

KINDS = (
    *("instance", "disk", "snapshot", "image", "bucket", "eni"),
    *("vswitch", "security_group", "deployment_set"),
)
NASTY = st.sampled_from(
    [
        "$(touch /tmp/x)",
        "`id`",
        "; rm -rf /",
        "a\nb",
        "a\r\nX-Forged: 1",
        "\x1b[31m",
        "\u202e",
        "\u2028",
        "<%= 1 %>",
        "{{ x }}",
        "%s%n",
        "'\"\\",
        "|&<>*?[]~",
        "\U0001f600" * 50,
    ]
)
# What happens to one place in a request: a value in its place, none, or more of it.
CHANGE = st.tuples(
    st.integers(0, 10**6),
    st.sampled_from(["replace", "replace", "replace", "drop", "extend", "add"]),
    st.one_of(NASTY, TEXTS, SCALARS, VALUES),
)
CHANGES = st.lists(CHANGE, min_size=1, max_size=3)

Path = tuple[str | int, ...]


class Prepared(NamedTuple):
    """A world in which a call is made, and the call."""

    request: Request
    ids: set[str]
    calls: int


def places(document: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of everything in a document but endpoints, which would lead elsewhere."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        if not str(key).endswith("_endpoint"):
            yield (*path, key)
            if isinstance(value, (dict, list)):
                yield from places(value, (*path, key))


def changed(document: dict[str, Any], changes: list[tuple[int, str, Any]]) -> dict[str, Any]:
    """Return the document with a few changes."""
    document = copy.deepcopy(document)
    for number, what, value in changes:
        paths = list(places(document))
        if not paths:
            break
        *parents, last = paths[number % len(paths)]
        inner: Any = document
        for key in parents:
            inner = inner[key]
        found = inner[last]
        if what == "drop":
            del inner[last]
        elif what == "extend" and isinstance(found, str):
            inner[last] = f"{found}{value}"
        elif what == "add" and isinstance(found, dict):
            found[str(value)] = value
        elif what == "add" and isinstance(found, list):
            found.append(value)
        else:
            inner[last] = value
    return document


def ids(bench: Bench) -> set[str]:
    """List the ids of what there is."""
    records = bench.sim.state()["records"]
    return {found for kind in KINDS for found in records.get(kind, {})}


class World:
    """The prepared world of one method; made anew after a call that changed something."""

    def __init__(self, bench: Bench, method: str) -> None:
        self._bench = bench
        names = [name for name in SCENARIOS if name.partition(",")[0] == method]
        self._scenario = "create_stemcell, full" if method == "create_stemcell" else names[-1:]
        self._prepared: Prepared | None = None

    def prepared(self) -> Prepared:
        """Return the world and its call."""
        if self._prepared is None:
            bench = self._bench
            bench.reset()
            name = self._scenario if isinstance(self._scenario, str) else "".join(self._scenario)
            request = SCENARIOS[name](bench) if name else Request("info", [])
            bench.settle()
            self._prepared = Prepared(request, ids(bench), len(bench.sim.calls()))
            self.configuration = json.loads(bench.cpi.path.read_bytes())
        return self._prepared

    def document(self) -> dict[str, Any]:
        """Return all that a call is given."""
        request = self.prepared().request
        envelope = json.loads(self._bench.cpi.request(request.method, request.arguments))
        return {**envelope, "configuration": self.configuration}

    def is_changed(self) -> bool:
        """Whether the call may have changed something; then the next one gets a new world."""
        calls = self._bench.sim.calls()[self.prepared().calls :]
        if all(call["action"].startswith(("Describe", "List", "Get")) for call in calls):
            return False
        self._prepared = None
        return True


@pytest.fixture(scope="module", params=sorted(METHODS))
def world(request: pytest.FixtureRequest, bench: Bench) -> World:
    """Give the world of each method."""
    return World(bench, request.param)


@given(changes=CHANGES)
@settings(max_examples=PER_METHOD)
def test_a_call_with_something_wrong(
    bench: Bench, world: World, changes: list[tuple[int, str, Any]]
) -> None:
    """Nothing is left behind unnamed, and what was there is still there."""
    prepared = world.prepared()
    document = changed(world.document(), changes)
    bench.cpi.path.write_text(json.dumps(document.pop("configuration", None)))
    answer = judged(bench.cpi.send(json.dumps(document).encode()))
    if world.is_changed() and answer.error is not None:
        bench.settle()
        found = ids(bench)
        unnamed = {one for one in found - prepared.ids if one not in answer.message}
        assert not unnamed, answer.message
        assert prepared.request.method.startswith("delete_") or prepared.ids <= found


@given(changes=CHANGES)
@settings(max_examples=PROCESSES)
def test_an_executable_with_something_wrong(
    bench: Bench, world: World, changes: list[tuple[int, str, Any]]
) -> None:
    """The same with a process, which ends with status 0."""
    bench.sim.resume()
    world.prepared()
    document = changed(world.document(), changes)
    bench.cpi.path.write_text(json.dumps(document.pop("configuration", None)))
    text = json.dumps(document).encode()
    canaries.search(judged(run(["--config", str(bench.cpi.path)], text)))
    world.is_changed()
    bench.sim.freeze()
