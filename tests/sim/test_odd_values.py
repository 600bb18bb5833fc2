"""Whatever an action is given, it answers, or refuses with a code that the reference has."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.registry import RPC_SERVICES
from sim.support import Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_sim import Simulator
    from alicloud_sim.registry import Action

ROUNDS = 6
USUAL = ("1", "20", "10.0.9.0/24", "cn-beijing-h", "ecs.g6.large", "web", "80")
ODD = (
    *("0", "-1", "99999", "x", "é", "\u0000", "a" * 200, "http://x", "1/2", "::/0"),
    *("[]", "[1]", '["a"]', "[{}]", "[null]", '{"a": 1}', "{", "true", "on", "tcp", "Custom"),
)


def names(fields: dict[str, Any], before: str = "") -> Iterator[str]:
    """List the plain parameters of a tree, with 1 for the number of an element."""
    for name, entry in fields.items():
        path = f"{before}{name}"
        if entry["type"] == "array":
            inner = entry.get("items")
            path += ".1"
        else:
            inner = entry.get("fields")
        if isinstance(inner, dict):
            yield from names(inner, f"{path}.")
        else:
            yield path


def given(action: Action, constants: list[str], numbers: random.Random) -> dict[str, str]:
    """Choose values for the required parameters and for some of the others."""
    chosen = {}
    for name in names(action.spec.request):
        bare = ".".join(part for part in name.split(".") if not part.isdigit())
        required = action.spec.request.get(name, {}).get("required", False)
        if action.parser.reads(bare) and (required or numbers.random() < 0.4):
            kind = numbers.choice((constants, constants, USUAL, ODD))
            chosen[name] = numbers.choice(kind)
    return chosen


@pytest.mark.parametrize("product", sorted(RPC_SERVICES))
def test_odd_values_break_nothing(sim: Simulator, product: str) -> None:
    """The fixture fails if anything broke inside the simulator."""
    numbers = random.Random(product)  # noqa: S311 - repeatable, not secret
    constants = list(sim.world.constants.values())
    for action in RPC_SERVICES[product].actions.values():
        cloud = Cloud(sim, common={"Version": action.spec.version})
        for _ in range(ROUNDS):
            params = given(action, constants, numbers)
            answer = cloud.call(action.spec.name, **params)
            assert answer.code != "SimulatorBug", (params, answer.body)
