"""What the tests of instances and their network need: orders, instances made, and waits."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

LONG = 3600.0
IMAGE = "m-2zesimstemcell000001"
VPC = "vpc-2zesimnetwork00000001"
VSWITCH = "vsw-2zesimswitch100000001"
VSWITCH_G = "vsw-2zesimswitch200000001"
GROUP = "sg-2zesimgroupdefault01"
GROUP_EXTRA = "sg-2zesimgroupextra0001"
GROUP_THIRD = "sg-2zesimgroupthird0001"
OTHER_VPC = "vpc-other"
ORDER = {
    "ImageId": IMAGE,
    "InstanceType": "ecs.g6.large",
    "VSwitchId": VSWITCH,
    "SecurityGroupId": GROUP,
    "SystemDisk.Category": "cloud_essd",
}
"""The parameters that a plain CreateInstance or RunInstances needs."""


def encoded(text: str) -> str:
    """Encode user data as calls have it."""
    return base64.b64encode(text.encode()).decode()


def order(**changed: Any) -> dict[str, Any]:
    """Give the plain order with some parameters changed; None leaves one out."""
    return {**ORDER, **{name.replace("__", "."): value for name, value in changed.items()}}


def create(cloud: Cloud, **changed: Any) -> str:
    """Make an instance with CreateInstance; it is Pending then."""
    return str(cloud.ok("CreateInstance", **order(**changed))["InstanceId"])


def stopped(cloud: Cloud, **changed: Any) -> str:
    """Make an instance and wait until it is Stopped."""
    instance_id = create(cloud, **changed)
    cloud.sim.advance(LONG)
    assert status(cloud, instance_id) == "Stopped"
    return instance_id


def running(cloud: Cloud, **changed: Any) -> str:
    """Make an instance, start it and wait until it is Running."""
    instance_id = stopped(cloud, **changed)
    cloud.ok("StartInstance", InstanceId=instance_id)
    cloud.sim.advance(LONG)
    assert status(cloud, instance_id) == "Running"
    return instance_id


def instances(cloud: Cloud, *ids: str, **params: Any) -> list[Any]:
    """Describe instances, some or all."""
    if ids:
        params["InstanceIds"] = json.dumps(ids)
    return list(cloud.ok("DescribeInstances", **params)["Instances"]["Instance"])


def instance(cloud: Cloud, instance_id: str) -> Any:
    """Describe one instance."""
    (shown,) = instances(cloud, instance_id)
    return shown


def status(cloud: Cloud, instance_id: str) -> str:
    """Read the status of an instance; "" if it is not listed, for new and for released ones."""
    shown = instances(cloud, instance_id)
    return str(shown[0]["Status"]) if shown else ""


def statuses(cloud: Cloud, instance_id: str) -> list[str]:
    """Read an instance's status until it settles; each read lets what is due go on."""
    seen: list[str] = []
    while True:
        now = status(cloud, instance_id)
        if seen[-1:] == [now]:
            return seen
        seen.append(now)


def address(cloud: Cloud, instance_id: str) -> str:
    """Tell the private address of an instance."""
    (found,) = instance(cloud, instance_id)["VpcAttributes"]["PrivateIpAddress"]["IpAddress"]
    return str(found)


def gone(cloud: Cloud, instance_id: str, **params: Any) -> None:
    """Delete an instance and wait until it is released, but not for its address."""
    cloud.ok("DeleteInstance", InstanceId=instance_id, **params)
    while status(cloud, instance_id):
        pass


def enis(cloud: Cloud, **params: Any) -> list[Any]:
    """Describe network interfaces."""
    answer = cloud.ok("DescribeNetworkInterfaces", **params)
    return list(answer["NetworkInterfaceSets"]["NetworkInterfaceSet"])


def eni(cloud: Cloud, eni_id: str) -> Any:
    """Describe one network interface."""
    (shown,) = enis(cloud, NetworkInterfaceId__1=eni_id)
    return shown


def free_eni(cloud: Cloud, **params: Any) -> str:
    """Make a secondary interface and wait until it is Available."""
    given = {"VSwitchId": VSWITCH, "SecurityGroupId": GROUP, **params}
    eni_id = str(cloud.ok("CreateNetworkInterface", **given)["NetworkInterfaceId"])
    cloud.sim.advance(LONG)
    return eni_id


def other_network(sim: Simulator, zone_id: str = "cn-beijing-h") -> None:
    """Add another VPC with a vSwitch vsw-other and a group sg-other."""
    sim.seed(
        {
            "vpc": [{"id": OTHER_VPC, "cidr_block": "172.16.0.0/16"}],
            "vswitch": [
                {
                    "id": "vsw-other",
                    "vpc_id": OTHER_VPC,
                    "zone_id": zone_id,
                    "cidr_block": "172.16.1.0/24",
                }
            ],
            "security_group": [{"id": "sg-other", "vpc_id": OTHER_VPC}],
        }
    )


def settings(sim: Simulator, **values: Any) -> None:
    """Set settings of the world; dots in names are written as __."""
    sim.seed({"settings": {name.replace("__", "."): value for name, value in values.items()}})


def quotas(sim: Simulator, **values: int) -> None:
    """Set quotas of the world; dots in names are written as __."""
    sim.seed({"quotas": {name.replace("__", "."): value for name, value in values.items()}})
