"""Classic load balancers: lists, single descriptions, health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.balancing import BALANCER, backends, client, instance

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


@pytest.fixture
def slb(sim: Simulator) -> Cloud:
    """Give a client of SLB; one instance runs behind the seeded load balancer."""
    instance(sim, "one", 11)
    slb = client(sim, "slb")
    rows = backends({"ServerId": "i-one"})
    slb.ok("AddBackendServers", LoadBalancerId=BALANCER, BackendServers=rows)
    return slb


def test_health(slb: Cloud, sim: Simulator) -> None:
    """Health is told per listener and server: normal while it runs, abnormal when it does
    not, unavailable while the load balancer is being configured.
    """
    sim.set_pace(slb__change=1)
    rows = backends({"ServerId": "i-one", "Weight": 9})
    slb.ok("SetBackendServers", LoadBalancerId=BALANCER, BackendServers=rows)

    def health(**params: Any) -> list[tuple[int, str, str]]:
        answer = slb.ok("DescribeHealthStatus", LoadBalancerId=BALANCER, **params)
        return [
            (row["ListenerPort"], row["ServerId"], row["ServerHealthStatus"])
            for row in answer["BackendServers"]["BackendServer"]
        ]

    assert health() == [(80, "i-one", "unavailable")]
    sim.advance(1)
    assert health() == [(80, "i-one", "normal")]
    instance(sim, "one", 11, status="Stopped")
    assert health(ListenerPort=80, ListenerProtocol="tcp") == [(80, "i-one", "abnormal")]
    assert health(ListenerPort=443) == []
    refused = slb.call("DescribeHealthStatus", LoadBalancerId=BALANCER, ListenerPort=81)
    assert (refused.code, refused.status) == ("ListenerNotFound", 404)
    sim.seed({"slb_listener": [{"load_balancer_id": BALANCER, "port": 80, "protocol": "udp"}]})
    refused = slb.call("DescribeHealthStatus", LoadBalancerId=BALANCER, ListenerPort=80)
    assert refused.code == "TooManyListeners"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, 2),
        ({"LoadBalancerId": BALANCER}, 1),
        ({"LoadBalancerId": f"{BALANCER},lb-more"}, 2),
        ({"LoadBalancerId": "lb-lost"}, 0),
        ({"LoadBalancerName": "more"}, 1),
        ({"LoadBalancerStatus": "inactive"}, 1),
        ({"AddressType": "internet"}, 1),
        ({"NetworkType": "vpc"}, 1),
        ({"VpcId": "vpc-2zesimnetwork00000001"}, 1),
        ({"Address": "10.0.1.240"}, 1),
        ({"ServerId": "i-one"}, 1),
        ({"ServerId": "i-two"}, 0),
        ({"ServerIntranetAddress": "10.0.1.11"}, 1),
        ({"Tag.1.Key": "a"}, 1),
        ({"Tag.1.Key": "a", "Tag.1.Value": "2"}, 0),
        ({"Tags": '[{"tagKey": "a", "tagValue": "1"}]'}, 1),
        ({"MasterZoneId": "cn-beijing-h", "LoadBalancerName": "more"}, 0),
        ({"RegionId": "cn-hangzhou"}, 1),
    ],
)
def test_filters(slb: Cloud, sim: Simulator, filters: dict[str, str], found: int) -> None:
    """Filters are ANDed; ids, names and addresses may be several."""
    sim.seed(
        {
            "load_balancer": [
                {
                    "id": "lb-more",
                    "name": "more",
                    "status": "inactive",
                    "address_type": "internet",
                    "tags": {"a": "1"},
                }
            ]
        }
    )
    answer = slb.ok("DescribeLoadBalancers", **filters)
    assert (answer["TotalCount"], len(answer["LoadBalancers"]["LoadBalancer"])) == (found, found)


def test_listing(slb: Cloud, sim: Simulator) -> None:
    """A list tells the essentials, page by page; bad filters are refused."""
    sim.seed({"load_balancer": [{"id": f"lb-{n}"} for n in range(4)]})
    first = slb.ok("DescribeLoadBalancers")["LoadBalancers"]["LoadBalancer"][0]
    assert (first["LoadBalancerStatus"], first["AddressType"]) == ("active", "intranet")
    page = slb.ok("DescribeLoadBalancers", PageNumber=2, PageSize=2)
    rows = page["LoadBalancers"]["LoadBalancer"]
    assert [row["LoadBalancerId"] for row in rows] == ["lb-1", "lb-2"]
    assert page["TotalCount"] == 5
    assert slb.call("DescribeLoadBalancers", LoadBalancerStatus="on").code == "InvalidParameter"
    assert slb.call("DescribeLoadBalancers", Tags='["a"]').code == "InvalidTag"
    many = ",".join(f"lb-{n}" for n in range(11))
    assert slb.call("DescribeLoadBalancers", LoadBalancerId=many).code == "InvalidParameter"
    assert slb.call("DescribeLoadBalancers", RegionId=None).code == "MissingParameter"


def test_attribute(slb: Cloud) -> None:
    """One load balancer tells its listeners too."""
    shown = slb.ok("DescribeLoadBalancerAttribute", LoadBalancerId=BALANCER)
    assert shown["ListenerPorts"] == {"ListenerPort": [80, 443]}
    ports = shown["ListenerPortsAndProtocol"]["ListenerPortAndProtocol"]
    assert [(one["ListenerPort"], one["ListenerProtocol"]) for one in ports] == [
        (80, "tcp"),
        (443, "tcp"),
    ]
