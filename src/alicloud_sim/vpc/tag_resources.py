"""TagResources, UnTagResources and ListTagResources of VPC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.tag_actions import Taggable

from .eip_record import Eip
from .networks import Vpc, VSwitch
from .service import vpc

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

TAGGABLE = Taggable(
    {"VPC": Vpc, "VSWITCH": VSwitch, "EIP": Eip},
    others=(
        *("ROUTETABLE", "VpnGateway", "VPNATTACHMENT", "CUSTOMERGATEWAY", "NATGATEWAY"),
        *("COMMONBANDWIDTHPACKAGE", "PREFIXLIST", "PUBLICIPADDRESSPOOL", "IPV4GATEWAY"),
        *("IPV6GATEWAY", "GATEWAYENDPOINT", "FLOWLOG", "DHCPOPTIONSSET"),
        *("TRAFFICMIRRORFILTER", "TRAFFICMIRRORSESSION", "NETWORKACL", "HAVIP"),
    ),
)


@vpc.action("TagResources", params="RegionId ResourceType ResourceId Tag")
def tag_resources(ctx: Ctx, p: Params) -> None:
    """Tag VPCs, vSwitches or EIPs."""
    TAGGABLE.tag(ctx, p)


@vpc.action("UnTagResources", params="RegionId ResourceType ResourceId TagKey All")
def untag_resources(ctx: Ctx, p: Params) -> None:
    """Take tags off."""
    TAGGABLE.untag(ctx, p)


@vpc.action("ListTagResources", params="RegionId ResourceType ResourceId Tag NextToken MaxResults")
def list_tag_resources(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List tags of resources."""
    return TAGGABLE.listed(ctx, p)
