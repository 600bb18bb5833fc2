"""What tests of load balancers and EIPs share: the seeded ids, instances, clients by version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.support import ZONE, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

VPC_ID = "vpc-2zesimnetwork00000001"
BALANCER = "lb-2zesimbalancer000001"
VGROUP = "rsp-2zesimvgroup00000001"
NLB_GROUP = "sgp-2zesimnlbgroup100001"
NLB_GROUP_2 = "sgp-2zesimnlbgroup200001"
ALB_GROUP = "sgp-2zesimalbgroup000001"
EIP = "eip-2zesimeip10000000001"
EIP_2 = "eip-2zesimeip20000000001"
VERSIONS = {
    "slb": "2014-05-15",
    "nlb": "2022-04-30",
    "alb": "2020-06-16",
    "vpc": "2016-04-28",
    "location": "2015-06-12",
}


def client(sim: Simulator, service: str, **common: Any) -> Cloud:
    """Give a client of a service."""
    return Cloud(sim, common={"Version": VERSIONS[service], **common})


def instance(sim: Simulator, name: str, number: int, **fields: Any) -> str:
    """Add an instance with the address 10.0.1.<number>, Running unless told otherwise."""
    row = {
        "id": f"i-{name}",
        "status": "Running",
        "zone_id": ZONE,
        "vpc_id": VPC_ID,
        "private_ip": f"10.0.1.{number}",
        **fields,
    }
    return sim.seed({"instance": [row]})["instance"][0]


def interface(sim: Simulator, name: str, number: int, **fields: Any) -> str:
    """Add a secondary interface that is InUse."""
    row = {
        "id": f"eni-{name}",
        "status": "InUse",
        "zone_id": ZONE,
        "vpc_id": VPC_ID,
        "private_ip": f"10.0.1.{number}",
        "instance_id": "i-holder",
        **fields,
    }
    return sim.seed({"eni": [row]})["eni"][0]


def backends(*rows: dict[str, Any]) -> str:
    """Write a BackendServers text."""
    return json.dumps(rows)


def servers(*rows: dict[str, Any]) -> dict[str, Any]:
    """Write the parameters Servers.N; each row is an Ecs unless told otherwise."""
    return {
        f"Servers__{number}__{field}": value
        for number, row in enumerate(rows, start=1)
        for field, value in {"ServerType": "Ecs", **row}.items()
    }


def release(sim: Simulator, instance_id: str) -> None:
    """Release an instance as its owner does, and let it go."""
    Cloud(sim).ok("DeleteInstance", InstanceId=instance_id, Force="true")
    sim.advance(60)
    assert instance_id not in sim.state()["records"]["instance"]
