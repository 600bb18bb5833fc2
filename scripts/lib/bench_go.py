"""What the Go release needs otherwise, to be asked the same as this CPI."""

from __future__ import annotations

from typing import Any


def as_go_has_it(settings: dict[str, Any]) -> None:
    """Spell a configuration as the Go release reads it: it needs a registry, and bare endpoints."""
    properties = settings["cloud"]["properties"]
    properties["registry"] = dict.fromkeys(("user", "password", "host"), "")
    properties["registry"] |= {"protocol": "http", "port": "25777"}
    account = properties["alicloud"]
    del account["ca_cert"]
    for name in account:
        if name.endswith("_endpoint") and name != "oss_endpoint":
            account[name] = account[name].removeprefix("https://")


def as_go_takes_them(method: str, arguments: tuple[Any, ...]) -> list[Any]:
    """Leave out what the Go release does not know, and make text of what it crashes on."""
    if method == "create_stemcell":
        return [*arguments[:2]]
    if method.endswith("_metadata") or method == "snapshot_disk":
        cid, metadata = arguments
        return [cid, {name: str(value) for name, value in metadata.items()}]
    return [*arguments]
