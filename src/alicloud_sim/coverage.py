"""What the simulator knows of the API, as Markdown: python -m alicloud_sim coverage.

Written from what handlers declare and what the catalogue has, so it cannot promise too much.
COVERAGE.md beside this file is a copy; tests/sim/test_coverage.py keeps it a true one.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from . import catalogue, ledger
from .metadata.instance import instance_of
from .metadata.items import CREDENTIALS, USER_DATA, items_of
from .metadata.service import TOKEN_PATH
from .oss.actions import NO_OPERATION, SUBRESOURCES, TABLE
from .oss.properties import KNOWN
from .oss.service import HANDLERS
from .registry import RPC_SERVICES
from .seed import seed
from .world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .catalogue import Spec
    from .parsing import Parser
    from .registry import Service

WIDTH = 100
INTRODUCTION = """\
# What the simulator knows of Alibaba Cloud's API

Printed by `python -m alicloud_sim coverage`; `tests/sim/test_coverage.py` says so when this file
is no longer what that prints.

Every action takes the common parameters of a signed request, `RegionId`, and `ClientToken` where
the API has it. A parameter that is *refused* is one that the API has and the simulator does not
simulate: 501 `SimulatorUnsupported.<Parameter>`, before any effect. One that the API does not
have is refused with 400, as are values of the wrong type, outside the limits, or of no such kind.

An action that the service has and the simulator does not is refused likewise: 501
`SimulatorUnsupported.<Service>.<Action>`. Each service's section lists them. An action that the
service does not have is 404 `InvalidAction.NotFound`.

`X.*` stands for all fields of a list or object, `X.N` for a list of plain values."""


def document() -> str:
    """Write the whole document."""
    parts = [INTRODUCTION, *_summary()]
    for product in sorted(RPC_SERVICES):
        parts += _service(RPC_SERVICES[product])
    return "\n\n".join([*parts, *_oss(), *_metadata(), *ledger.sections()]) + "\n"


def _versions(service: Service) -> list[str]:
    return sorted({spec.version for spec in catalogue.load().actions_of(service.product)})


def _summary() -> Iterator[str]:
    rows = ["| Service | Actions simulated | Actions of the service |", "|---|---|---|"]
    for product in sorted(RPC_SERVICES):
        service = RPC_SERVICES[product]
        names = catalogue.load().names(product)
        rows.append(f"| {product} | {len(service.actions)} | {len(names)} |")
    rows.append(f"| Oss | {len(HANDLERS)} | |")
    yield "\n".join(rows)


def _service(service: Service) -> Iterator[str]:
    yield f"## {service.product} {', '.join(_versions(service))}"
    missing = sorted(catalogue.load().names(service.product) - service.actions.keys())
    yield _wrapped(f"Actions refused with 501: {_codes(missing)}.")
    for name in sorted(service.actions):
        action = service.actions[name]
        read, refused = _parameters(action.spec.request, action.parser)
        yield f"### {service.product} {name}"
        yield _wrapped(f"Simulated: {_codes(read)}.")
        if refused:
            yield _wrapped(f"Refused: {_codes(refused)}.")


def _parameters(
    fields: Mapping[str, Spec], parser: Parser, where: str = ""
) -> tuple[list[str], list[str]]:
    """Tell which parameters of a tree are read and which are refused."""
    read: list[str] = []
    refused: list[str] = []
    for name in sorted(fields):
        path = f"{where}{name}"
        inner = _fields(fields[name])
        if inner is None:
            plain = f"{path}.N" if fields[name]["type"] == "array" else path
            (read if path == "RegionId" or parser.reads(path) else refused).append(plain)
            continue
        inner_read, inner_refused = _parameters(inner, parser, f"{path}.")
        read += inner_read if inner_refused else [f"{path}.*"]
        refused += inner_refused if inner_read else [f"{path}.*"]
    return read, refused


def _fields(entry: Spec) -> Mapping[str, Spec] | None:
    found = entry.get("fields") or entry.get("items")
    return found if isinstance(found, dict) else None


def _oss() -> Iterator[str]:
    simulated = {name for _, _, names in TABLE for name in names.split("&")}
    refused = SUBRESOURCES - NO_OPERATION - simulated
    yield "## Oss"
    yield "Signatures V1 and V4, in the header and in the query; paths and virtual hosts."
    yield _wrapped(f"Simulated: {_codes(sorted(HANDLERS))}.")
    yield _wrapped(f"Headers simulated: {_codes(sorted(KNOWN))}, `x-oss-meta-*`.")
    yield _wrapped(f"Sub-resources known, refused with 501: {_codes(sorted(refused))}.")


def _metadata() -> Iterator[str]:
    world = World(seed)
    items = {*items_of(world, instance_of(world)), USER_DATA, CREDENTIALS, TOKEN_PATH}
    yield "## Metadata"
    yield "Items below `/latest/`, of an instance as the Director's would be in a fresh world:"
    yield _wrapped(f"{_codes(sorted(items))}.")


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
