"""Configuration and arguments as the Go release needs them, for the same calls."""

from __future__ import annotations

from typing import Any


def settings_for_go(settings: dict[str, Any]) -> None:
    """Change a configuration: the Go release needs a registry, and endpoints without a scheme."""
    properties = settings["cloud"]["properties"]
    properties["registry"] = dict.fromkeys(("user", "password", "host"), "")
    properties["registry"] |= {"protocol": "http", "port": "25777"}
    account = properties["alicloud"]
    del account["ca_cert"]
    for name in account:
        if name.endswith("_endpoint") and name != "oss_endpoint":
            account[name] = account[name].removeprefix("https://")


def arguments_for_go(method: str, arguments: tuple[Any, ...]) -> list[Any]:
    """Leave out what the Go release does not know; numbers in metadata crash it: make them text."""
    if method == "create_stemcell":
        return [*arguments[:2]]
    if method.endswith("_metadata") or method == "snapshot_disk":
        cid, metadata = arguments
        return [cid, {name: str(value) for name, value in metadata.items()}]
    return [*arguments]
