"""Classic load balancers from making to deletion: listeners, groups, certificates, tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sim.balancing import BALANCER, backends, client, instance
from sim.compute import LONG, VPC, VSWITCH, quotas
from support.tls import Authority

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

INTERNAL = {"VSwitchId": VSWITCH, "LoadBalancerSpec": "slb.s1.small"}
TCP = {"ListenerPort": "22", "BackendServerPort": "2222", "Bandwidth": "-1"}


@pytest.fixture
def slb(sim: Simulator) -> Cloud:
    """Give a client of SLB; an instance runs."""
    instance(sim, "one", 11)
    return client(sim, "slb")


def made(slb: Cloud, **params: Any) -> str:
    """Make a load balancer in the usual vSwitch."""
    return str(slb.ok("CreateLoadBalancer", **{**INTERNAL, **params})["LoadBalancerId"])


def shown(slb: Cloud, balancer_id: str) -> dict[str, Any]:
    """Describe a load balancer."""
    return dict(slb.ok("DescribeLoadBalancerAttribute", LoadBalancerId=balancer_id))


def listener(slb: Cloud, balancer_id: str, protocol: str, port: str) -> dict[str, Any]:
    """Describe a listener."""
    which = {"LoadBalancerId": balancer_id, "ListenerPort": port}
    return dict(slb.ok(f"DescribeLoadBalancer{protocol}ListenerAttribute", **which))


def test_create_and_delete(slb: Cloud) -> None:
    """One in a vSwitch has an address of it, one that faces the internet a public address."""
    answer = slb.ok("CreateLoadBalancer", **INTERNAL, LoadBalancerName="web", Tag__1__Key="a")
    balancer_id = answer["LoadBalancerId"]
    assert (answer["VpcId"], answer["NetworkType"]) == (VPC, "vpc")
    described = shown(slb, balancer_id)
    assert described["Address"].startswith("10.0.1.")
    assert (described["LoadBalancerName"], described["LoadBalancerStatus"]) == ("web", "active")
    assert (described["MasterZoneId"], described["SlaveZoneId"]) == ("cn-beijing-h", "cn-beijing-g")
    assert described["Tags"]["Tag"] == [{"TagKey": "a", "TagValue": ""}]
    public = shown(slb, made(slb, VSwitchId=None))
    assert (public["AddressType"], public["VpcId"]) == ("internet", "")
    assert public["Address"] != described["Address"]
    slb.ok("DeleteLoadBalancer", LoadBalancerId=balancer_id)
    gone = slb.call("DeleteLoadBalancer", LoadBalancerId=balancer_id)
    assert (gone.status, gone.code) == (404, "InvalidLoadBalancerId.NotFound")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"LoadBalancerSpec": None}, "ShareSlbHaltSales"),
        ({"LoadBalancerSpec": "slb.huge"}, "IllegalParam.SpecType"),
        ({"AddressType": "moon"}, "InvalidParameter"),
        ({"AddressType": "intranet", "VSwitchId": None}, "MissingParam.VSwitchId"),
        ({"VSwitchId": "vsw-none"}, "VSwitchNotExist"),
        ({"VpcId": "vpc-none"}, "InvalidVpcId.NotExist"),
        ({"MasterZoneId": "x"}, "InvalidParameter"),
        ({"Address": "10.9.9.9"}, "InvalidParameter"),
        ({"LoadBalancerName": "http://x"}, "InvalidParameter"),
        ({"DeleteProtection": "maybe"}, "InvalidParameter"),
        (
            {"VSwitchId": None, "InternetChargeType": "paybybandwidth"},
            "InvalidParameter.Bandwidth",
        ),
        ({"PayType": "PrePay"}, "SimulatorUnsupported.PayType=PrePay"),
    ],
)
def test_create_refusals(slb: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    assert slb.call("CreateLoadBalancer", **{**INTERNAL, **changed}).code == code
    assert slb.ok("DescribeLoadBalancers")["TotalCount"] == 1


def test_the_quota_and_one_token(slb: Cloud, sim: Simulator) -> None:
    """The number is limited where a test says so; a ClientToken makes one only."""
    assert made(slb, ClientToken="t") == made(slb, ClientToken="t")
    quotas(sim, load_balancer__count=2)
    assert slb.call("CreateLoadBalancer", **INTERNAL).code == "OverQuota"


def test_changes(slb: Cloud) -> None:
    """Its name, whether it passes traffic, and a protection that keeps it."""
    given = {"LoadBalancerId": made(slb)}
    slb.ok("SetLoadBalancerName", **given, LoadBalancerName="new")
    slb.ok("SetLoadBalancerStatus", **given, LoadBalancerStatus="inactive")
    slb.ok("SetLoadBalancerDeleteProtection", **given, DeleteProtection="on")
    described = shown(slb, given["LoadBalancerId"])
    assert (described["LoadBalancerName"], described["LoadBalancerStatus"]) == ("new", "inactive")
    assert described["DeleteProtection"] == "on"
    refused = slb.call("DeleteLoadBalancer", **given)
    assert refused.code == "OperationDenied.DeleteProtectionIsOn"
    slb.ok("SetLoadBalancerDeleteProtection", **given, DeleteProtection="off")
    slb.ok("DeleteLoadBalancer", **given)


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "HTTP"])
def test_a_listener_from_making_to_deletion(slb: Cloud, protocol: str) -> None:
    """A new listener is stopped; it starts, stops, and is deleted."""
    balancer_id = made(slb)
    more = {"HealthCheck": "on"} if protocol == "HTTP" else {}
    given = {"LoadBalancerId": balancer_id, **TCP, **more, "Scheduler": "rr"}
    slb.ok(f"CreateLoadBalancer{protocol}Listener", **given)
    described = listener(slb, balancer_id, protocol, "22")
    assert (described["Status"], described["Scheduler"]) == ("stopped", "rr")
    assert (described["BackendServerPort"], described["HealthCheck"]) == (2222, "on")
    (row,) = slb.ok("DescribeLoadBalancerListeners", LoadBalancerId__1=balancer_id)["Listeners"]
    assert (row["ListenerProtocol"], row["ListenerPort"]) == (protocol.lower(), 22)
    assert row[f"{protocol}ListenerConfig"]["HealthyThreshold"] == 3
    which = {"LoadBalancerId": balancer_id, "ListenerPort": "22"}
    for action, during, after in (
        ("Start", "starting", "running"),
        ("Stop", "stopping", "stopped"),
    ):
        slb.ok(f"{action}LoadBalancerListener", **which)
        assert slb.call("DeleteLoadBalancerListener", **which).code == "Operation.NotAllowed"
        assert listener(slb, balancer_id, protocol, "22")["Status"] == during
        slb.sim.advance(LONG)
        assert listener(slb, balancer_id, protocol, "22")["Status"] == after
    assert slb.call("StopLoadBalancerListener", **which).code == "Operation.NotAllowed"
    slb.ok("DeleteLoadBalancerListener", **which)
    assert slb.call("DeleteLoadBalancerListener", **which).code == "ResourceNotFound.Listener"
    missing = slb.call(f"DescribeLoadBalancer{protocol}ListenerAttribute", **which)
    assert (missing.status, missing.code) == (404, "ListenerNotFound")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"BackendServerPort": None}, "MissingParameter"),
        ({"VServerGroupId": "rsp-none"}, "ResourceNotFound.VServerGroup"),
        ({"ListenerPort": "80"}, "InvalidParameter.ListenerPortConflict"),
        ({"Scheduler": "odd"}, "InvalidParameter"),
        ({"Bandwidth": "9999"}, "InvalidParameter"),
        ({"HealthCheckSwitch": "maybe"}, "InvalidParameter"),
        ({"AclStatus": "on"}, "SimulatorUnsupported.AclStatus=on"),
        ({"LoadBalancerId": "lb-none"}, "InvalidLoadBalancerId.NotFound"),
    ],
)
def test_listener_refusals(slb: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    given = {"LoadBalancerId": BALANCER, **TCP, **changed}
    assert slb.call("CreateLoadBalancerTCPListener", **given).code == code
    assert slb.ok("DescribeLoadBalancerListeners")["TotalCount"] == 2


def test_a_listener_is_changed(slb: Cloud) -> None:
    """What the call leaves out stays; its vServer group can be taken away."""
    which = {"LoadBalancerId": BALANCER, "ListenerPort": "443"}
    change = {"Scheduler": "rr", "HealthCheckInterval": "5", "Description": "new"}
    slb.ok("SetLoadBalancerTCPListenerAttribute", **which, **change, VServerGroup="off")
    described = listener(slb, BALANCER, "TCP", "443")
    assert (described["Scheduler"], described["HealthCheckInterval"]) == ("rr", 5)
    assert (described["Description"], described["VServerGroupId"]) == ("new", "")
    assert described["EstablishedTimeout"] == 900
    for wrong, code in (
        ({"ListenerPort": "9"}, "ListenerNotFound"),
        ({"VServerGroupId": "rsp-none"}, "ResourceNotFound.VServerGroup"),
        ({"Scheduler": "odd"}, "InvalidParameter"),
        ({"HealthCheckSwitch": "odd"}, "InvalidParameter"),
    ):
        answer = slb.call("SetLoadBalancerTCPListenerAttribute", **{**which, **wrong})
        assert answer.code == code
    assert slb.call("SetLoadBalancerUDPListenerAttribute", **which).code == "ListenerNotFound"
    slb.ok(
        "ModifyLoadBalancerInstanceSpec", LoadBalancerId=BALANCER, LoadBalancerSpec="slb.s2.small"
    )
    assert shown(slb, BALANCER)["LoadBalancerSpec"] == "slb.s2.small"
    given = {"LoadBalancerId": BALANCER, "LoadBalancerSpec": "x"}
    assert slb.call("ModifyLoadBalancerInstanceSpec", **given).code == "InvalidParameter"


def test_udp_has_ports_of_its_own(slb: Cloud) -> None:
    """TCP and UDP can listen at one port; then the protocol has to be named."""
    given = {**TCP, "LoadBalancerId": BALANCER, "ListenerPort": "80"}
    slb.ok("CreateLoadBalancerUDPListener", **given)
    which = {"LoadBalancerId": BALANCER, "ListenerPort": "80"}
    assert slb.call("DeleteLoadBalancerListener", **which).code == "TooManyListeners"
    slb.ok("DeleteLoadBalancerListener", **which, ListenerProtocol="udp")
    assert listener(slb, BALANCER, "TCP", "80")["Status"] == "running"


def test_vserver_groups(slb: Cloud) -> None:
    """A group with servers; one that a listener uses stays; all goes with the load balancer."""
    balancer_id = made(slb)
    given = {"LoadBalancerId": balancer_id, "VServerGroupName": "web"}
    servers = backends({"ServerId": "i-one", "Port": 80})
    group = slb.ok("CreateVServerGroup", **given, BackendServers=servers)
    assert group["BackendServers"]["BackendServer"][0]["ServerId"] == "i-one"
    used = {"LoadBalancerId": balancer_id, "VServerGroupId": group["VServerGroupId"]}
    slb.ok("CreateLoadBalancerTCPListener", **used, ListenerPort="80", Bandwidth="-1")
    which = {"VServerGroupId": group["VServerGroupId"]}
    assert slb.call("DeleteVServerGroup", **which).code == "RspoolVipExist"
    listener_80 = {"LoadBalancerId": balancer_id, "ListenerPort": "80"}
    slb.ok("DeleteLoadBalancerListener", **listener_80)
    slb.ok("DeleteVServerGroup", **which)
    assert slb.call("DescribeVServerGroupAttribute", **which).code == "InvalidParameter"
    slb.ok("CreateVServerGroup", **given, BackendServers=servers)
    slb.ok("DeleteLoadBalancer", LoadBalancerId=balancer_id)
    records = slb.sim.state()["records"]
    assert records.get("slb_backend", {}) == {}
    assert sorted(records["vserver_group"]) == [
        "rsp-2zesimvgroup00000001",
        "rsp-bp1simvgroup00000001",
    ]


def test_certificates(slb: Cloud) -> None:
    """An HTTPS listener needs a certificate, which it keeps."""
    certificate, key = Authority().issue("web.example")
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    given = {"ServerCertificate": certificate, "ServerCertificateName": "web"}
    refused = slb.call("UploadServerCertificate", **given, PrivateKey=other.decode())
    assert refused.code == "InvalidParameter"
    refused = slb.call("UploadServerCertificate", **given, PrivateKey="x")
    assert refused.code == "CertificateFormatInvalid"
    uploaded = slb.ok("UploadServerCertificate", **given, PrivateKey=key)
    certificate_id = uploaded["ServerCertificateId"]
    (row,) = slb.ok("DescribeServerCertificates")["ServerCertificates"]["ServerCertificate"]
    assert (row["ServerCertificateName"], row["ServerCertificateId"]) == ("web", certificate_id)
    https = {**TCP, "LoadBalancerId": BALANCER, "HealthCheck": "off"}
    for wrong, code in ((None, "MissingParam.ServerCertificates"), ("x", "CertificateNotExist")):
        answer = slb.call("CreateLoadBalancerHTTPSListener", **https, ServerCertificateId=wrong)
        assert answer.code == code
    slb.ok("CreateLoadBalancerHTTPSListener", **https, ServerCertificateId=certificate_id)
    assert listener(slb, BALANCER, "HTTPS", "22")["ServerCertificateId"] == certificate_id
    used = slb.call("DeleteServerCertificate", ServerCertificateId=certificate_id)
    assert used.code == "CertificateAndPrivateKeyIsRefered"
    slb.ok("DeleteLoadBalancerListener", LoadBalancerId=BALANCER, ListenerPort="22")
    slb.ok("DeleteServerCertificate", ServerCertificateId=certificate_id)
    assert "PRIVATE KEY" not in str(slb.sim.state())


def test_tags_and_places(slb: Cloud) -> None:
    """Load balancers are tagged; regions and zones are those of ECS."""
    given = {"ResourceType": "instance", "ResourceId__1": BALANCER}
    slb.ok("TagResources", **given, Tag__1__Key="a", Tag__1__Value="1")
    (row,) = slb.ok("ListTagResources", **given)["TagResources"]["TagResource"]
    assert (row["TagKey"], row["TagValue"]) == ("a", "1")
    slb.ok("UntagResources", **given, TagKey__1="a")
    assert shown(slb, BALANCER)["Tags"]["Tag"] == []
    missing = slb.call("TagResources", **{**given, "ResourceId__1": "lb-x"}, Tag__1__Key="a")
    assert missing.code == "ResourceNotExist"
    (first, _) = slb.ok("DescribeZones")["Zones"]["Zone"]
    assert first["SlaveZones"]["SlaveZone"][0]["ZoneId"] == "cn-beijing-g"
    assert len(slb.ok("DescribeRegions")["Regions"]["Region"]) == 2


def test_paid_for_by_use_and_protected(slb: Cloud) -> None:
    """One that is paid for by use has no size; a protection against the console can be set."""
    given = {"LoadBalancerSpec": None, "InstanceChargeType": "PayByCLCU"}
    balancer_id = made(slb, **given, ModificationProtectionStatus="ConsoleProtection")
    described = shown(slb, balancer_id)
    assert described["InstanceChargeType"] == "PayByCLCU"
    assert described["ModificationProtectionStatus"] == "ConsoleProtection"
    which = {"LoadBalancerId": balancer_id}
    none = {"ModificationProtectionStatus": "NonProtection"}
    slb.ok("SetLoadBalancerModificationProtection", **which, **none)
    assert shown(slb, balancer_id)["ModificationProtectionStatus"] == "NonProtection"
    wrong = {"ModificationProtectionStatus": "x"}
    answer = slb.call("SetLoadBalancerModificationProtection", **which, **wrong)
    assert answer.code == "InvalidParam.ModificationProtectionStatus"
    odd = slb.call("CreateLoadBalancer", **{**INTERNAL, "InstanceChargeType": "x"})
    assert odd.code == "IllegalParam.InstanceChargeType"
