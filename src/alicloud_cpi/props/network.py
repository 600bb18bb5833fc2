"""The networks of a VM: exactly one private network, and vips."""

from __future__ import annotations

from alicloud_cpi.props import values
from alicloud_cpi.props.schema import InvalidProperty, checked
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_MOST_SECURITY_GROUPS = 16


class Networks(Record):
    """What a VM's networks ask of the cloud; ``ip`` is empty for a dynamic network."""

    vswitch_id: str
    ip: str
    security_group_ids: list[str]
    vips: list[str]


def parse(
    networks: Mapping[str, Any], *, vm_security_groups: list[str], default_groups: list[str]
) -> Networks:
    """Read a create_vm request's networks.

    The VM type's security groups replace the network's entirely; the configured default serves
    where neither names any.

    :raises InvalidProperty: naming the network and what was expected
    """
    private: list[tuple[str, Mapping[str, Any]]] = []
    vips: list[str] = []
    for name, network in networks.items():
        if not isinstance(network, dict):
            raise InvalidProperty(f"networks.{name} must be an object")
        kind = network.get("type") or "manual"
        if kind == "vip":
            vips.append(_ip(name, network))
        elif kind in ("manual", "dynamic"):
            private.append((name, network))
        else:
            raise InvalidProperty(f"networks.{name}.type must be manual, dynamic or vip")
    if len(private) != 1:
        raise InvalidProperty(
            "networks must have exactly one manual or dynamic network, "
            f"got {len(private)}: {', '.join(name for name, _ in private) or 'none'}"
        )
    return _private(*private[0], vips, vm_security_groups, default_groups)


def _private(
    name: str,
    network: Mapping[str, Any],
    vips: list[str],
    vm_groups: list[str],
    default_groups: list[str],
) -> Networks:
    where = f"networks.{name}.cloud_properties"
    given = network.get("cloud_properties")
    if given is not None and not isinstance(given, dict):
        raise InvalidProperty(f"{where} must be an object")
    properties = checked("network", given, where)
    vswitch_id = values.text(properties, "vswitch_id")
    if not vswitch_id:
        raise InvalidProperty(f"{where}.vswitch_id is required: the id of a vswitch")
    manual = (network.get("type") or "manual") == "manual"
    return Networks(
        vswitch_id=vswitch_id,
        ip=_ip(name, network) if manual else "",
        security_group_ids=_groups(properties, where, vm_groups, default_groups),
        vips=vips,
    )


def _groups(
    properties: Mapping[str, Any], where: str, vm_groups: list[str], default_groups: list[str]
) -> list[str]:
    """Return the VM's security groups, each once, in the order written."""
    one = values.text(properties, "security_group_id")
    sources = {
        "cloud_properties.security_group_ids": vm_groups,
        f"{where}.security_group_ids": values.texts(properties, "security_group_ids")
        or ([one] if one else []),
        "alicloud.default_security_groups": default_groups,
    }
    for source, given in sources.items():
        groups = list(dict.fromkeys(given))
        if len(groups) > _MOST_SECURITY_GROUPS:
            raise InvalidProperty(f"{source}: at most {_MOST_SECURITY_GROUPS}")
        if groups:
            return groups
    raise InvalidProperty(
        f"{where}.security_group_ids is required, unless the VM type or "
        "alicloud.default_security_groups names some"
    )


def _ip(name: str, network: Mapping[str, Any]) -> str:
    from ipaddress import IPv4Address

    try:
        return str(IPv4Address(str(network.get("ip"))))
    except ValueError:
        raise InvalidProperty(f"networks.{name}.ip must be an IPv4 address") from None
