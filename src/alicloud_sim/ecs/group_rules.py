"""A security group's rule as a call gives it: read and checked.

The rules of one call are given as Permissions.N, or one of them in parameters without that
prefix, which are deprecated and still served; never in both ways.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

from alicloud_sim import names

from .security_groups import SecurityGroup, SecurityGroupRule

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

FIELDS = (
    "Policy Priority IpProtocol PortRange SourcePortRange NicType Description"
    " SourceCidrIp DestCidrIp Ipv6SourceCidrIp Ipv6DestCidrIp"
)
PROTOCOLS = ("TCP", "UDP", "ICMP", "ICMPV6", "GRE", "ALL")
WITH_PORTS = ("TCP", "UDP")
ANY_PORT = "-1/-1"
LARGEST_PORT = 65535
MOST_RULES = 200
LONGEST_DESCRIPTION = 512


def params(direction: str) -> str:
    """Name the parameters of the calls about rules of one direction."""
    nested = f"{FIELDS} {_peer_name(direction)}".split()
    return f"{plain(direction)} {' '.join(f'Permissions.{name}' for name in nested)}"


def plain(direction: str) -> str:
    """Name the parameters of a call about one rule."""
    return f"RegionId SecurityGroupId {FIELDS} {_peer_name(direction)}"


def written(rule: SecurityGroupRule) -> dict[str, str]:
    """Write a rule as the parameters of a call."""
    return {
        "Policy": rule.policy,
        "Priority": str(rule.priority),
        "IpProtocol": rule.ip_protocol,
        "PortRange": rule.port_range,
        "SourcePortRange": rule.source_port_range,
        "NicType": rule.nic_type,
        "Description": rule.description,
        "SourceCidrIp": rule.source_cidr_ip,
        "DestCidrIp": rule.dest_cidr_ip,
        "Ipv6SourceCidrIp": rule.ipv6_source_cidr_ip,
        "Ipv6DestCidrIp": rule.ipv6_dest_cidr_ip,
        _peer_name(rule.direction): rule.peer_group_id,
    }


def read(ctx: Ctx, p: Params, group: SecurityGroup, direction: str) -> list[SecurityGroupRule]:
    """Read the rules of a call; they are not in the world yet.

    :raises ApiError: malformed, given twice, or in both ways
    """
    given = p.items("Permissions") if "Permissions" in ctx.spec.request else []
    loose = any(p.given(name) for name in f"{FIELDS} {_peer_name(direction)}".split())
    if given and loose:
        raise ctx.error(
            "InvalidParam.Permissions",
            message="The parameter Permissions cannot coexist with other parameters.",
        )
    rules = [_rule(ctx, one, group, direction) for one in given or [p]]
    if len({rule.identity for rule in rules}) != len(rules):
        raise ctx.error(
            "InvalidParam.DuplicatePermissions", message="A rule is given twice in Permissions."
        )
    return rules


def _peer_name(direction: str) -> str:
    return "SourceGroupId" if direction == "ingress" else "DestGroupId"


def _rule(ctx: Ctx, p: Params, group: SecurityGroup, direction: str) -> SecurityGroupRule:
    protocol = p.text("IpProtocol").upper()
    if protocol not in PROTOCOLS:
        raise ctx.error(
            "InvalidIpProtocol.ValueNotSupported",
            message="IpProtocol must be TCP, UDP, ICMP, ICMPv6, GRE or ALL.",
        )
    rule = SecurityGroupRule(
        id="",
        account=ctx.account,
        region=ctx.region,
        group_id=group.id,
        direction=direction,
        policy=_policy(ctx, p.text("Policy", "accept")),
        priority=_priority(ctx, p.text("Priority", "1")),
        ip_protocol=protocol,
        port_range=_ports(ctx, protocol, p.text("PortRange"), "PortRange"),
        source_port_range=_source_ports(ctx, protocol, p),
        nic_type=_nic_type(ctx, p.text("NicType", "intranet")),
        description=p.text("Description"),
        **_ends(ctx, p, protocol),
    )
    names.check_description(
        ctx,
        rule.description,
        "InvalidSecurityGroupDiscription.Malformed",
        shortest=1,
        longest=LONGEST_DESCRIPTION,
    )
    rule.peer_group_id = _peer(ctx, p, group, rule)
    return rule


def _policy(ctx: Ctx, text: str) -> str:
    if text.title() not in ("Accept", "Drop"):
        raise ctx.error("InvalidPolicy.Malformed", message="Policy is accept or drop.")
    return text.title()


def _priority(ctx: Ctx, text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ctx.error("InvalidPriority.Malformed", message=f"Priority {text} is no number.")
    if not 1 <= int(text) <= 100:  # noqa: PLR2004 - the reference's limits
        raise ctx.error("InvalidPriority.ValueNotSupported", message="Priority is 1 to 100.")
    return int(text)


def _nic_type(ctx: Ctx, text: str) -> str:
    """Refuse what a VPC's group cannot have: all its interfaces are internal ones."""
    if text not in ("internet", "intranet"):
        raise ctx.error("InvalidNicType.ValueNotSupported", message=f"There is no NicType {text}.")
    if text == "internet":
        raise ctx.error("InvalidNicType.Mismatch", message="A VPC's group has NicType intranet.")
    return text


def _ports(ctx: Ctx, protocol: str, text: str, name: str) -> str:
    """Check a range of ports: 1/200, or -1/-1 for protocols without ports."""
    if not text:
        raise ctx.error(f"Invalid{name}.Malformed", message=f"{name} must be set.")
    low, _, high = text.partition("/")
    if protocol not in WITH_PORTS:
        if text != ANY_PORT:
            raise ctx.error(
                *("OperationDenied", "InvalidParam.PortRange"),
                message=f"IpProtocol {protocol} and {name} {text} do not match.",
            )
        return text
    good = low.isdecimal() and high.isdecimal() and 1 <= int(low) <= int(high) <= LARGEST_PORT
    if not good:
        raise ctx.error(
            *("InvalidParam.PortRange", f"Invalid{name}.Malformed"),
            message=f"{name} is two ports with a slash between them, not {text}.",
        )
    return text


def _source_ports(ctx: Ctx, protocol: str, p: Params) -> str:
    text = p.text("SourcePortRange")
    return _ports(ctx, protocol, text, "SourcePortRange") if text else ""


def _ends(ctx: Ctx, p: Params, protocol: str) -> dict[str, Any]:
    """Read the address blocks of both ends: IPv4 or IPv6, as the protocol has it."""
    ends: dict[str, Any] = {}
    for name in ("SourceCidrIp", "DestCidrIp"):
        four, six = p.text(name), p.text(f"Ipv6{name}")
        if four and six:
            raise ctx.error(
                "InvalidParam.SourceIp" if name == "SourceCidrIp" else "InvalidParam.DestIp",
                message=f"{name} and Ipv6{name} cannot be set at the same time.",
            )
        field = "source_cidr_ip" if name == "SourceCidrIp" else "dest_cidr_ip"
        _check_block(ctx, name, four, IPv4Network)
        _check_block(ctx, f"Ipv6{name}", six, IPv6Network)
        ends |= {field: four, f"ipv6_{field}": six}
    fours = bool(ends["source_cidr_ip"] or ends["dest_cidr_ip"])
    sixes = bool(ends["ipv6_source_cidr_ip"] or ends["ipv6_dest_cidr_ip"])
    if fours and sixes:
        raise ctx.error("InvalidParameter.Conflict", message="IPv4 and IPv6 cannot be mixed.")
    if fours and protocol == "ICMPV6":
        raise ctx.error(
            "InvalidParam.Ipv6ProtocolConflictWithIpv4Address",
            message="IPv4 address cannot be specified for IPv6-specific protocol.",
        )
    if sixes and protocol == "ICMP":
        raise ctx.error(
            "InvalidParam.Ipv4ProtocolConflictWithIpv6Address",
            message="IPv6 address cannot be specified for IPv4-specific protocol.",
        )
    return ends


def _check_block(ctx: Ctx, name: str, text: str, network: type[IPv4Network | IPv6Network]) -> None:
    """Refuse what is neither an address nor a block of the family."""
    try:
        if text:
            network(text, strict=False)
    except ValueError:
        raise ctx.error(
            *(f"Invalid{name}.Malformed", f"InvalidParam.{name}", "InvalidParameter"),
            message=f"The specified parameter {name} {text!r} is not valid.",
        ) from None


def _peer(ctx: Ctx, p: Params, group: SecurityGroup, rule: SecurityGroupRule) -> str:
    """Read the group at the other end; a block at that end goes before it."""
    inward = rule.direction == "ingress"
    block = (
        rule.source_cidr_ip or rule.ipv6_source_cidr_ip
        if inward
        else rule.dest_cidr_ip or rule.ipv6_dest_cidr_ip
    )
    peer_id = p.text(_peer_name(rule.direction))
    if block:
        return ""
    side = "Source" if inward else "Dest"
    if not peer_id:
        raise ctx.error(
            f"MissingParameter.{side}",
            message=f"{side}CidrIp, Ipv6{side}CidrIp or {side}GroupId must be specified.",
        )
    if peer_id == group.id:
        raise ctx.error(
            *("InvalidSecurityGroup.IsSame", "InvalidParamter.Conflict"),
            message=f"The SecurityGroupId should be different from the {side}GroupId.",
        )
    peer = ctx.need(SecurityGroup, peer_id, f"Invalid{side}GroupId.NotFound")
    if peer.vpc_id != group.vpc_id:
        raise ctx.error(
            f"Invalid{side}GroupId.Mismatch", message="The two groups are not in the same VPC."
        )
    if "enterprise" in (group.group_type, peer.group_type):
        raise ctx.error(
            "InvalidGroupAuthParameter.OperationDenied",
            message="The security group can not authorize to enterprise level security group.",
        )
    return peer.id
