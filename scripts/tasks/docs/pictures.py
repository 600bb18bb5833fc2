"""The two pictures of docs/architecture.md, as SVG that can be read on light and dark pages.

The layers are those of the import contracts in pyproject.toml, so the picture shows what
scripts/test enforces. The requests of create_vm are compared with those of a call by
tests/docs/test_pictures.py.
"""

from __future__ import annotations

import ast
import tomllib
from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

WIDTH = 960
INK, PAPER, LINE = "#1f2933", "#ffffff", "#9aa5b1"
TINTS = ("#e3f2fd", "#e8f5e9", "#fff8e1", "#fce4ec", "#ede7f6", "#f1f3f5")
FONT = "font-family='ui-sans-serif, Helvetica, Arial, sans-serif'"

# What each module is for, if its docstring's first line does not fit into the picture.
WORDS = {
    "__main__": "one request on stdin, one answer on stdout",
    "rpc": "envelope, method table, errors, answer",
    "actions": "one file per CPI method",
    "leftovers": "lists what looks abandoned",
    "call": "what one call knows: versions, configuration, cloud",
    "agent": "settings, devices",
    "cloud": "services by resource",
    "props": "cloud_properties",
    "stemcell": "the tarball",
    "undo": "takes back what a failed call made",
    "interrupt": "signals become errors",
    "config": "cpi.json with the context over it",
    "endpoints": "where services answer",
    "clock": "time",
    "errors": "the Director's types",
    "log": "stderr, redaction",
    "units": "MiB, GiB",
    "oss": "stemcells through OSS",
    "keys": "where keys come from",
    "wire": "sign, send, repeat",
}


class Phase(NamedTuple):
    """One phase of create_vm: what happens, and its requests in their order."""

    name: str
    what: str
    requests: tuple[str, ...]


CREATE_VM = (
    Phase("check", "properties, networks, settings: refused before anything is made", ()),
    Phase(
        "look",
        "image and elastic IP address are there",
        ("DescribeImages", "DescribeEipAddresses"),
    ),
    Phase("make", "the ClientToken follows from the request; undo is armed", ("CreateInstance",)),
    Phase(
        "wait",
        "listed; meanwhile, how its type shows disks; then Stopped",
        ("DescribeInstances", "DescribeInstanceTypes", "DescribeInstances"),
    ),
    Phase(
        "configure",
        "elastic IP addresses; the agent's settings, with its disk, as user data",
        (
            "DescribeDisks",
            "DescribeEipAddresses",
            "AssociateEipAddress",
            "ModifyInstanceAttribute",
        ),
    ),
    Phase("start", "asked for, then Running", ("StartInstance", "DescribeInstances")),
    Phase(
        "connect",
        "load balancers and their groups; the address is bound",
        ("AddServersToServerGroup", "AddBackendServers", "DescribeEipAddresses", "GetJobStatus"),
    ),
    Phase("answer", "[vm_cid, networks]; undo is disarmed", ()),
)


def layers(root: Path) -> str:
    """Draw which module may import which, from the contracts."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = [
        one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"
    ]
    whole = next(one for one in contracts if "containers" in one)
    cloud = next(one for one in contracts if "containers" not in one)
    inner = list(dict.fromkeys(layer.split(".")[2] for layer in cloud["layers"]))
    parts: list[str] = []
    y = 56
    for number, layer in enumerate(whole["layers"]):
        names = layer.split(" | ")
        tall = "cloud" in names
        words = {name: _words(root, name) for name in (*names, *inner)}
        parts += _row(words, names, y, TINTS[number % len(TINTS)], inner if tall else ())
        y += 136 if tall else 60
    title = "Who may import whom: a layer knows only those below it"
    foot = (
        "HTTPS: Alibaba Cloud, or its simulator (alicloud_sim), which shares no line with the CPI"
    )
    parts += [_text(24, 34, title, size=17, bold=True), _text(24, y + 22, foot)]
    return _picture(y + 44, title, parts)


def _words(root: Path, name: str) -> str:
    """Return what a module is for: WORDS, or the first line of its docstring."""
    if name in WORDS:
        return WORDS[name]
    package = root / "src" / "alicloud_cpi" / name
    source = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(source.read_bytes())) or ""
    return docstring.partition("\n")[0].rstrip(".")


def _row(
    words: dict[str, str], names: list[str], y: int, tint: str, inner: Iterable[str]
) -> Iterable[str]:
    """Draw the modules of one layer side by side; that of the cloud with its own layers."""
    shares = {name: 3 if name == "cloud" else 1 for name in names}
    unit = (WIDTH - 48 - 12 * (len(names) - 1)) / sum(shares.values())
    parts: list[str] = []
    x = 24.0
    for name in names:
        width = unit * shares[name]
        nested = list(inner) if name == "cloud" else []
        parts.append(_box(x, y, width, 124 if inner else 48, tint))
        parts.append(_text(x + 12, y + 20, name, bold=True))
        parts.append(_text(x + 12, y + 38, words[name], size=12))
        for number, sub in enumerate(nested):
            parts.append(_box(x + 12, y + 46 + 25 * number, width - 24, 22, PAPER))
            parts.append(
                _text(x + 22, y + 61 + 25 * number, f"{name}/{sub}: {words[sub]}", size=12)
            )
        x += width + 12
    return parts


def create_vm() -> str:
    """Draw the phases of create_vm with the requests of each."""
    title = "create_vm: what the CPI does, and the requests it sends"
    parts = [
        _text(24, 34, title, size=17, bold=True),
        _text(24, 62, "Director", bold=True),
        _text(190, 62, "CPI", bold=True),
        _text(640, 62, "Alibaba Cloud", bold=True),
    ]
    y = 76
    for number, phase in enumerate(CREATE_VM):
        height = max(44, 20 * len(phase.requests) + 14)
        parts.append(_box(190, y, 420, height, TINTS[number % len(TINTS)]))
        parts.append(_text(202, y + 19, phase.name, bold=True))
        parts.append(_text(202, y + 36, phase.what, size=12))
        for at, request in enumerate(phase.requests):
            middle = y + 20 + 20 * at
            parts.append(_arrow(610, 640, middle - 4))
            parts.append(_text(648, middle, request, size=13))
        y += height + 8
    parts += [
        _text(24, 100, "request, JSON"),
        _arrow(120, 190, 96),
        _text(24, y - 30, "answer, JSON"),
        _arrow(190, 120, y - 34),
        _text(
            24,
            y + 16,
            "If a phase after make fails, the VM and its interfaces are deleted, or named.",
        ),
    ]
    return _picture(y + 34, title, parts)


def _picture(height: float, title: str, parts: Iterable[str]) -> str:
    """Put parts on a sheet of paper: its colour is its own, whatever the page's is."""
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height:g}' role='img'>\n"
        f"<title>{escape(title)}</title>\n"
        "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='8' "
        f"markerHeight='8' orient='auto'><path d='M0 0 L8 4 L0 8 z' fill='{INK}'/></marker>"
        "</defs>\n"
    )
    sheet = f"<rect width='{WIDTH}' height='{height:g}' rx='8' fill='{PAPER}' stroke='{LINE}'/>\n"
    return f"{head}{sheet}{''.join(f'{part}{chr(10)}' for part in parts)}</svg>\n"


def _box(x: float, y: float, width: float, height: float, tint: str) -> str:
    place = f"x='{x:g}' y='{y:g}' width='{width:g}' height='{height:g}'"
    return f"<rect {place} rx='5' fill='{tint}' stroke='{LINE}'/>"


def _arrow(start: float, end: float, y: float) -> str:
    path = f"x1='{start:g}' y1='{y:g}' x2='{end:g}' y2='{y:g}'"
    return f"<line {path} stroke='{INK}' marker-end='url(#tip)'/>"


def _text(x: float, y: float, text: str, *, size: int = 14, bold: bool = False) -> str:
    weight = " font-weight='bold'" if bold else ""
    style = f"{FONT} font-size='{size}'{weight} fill='{INK}'"
    return f"<text x='{x:g}' y='{y:g}' {style}>{escape(text)}</text>"
