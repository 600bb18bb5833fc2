"""Where a VM is reached: its addresses, groups, zones and load balancers."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest

from live.cloud import Backend, eventually, fields_of

if TYPE_CHECKING:
    from live.cloud import Cloud
    from live.settings import Live
    from live.story import Story

PORT, OTHER_PORT = 8080, 8443


@pytest.mark.needs("vswitch_cidr", "vswitch_gateway", "vswitch_static")
def test_a_given_address(story: Story, cloud: Cloud, live: Live) -> None:
    """A manual network's address is the VM's, and the next VM's as soon as that is gone."""
    address = live["vswitch_static"].partition("-")[0].strip()
    network = story.network(
        type="manual",
        ip=address,
        gateway=live["vswitch_gateway"],
        netmask=str(ip_network(live["vswitch_cidr"]).netmask),
    )
    for _ in range(2):
        vm = story.vm({"private": network})
        seen = cloud.instance(vm)
        assert seen is not None
        assert seen["VpcAttributes"]["PrivateIpAddress"]["IpAddress"] == [address]
        assert cloud.settings(vm)["networks"]["private"]["ip"] == address
        story.remove(vm)


@pytest.mark.needs("test_eip")
def test_an_elastic_address(story: Story, cloud: Cloud, live: Live) -> None:
    """A vip network's address is bound to the VM, and free again without it."""
    address = live["test_eip"]
    assert cloud.eip(address)[0] == "Available"
    vip = {"type": "vip", "ip": address, "cloud_properties": {}}
    vm = story.vm({"private": story.network(), "public": vip})
    assert cloud.eip(address) == ("InUse", vm)
    story.remove(vm)
    eventually(lambda: cloud.eip(address), ("Available", ""))


@pytest.mark.needs("second_security_group_id")
def test_several_security_groups(story: Story, cloud: Cloud, live: Live) -> None:
    """A VM type's groups take the place of the network's."""
    groups = [live["second_security_group_id"], live["security_group_id"]]
    vm = story.vm(security_group_ids=groups)
    seen = cloud.instance(vm)
    assert seen is not None
    assert sorted(seen["SecurityGroupIds"]["SecurityGroupId"]) == sorted(groups)


@pytest.mark.needs("second_vswitch_id", "second_availability_zone")
def test_a_second_zone(story: Story, cloud: Cloud, live: Live) -> None:
    """VM and disk are made where the VM type says, and belong together."""
    zone = live["second_availability_zone"]
    network = story.network()
    network["cloud_properties"]["vswitch_id"] = live["second_vswitch_id"]
    vm = story.vm({"private": network}, availability_zone=zone)
    disk = story.disk(vm)
    story.cpi.ok("attach_disk", vm, disk)
    found = (cloud.instance(vm), cloud.disk(disk))
    assert [fields_of(row, "ZoneId") for row in found] == [(zone,), (zone,)]


@pytest.mark.needs("slb_id")
def test_a_classic_load_balancer(story: Story, cloud: Cloud, live: Live) -> None:
    """The VM is a backend of the default group, with its weight, for as long as it lives."""
    vm = story.vm(slbs=[live["slb_id"]], slb_weight=70)
    assert cloud.balancer(live["slb_id"], vm) == [Backend(0, 70)]
    story.remove(vm)
    eventually(lambda: cloud.balancer(live["slb_id"], vm), [])


@pytest.mark.needs("slb_server_group_id")
def test_a_vserver_group(story: Story, cloud: Cloud, live: Live) -> None:
    """The VM is a backend of the group, with port and weight, for as long as it lives."""
    group = live["slb_server_group_id"]
    properties: dict[str, Any] = {
        "slb_server_group": [group],
        "slb_server_group_port": PORT,
        "slb_server_group_weight": 30,
    }
    vm = story.vm(**properties)
    assert cloud.vserver_group(group, vm) == [Backend(PORT, 30)]
    story.remove(vm)
    eventually(lambda: cloud.vserver_group(group, vm), [])


@pytest.mark.needs("nlb_server_group_id")
def test_a_network_load_balancer(story: Story, cloud: Cloud, live: Live) -> None:
    """The VM is a server of the group with each of its ports, for as long as it lives."""
    group = live["nlb_server_group_id"]
    places = [
        {"server_group_id": group, "port": PORT, "weight": 40},
        {"server_group_id": group, "port": OTHER_PORT},
    ]
    vm = story.vm(nlb_server_groups=places)
    assert cloud.nlb_group(group, vm) == [Backend(PORT, 40), Backend(OTHER_PORT, 100)]
    story.remove(vm)
    assert cloud.nlb_group(group, vm) == []
