"""The networks of a VM: exactly one private network, and vips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any

from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties, validate

_MAX_SECURITY_GROUPS = 16


@dataclass(frozen=True, slots=True)
class NetworkProperties:
    """What a VM's networks are in the cloud; ``ip`` is empty for a dynamic network."""

    vswitch_id: str
    ip: str
    security_group_ids: list[str]
    vips: list[str]

    @classmethod
    def parse(
        cls,
        networks: Mapping[str, Any],
        *,
        vm_security_groups: list[str],
        default_security_groups: list[str],
    ) -> NetworkProperties:
        """Read the networks of a create_vm request.

        The VM type's security groups replace the network's; the configured default is used where
        neither names any.

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
        name, network = private[0]
        properties = _cloud_properties(name, network)
        is_manual = (network.get("type") or "manual") == "manual"
        return cls(
            vswitch_id=properties.text("vswitch_id"),
            ip=_ip(name, network) if is_manual else "",
            security_group_ids=_security_groups(
                properties, vm_security_groups, default_security_groups
            ),
            vips=vips,
        )


def _cloud_properties(name: str, network: Mapping[str, Any]) -> Properties:
    path = f"networks.{name}.cloud_properties"
    given = network.get("cloud_properties")
    if given is not None and not isinstance(given, dict):
        raise InvalidProperty(f"{path} must be an object")
    properties = validate("network", given, path)
    if not properties.text("vswitch_id"):
        raise InvalidProperty(f"{path}.vswitch_id is required: the id of a vswitch")
    return properties


def _security_groups(
    properties: Properties, vm_groups: list[str], default_groups: list[str]
) -> list[str]:
    """Return the VM's security groups, each once, in the order written.

    ``security_group_id`` and ``security_group_ids`` of a network count together, the single one
    first, as in the Go release.
    """
    single = properties.text("security_group_id")
    sources = {
        "cloud_properties.security_group_ids": vm_groups,
        f"{properties.path}.security_group_ids": [
            *([single] if single else []),
            *properties.texts("security_group_ids"),
        ],
        "alicloud.default_security_groups": default_groups,
    }
    for source, given in sources.items():
        groups = list(dict.fromkeys(given))
        if len(groups) > _MAX_SECURITY_GROUPS:
            raise InvalidProperty(f"{source}: at most {_MAX_SECURITY_GROUPS}")
        if groups:
            return groups
    raise InvalidProperty(
        f"{properties.path}.security_group_ids is required, unless the VM type or "
        "alicloud.default_security_groups names some"
    )


def _ip(name: str, network: Mapping[str, Any]) -> str:
    try:
        return str(IPv4Address(str(network.get("ip"))))
    except ValueError:
        raise InvalidProperty(f"networks.{name}.ip must be an IPv4 address") from None
