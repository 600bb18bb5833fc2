"""What the agent reads of a create_vm request: env and networks.

The agent parses its settings into typed records. A single value of another type, such as a text
where it has a boolean, makes all of them unreadable: the VM runs, and the Director waits for its
agent in vain. So what the agent's records have is checked here; other fields pass.
Source: bosh-agent, settings/settings.go (architecture.md, "What the agent reads").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alicloud_cpi.cloud_properties.schema import check, load_schema

_INTEGER = re.compile(r"[+-]?[0-9][0-9_]*")
_MAX_DIGITS = 20


def parse_env(env: Mapping[str, Any]) -> dict[str, Any]:
    """Return env with every value of the type that the agent reads.

    :raises InvalidProperty: naming the field and what was expected
    """
    return _parse("env", env, "env")


def parse_networks(networks: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return networks, which are objects, with every value of the type that the agent reads.

    :raises InvalidProperty: naming the network, the field and what was expected
    """
    return {
        name: _parse("agent_network", network, f"networks.{name}")
        for name, network in networks.items()
    }


def _parse(kind: str, document: Mapping[str, Any], path: str) -> dict[str, Any]:
    schema = load_schema(kind)
    converted: dict[str, Any] = _converted(document, schema)
    check(schema, _without_null(converted), path)
    return converted


def _converted(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a value with booleans and numbers in the type of the schema, however written."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {key: _converted(item, properties.get(key, {})) for key, item in value.items()}
    if isinstance(value, list):
        return [_converted(item, schema.get("items", {})) for item in value]
    return _scalar(value, schema.get("type"))


def _scalar(value: Any, kind: Any) -> Any:
    if value == "" and kind in ("boolean", "integer", "array", "object"):
        return None
    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind == "integer":
        return _integer(value)
    if kind == ["string", "integer"] and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _integer(value: Any) -> Any:
    """Return an integer that is written as text or with a fraction of zero; else the value."""
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and _INTEGER.fullmatch(value):
        return int(value.replace("_", ""))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _without_null(value: Any) -> Any:
    """Drop null, which the agent takes for a value that is not given."""
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value if item is not None]
    return value
