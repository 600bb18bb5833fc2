"""Two pictures of docs/architecture.md: the layers, and the phases of create_vm.

The layers are those of the import contracts in pyproject.toml, so the picture shows what
scripts/test enforces. The requests of create_vm are compared with those of a call by
tests/docs/test_pictures.py.
"""

from __future__ import annotations

import ast
import tomllib
from typing import TYPE_CHECKING, NamedTuple

from tasks.docs.drawing import TINTS, WIDTH, arrow, box, picture, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# What each module is for, where its docstring's first line does not fit into the picture.
WORDS = {
    "__main__": "the executable: one request on stdin, one response on stdout",
    "rpc": "request, method table, errors, response",
    "actions": "one file per CPI method",
    "leftovers": "lists what looks abandoned",
    "tools": "validate, doctor, trace",
    "context": "what one call knows: versions, configuration, services",
    "services": "one per kind of resource",
    "oss": "images through OSS",
    "cloud_properties": "checked, typed cloud_properties",
    "stemcell": "the tarball of a full stemcell",
    "aliyun": "signed requests, retries, waiters, credentials",
    "config": "cpi.json with the call's context over it",
    "config_file": "reads cpi.json",
    "endpoint": "https://host:port",
    "logs": "stderr, redacted",
    "rollback": "deletes what failed",
    "clock": "time",
    "redaction": "removes secrets",
    "signals": "end a call",
    "errors": "the error types that the Director knows",
}


class Phase(NamedTuple):
    """One phase of create_vm: what happens, and its requests in their order."""

    name: str
    what: str
    requests: tuple[str, ...]


CREATE_VM = (
    Phase("validate", "properties, networks, settings: before anything is created", ()),
    Phase(
        "look up",
        "elastic IP address and image exist",
        ("DescribeEipAddresses", "DescribeImages"),
    ),
    Phase(
        "create", "the ClientToken follows from the request; rollback starts", ("CreateInstance",)
    ),
    Phase(
        "wait",
        "listed; meanwhile, how its type shows disks; then Stopped",
        ("DescribeInstances", "DescribeInstanceTypes", "DescribeInstances"),
    ),
    Phase(
        "configure",
        "elastic IP addresses; the agent's settings as user data",
        (
            "DescribeDisks",
            "DescribeEipAddresses",
            "AssociateEipAddress",
            "ModifyInstanceAttribute",
        ),
    ),
    Phase("start", "requested, then Running", ("StartInstance", "DescribeInstances")),
    Phase(
        "connect",
        "load balancers and their groups; the elastic IP address is bound",
        ("AddServersToServerGroup", "AddBackendServers", "DescribeEipAddresses", "GetJobStatus"),
    ),
    Phase("respond", "[vm_cid, networks]; rollback ends", ()),
)


def layers(root: Path) -> str:
    """Draw which module may import which, from the contract."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    contract = next(one for one in contracts if one["type"] == "layers")
    parts: list[str] = []
    y = 56
    for number, layer in enumerate(contract["layers"]):
        parts += _row(root, layer.split(" | "), y, TINTS[number % len(TINTS)])
        y += 60
    title = "Who may import whom: a layer knows only those below it"
    foot = (
        "HTTPS: Alibaba Cloud, or its simulator (alicloud_sim), which shares no line with the CPI"
    )
    parts += [text(24, 34, title, size=17, bold=True), text(24, y + 22, foot)]
    return picture(y + 44, title, parts)


def _words(root: Path, name: str) -> str:
    """Return what a module is for: WORDS, or the first line of its docstring."""
    if name in WORDS:
        return WORDS[name]
    package = root / "src" / "alicloud_cpi" / name
    source = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(source.read_bytes())) or ""
    return docstring.partition("\n")[0].rstrip(".")


def _row(root: Path, names: list[str], y: int, tint: str) -> Iterable[str]:
    """Draw the modules of one layer side by side."""
    width = (WIDTH - 48 - 12 * (len(names) - 1)) / len(names)
    for number, name in enumerate(names):
        x = 24 + (width + 12) * number
        yield box(x, y, width, 48, tint)
        yield text(x + 12, y + 20, name, bold=True)
        yield text(x + 12, y + 38, _words(root, name), size=12)


def create_vm() -> str:
    """Draw the phases of create_vm with the requests of each."""
    title = "create_vm: what the CPI does, and the requests it sends"
    parts = [
        text(24, 34, title, size=17, bold=True),
        text(24, 62, "Director", bold=True),
        text(190, 62, "CPI", bold=True),
        text(640, 62, "Alibaba Cloud", bold=True),
    ]
    y = 76
    for number, phase in enumerate(CREATE_VM):
        height = max(44, 20 * len(phase.requests) + 14)
        parts.append(box(190, y, 420, height, TINTS[number % len(TINTS)]))
        parts.append(text(202, y + 19, phase.name, bold=True))
        parts.append(text(202, y + 36, phase.what, size=12))
        for at, request in enumerate(phase.requests):
            middle = y + 20 + 20 * at
            parts.append(arrow(610, 640, middle - 4))
            parts.append(text(648, middle, request, size=13))
        y += height + 8
    parts += [
        text(24, 100, "request, JSON"),
        arrow(136, 190, 96),
        text(24, y - 30, "response, JSON"),
        arrow(190, 136, y - 34),
        text(
            24,
            y + 16,
            "A failure after create deletes the VM and its interfaces, or names them in the error.",
        ),
    ]
    return picture(y + 34, title, parts)
