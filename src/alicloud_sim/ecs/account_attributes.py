"""DescribeAccountAttributes: the account's quotas in a region, and what of them is used.

Quotas of the world: "instance.vcpus" (of pay-as-you-go and of spot instances alike),
"security_group.count" and "eni.count". Where the world has none, the answer has a number that
limits nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.errors import UnsupportedError

from .instances.hardware import cpus
from .instances.record import Instance
from .service import ecs

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

USUAL_VCPUS = 1000
USUAL_GROUPS = 500
USUAL_INTERFACES = 50000


def _quota(name: str, usual: int) -> Callable[[Ctx], int]:
    return lambda ctx: ctx.world.quotas.get(name, usual)


def _used(*, spot: bool) -> Callable[[Ctx], int]:
    def count(ctx: Ctx) -> int:
        own = [one for one in ctx.records(Instance) if one.charge_type == "PostPaid"]
        return sum(cpus(ctx.world, one.instance_type) for one in own if one.is_spot == spot)

    return count


ATTRIBUTES: dict[str, Callable[[Ctx], int]] = {
    "max-security-groups": _quota("security_group.count", USUAL_GROUPS),
    "max-elastic-network-interfaces": _quota("eni.count", USUAL_INTERFACES),
    "max-postpaid-instance-vcpu-count": _quota("instance.vcpus", USUAL_VCPUS),
    "max-spot-instance-vcpu-count": _quota("instance.vcpus", USUAL_VCPUS),
    "used-postpaid-instance-vcpu-count": _used(spot=False),
    "used-spot-instance-vcpu-count": _used(spot=True),
}
OTHERS = (
    "instance-network-type",
    "max-postpaid-yundisk-capacity",
    "used-postpaid-yundisk-capacity",
    "max-dedicated-hosts",
    "supported-postpaid-instance-types",
    "max-axt-command-count",
    "max-axt-invocation-daily",
    "real-name-authentication",
    "max-cloud-assistant-activation-count",
)


@ecs.action("DescribeAccountAttributes", params="RegionId AttributeName")
def describe_account_attributes(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell quotas: all that are simulated where none is named.

    A name that there is not is refused (not in the reference).
    """
    names = p.texts("AttributeName") or list(ATTRIBUTES)
    for name in names:
        if name in OTHERS:
            raise UnsupportedError(f"AttributeName={name}")
        if name not in ATTRIBUTES:
            raise ctx.error("InvalidParameter", message=f"There is no AttributeName {name}.")
    rows = [
        {
            "AttributeName": name,
            "AttributeValues": {"ValueItem": [{"Value": str(ATTRIBUTES[name](ctx))}]},
        }
        for name in dict.fromkeys(names)
    ]
    return {"AccountAttributeItems": {"AccountAttributeItem": rows}}
