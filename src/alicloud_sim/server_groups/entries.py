"""Servers.N of a call: each entry read and checked against the group's type and port rule.

NLB: port 0 in AnyPort groups, 1-65535 otherwise; ALB: 1-65535. Weight 0-100. Groups of type
Instance take Ecs and Eni, groups of type Ip take Ip with ServerId and ServerIp the same
address; the rest (Eci, Fc) is not simulated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING

from alicloud_sim.errors import ApiError, UnsupportedError

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .records import ServerGroup

LARGEST_PORT = 65535
MOST_WEIGHT = 100
DEFAULT_WEIGHT = 100
KNOWN_TYPES = ("Ecs", "Eni", "Eci", "Ip", "Fc")
SIMULATED_TYPES = ("Ecs", "Eni", "Ip")
PREFIXES = {"Ecs": "i-", "Eni": "eni-"}
DESCRIPTION = re.compile(r"[A-Za-z0-9\u4e00-\u9fff,.;/@_\-]{2,256}")


@dataclass(frozen=True)
class Entry:
    """One server as a call names it; weight and description are None where not given."""

    server_id: str
    server_type: str
    ip: str
    port: int
    weight: int | None = None
    description: str | None = None
    remote_ip: bool = False


def read(ctx: Ctx, p: Params, group: ServerGroup) -> list[Entry]:
    """Read the servers of a call; the same one twice is refused.

    :raises ApiError: not well-formed, not fitting the group, or repeated
    """
    found = [_entry(ctx, item, group) for item in p.items("Servers")]
    keys = {(entry.server_id, entry.ip, entry.port) for entry in found}
    if len(keys) < len(found):
        raise ctx.error(
            *("DuplicatedParam.Server", "DuplicatedParam.BackendServer", "InvalidParameter"),
            message="The param of Server is duplicated.",
        )
    return found


def _entry(ctx: Ctx, item: Params, group: ServerGroup) -> Entry:
    fields = ctx.spec.request["Servers"]["items"]
    weight = item.integer("Weight") if "Weight" in fields else None
    if weight is not None and not 0 <= weight <= MOST_WEIGHT:
        raise illegal(ctx, "Weight")
    description = item.text("Description") if "Description" in fields else ""
    if description and not DESCRIPTION.fullmatch(description):
        raise ctx.error(
            *("IllegalParam.description", "IllegalParam", "InvalidParameter"),
            message="The parameter description of server is illegal.",
        )
    entry = Entry(
        server_id=item.text("ServerId"),
        server_type=item.text("ServerType"),
        ip=item.text("ServerIp"),
        port=_port(ctx, item, group),
        weight=weight,
        description=description or None,
        remote_ip="RemoteIpEnabled" in fields and item.flag("RemoteIpEnabled", False),
    )
    _check_type(ctx, entry, group)
    return entry


def _port(ctx: Ctx, item: Params, group: ServerGroup) -> int:
    port = item.integer("Port", 0)
    if not 0 <= port <= LARGEST_PORT:
        raise illegal(ctx, "Port")
    if (port == 0) != group.any_port:
        raise ctx.error(
            *("IllegalParam.RSPortConflictWithServerGroup", "IllegalParam", "InvalidParameter"),
            message="The param of RSPortConflictWithServerGroup is illegal.",
        )
    return port


def illegal(ctx: Ctx, name: str) -> ApiError:
    """Word a refused value."""
    return ctx.error("IllegalParam", "InvalidParameter", message=f"The param of {name} is illegal.")


def _check_type(ctx: Ctx, entry: Entry, group: ServerGroup) -> None:
    """Refuse a type that the group does not take or that the id does not have."""
    if entry.server_type not in KNOWN_TYPES:
        raise illegal(ctx, "ServerType")
    if (entry.server_type == "Ip") != (group.type == "Ip"):
        raise ctx.error(
            *("Mismatch.Type", "Mismatch.ServerType", "InvalidParameter"),
            message=f"The ServerType is mismatched for {entry.server_id} and {group.id}.",
        )
    if entry.server_type not in SIMULATED_TYPES:
        raise UnsupportedError(f"Servers.ServerType={entry.server_type}")
    if not entry.server_id.startswith(PREFIXES.get(entry.server_type, "")):
        raise ctx.error(
            *("Mismatch.ServerType", "InvalidParameter"),
            message=f"The ServerType is mismatched for {entry.server_id} and {group.id}.",
        )
    if entry.server_type == "Ip":
        _check_address(ctx, entry)
    elif entry.remote_ip:
        raise illegal(ctx, "RemoteIpEnabled")


def _check_address(ctx: Ctx, entry: Entry) -> None:
    if not entry.ip:
        raise ctx.error(
            *("MissingParam.IP", "IllegalParam.ServerIp", "MissingParameter"),
            message="The param of IP is missing.",
        )
    try:
        IPv4Address(entry.ip)
        good = entry.ip == entry.server_id
    except AddressValueError:
        good = False
    if not good:
        raise illegal_address(ctx)


def illegal_address(ctx: Ctx) -> ApiError:
    """Word a refused ServerIp."""
    return ctx.error(
        *("IllegalParam.IP", "IllegalParam.ServerIp", "IllegalParam", "InvalidParameter"),
        message="The param of IP is illegal.",
    )
