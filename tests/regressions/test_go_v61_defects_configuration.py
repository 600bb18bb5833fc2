"""Configuration: defects 50 to 58 of the Go CPI v61, one test for each.

A test's number is the defect's in the list of them, its docstring the rule that holds here. The
others are in test_go_v61_defects_data_loss, _contract and _robustness. What the job's templates
have to do with 50 to 53 (that they render every property, export the proxies and leave stderr
alone) is for tests/release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import stemcells
from support.connections import Connections
from support.proxy import Proxy
from support.storage import refused

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.director import Director
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names

YES = True


def test_50_every_endpoint_is_configured(
    director: Director, sim: Simulator, names: Names, tmp_path: Path
) -> None:
    """Each service is reached by its own property, with nothing in the environment."""
    there = Connections(sim)
    networks = {**names.networks(), "public": {"type": "vip", "ip": there.ip}}
    group = {"server_group_id": there.nlb_groups[0], "port": 80}
    director.vm(networks=networks, slbs=[there.balancer], nlb_server_groups=[group])
    path = stemcells.tarball(tmp_path, stemcells.image(stemcells.MIB))
    director.ok("create_stemcell", path, stemcells.properties())
    assert {call["service"] for call in sim.calls()} == {"ecs", "vpc", "slb", "nlb", "oss"}


def test_51_proxies_and_authorities_are_configured(director: Director, sim: Simulator) -> None:
    """The proxy that bin/cpi exports is used, and alicloud.ca_cert decides on who is trusted."""
    director.cpi.configure(ecs_endpoint=None)
    with Proxy(sim.port) as proxy:
        environment = {"https_proxy": proxy.url, "no_proxy": "localhost"}
        trusted = director.call("has_disk", "d-1", environment=environment)
        director.cpi.configure(ca_cert=None)
        untrusted = director.call("has_disk", "d-1", environment=environment)
    assert trusted.result is False
    refused(untrusted, "CloudError", "certificate is not trusted")
    assert [request.target for request in proxy.requests] == [
        "CONNECT ecs.cn-beijing.aliyuncs.com:443"
    ] * 2


def test_52_region_and_zone_are_never_invented(director: Director, storage: Storage) -> None:
    """The region is required, and so is a zone where one is needed: errors say where they go."""
    director.cpi.configure(region=None, availability_zone=None)
    refused(director.call("has_disk", "d-1"), "CpiError", "alicloud.region is required")
    director.cpi.configure(region="cn-beijing")
    needed = "alicloud.availability_zone"
    refused(director.call("create_disk", 20480, {}), "CloudError", needed)
    refused(director.create(availability_zone=None), "VMCreationFailed", needed)
    director.cpi.configure(availability_zone="cn-beijing-g")
    assert storage.found(director.ok("create_disk", 20480, {})).zone_id == "cn-beijing-g"


def test_53_the_log_is_shown(director: Director) -> None:
    """`bosh task --cpi` shows every request and every error once: on stderr, not in `log`."""
    answer = director.call("attach_disk", "i-gone", "d-gone")
    assert answer.log == ""
    lines = answer.stderr.splitlines()
    assert all(" cpi-000042 attach_disk: " in line for line in lines)
    assert sum("DescribeInstances region=cn-beijing" in line for line in lines) == 1
    assert sum(" ERROR " in line and "'i-gone' not found" in line for line in lines) == 1


def test_54_the_vm_types_security_groups_replace_the_networks(
    director: Director, vms: Vms, names: Names
) -> None:
    """A VM joins the groups of its VM type alone, however the network names its own."""
    one, two, three = names.groups
    networks = names.networks(security_group_ids=None, security_group_id=one)
    cid = director.vm(networks=networks, security_group_ids=[two, three])
    assert sorted(vms.vm(cid).security_group_ids) == sorted([two, three])


def test_55_nlb_entries_are_checked_first_and_all_count(
    director: Director, vms: Vms, sim: Simulator
) -> None:
    """The weight is 100 by default, a group may have several ports, and delete_vm leaves all."""
    there = Connections(sim)
    group = there.nlb_groups[0]
    wrong = director.create(nlb_server_groups=[{"server_group_id": group, "weight": 5}])
    refused(wrong, "VMCreationFailed", "nlb_server_groups[0].port is required")
    assert sim.calls("CreateInstance") == []
    ports = [{"server_group_id": group, "port": port} for port in (80, 443)]
    cid = director.vm(nlb_server_groups=ports)
    assert sorted(there.nlb_members()) == [(group, cid, 80, 100), (group, cid, 443, 100)]
    director.ok("delete_vm", cid)
    left = [
        call["params"].get(f"Servers.{number}.Port", "none")
        for call in sim.calls("RemoveServersFromServerGroup")
        for number in (1, 2)
    ]
    assert sorted(left) == ["443", "80"]
    assert (there.nlb_members(), vms.left()) == ([], {})


def test_56_properties_take_the_values_that_are_documented(
    director: Director, vms: Vms, sim: Simulator
) -> None:
    """`auto_renew: true` is a boolean, `slb_weight: 0` a weight, and an empty size none at all."""
    there = Connections(sim)
    cid = director.vm(
        charge_type="PrePaid",
        charge_period=1,
        auto_renew=YES,
        auto_renew_period=1,
        slbs=[there.balancer],
        slb_weight=0,
        ephemeral_disk={"size": ""},
    )
    assert vms.vm(cid).auto_renew is True
    assert there.backends() == [(cid, 0)]
    assert [disk.type for disk in vms.disks(cid)] == ["system"]


def test_57_no_data_disk_is_made_unasked(director: Director, vms: Vms) -> None:
    """Without a size there is no ephemeral disk, and the agent is told of none."""
    cid = director.vm(ephemeral_disk={"category": "cloud_ssd"})
    assert [disk.type for disk in vms.disks(cid)] == ["system"]
    assert "ephemeral" not in vms.settings(cid)["disks"]


def test_58_a_repeated_create_vm_finds_its_vm(
    director: Director, vms: Vms, sim: Simulator, names: Names
) -> None:
    """The same call again answers the same VM; NLB is not asked about a VM that is in none."""
    networks = names.networks(ip=None)
    cid = director.vm(networks=networks)
    assert director.vm(networks=networks) == cid
    assert list(sim.state()["records"]["instance"]) == [cid]
    sim.change_key(director.cpi.properties["access_key_id"], denied=["nlb:*"])
    director.ok("delete_vm", cid)
    assert vms.left() == {}
    assert {call["service"] for call in sim.calls()} == {"ecs"}
