"""``alicloud-cpi validate --online``: what the account and the region have and would accept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.vpc.eip_record import Eip
from support.cloud_configs import GROUP, changed
from support.world import OTHER_ZONE, ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names


def test_online_nothing_is_wrong(
    validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator, names: Names
) -> None:
    """VM types are tried with CreateInstance, and nothing is created."""
    before = sim.state()["records"]
    online = ("--online", "--config", cpi.path, "--stemcell", names.image)
    status, found = validate({**real, "instance_groups": [GROUP]}, *online)
    assert [one for one in found if one[0] != "note"] == []
    assert status == 0
    assert sim.calls("CreateInstance") != []
    assert sim.state()["records"] == before


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("networks.0.subnets.0.cloud_properties.vswitch_id", "vsw-x", "vSwitch 'vsw-x' not found"),
        ("networks.0.subnets.0.range", "10.0.3.0/24", "range must be in that of vSwitch"),
        ("azs.0.cloud_properties.availability_zone", OTHER_ZONE, "is in zone cn-beijing-h"),
        (
            "networks.0.subnets.0.cloud_properties.security_group_ids",
            ["sg-x"],
            "security group 'sg-x' not found",
        ),
        ("vm_types.0.cloud_properties.slbs", ["lb-x"], "classic load balancer 'lb-x' not found"),
        ("vm_types.0.cloud_properties.slb_server_group", ["rsp-x"], "vServer group 'rsp-x' not"),
        (
            "vm_extensions.0.cloud_properties.nlb_server_groups",
            [{"server_group_id": "sgp-x", "port": 80}],
            "NLB server group 'sgp-x' not found",
        ),
        (
            "vm_extensions.0.cloud_properties.alb_server_groups",
            [{"server_group_id": "sgp-x", "port": 80}],
            "ALB server group 'sgp-x' not found",
        ),
        (
            "vm_types.0.cloud_properties.key_pair_name",
            "no-pair",
            "cloud_properties.key_pair_name: key pair 'no-pair' not found in region cn-beijing",
        ),
        (
            "disk_types.0.cloud_properties.auto_snapshot_policy_id",
            "sp-x",
            "cloud_properties.auto_snapshot_policy_id: automatic snapshot policy 'sp-x' not found",
        ),
        ("vm_types.0.cloud_properties.stemcell_id", "m-x", "image 'm-x' not found"),
        (
            "networks.1",
            {"name": "m", "managed": True, "subnets": [{"cloud_properties": {"vpc_id": "vpc-x"}}]},
            "cloud_properties.vpc_id: VPC 'vpc-x' not found",
        ),
        ("vm_types.0.cloud_properties.deployment_set_id", "ds-x", "deployment set 'ds-x' not fo"),
        ("azs.0.cloud_properties.dedicated_host_id", "dh-x", "dedicated host 'dh-x' not found"),
        ("vm_types.0.cloud_properties.ram_role_name", "none", "would refuse this VM"),
        ("vm_types.0.cloud_properties.instance_type", "ecs.none", "would refuse this VM"),
    ],
)
def test_online_errors(
    validate: Any,
    real: dict[str, Any],
    cpi: Cpi,
    names: Names,
    path: str,
    value: Any,
    message: str,
) -> None:
    """What does not exist, is in another zone, or would be refused."""
    document = changed(real, path, value)
    status, found = validate(document, "--online", "--config", cpi.path, "--stemcell", names.image)
    assert status == 1
    assert [one for one in found if one[0] == "error" and message in one[2]], found


def test_online_lists_of_vswitches(
    validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator, names: Names
) -> None:
    """Each is looked up; one in the zone of each AZ is enough, and the VM is tried in it."""
    subnet = "networks.0.subnets.0.cloud_properties"
    document = changed(real, f"{subnet}.vswitch_id", None)
    listed = [names.other_vswitch, names.vswitch]
    online = ("--online", "--config", cpi.path, "--stemcell", names.image)
    status, found = validate(changed(document, f"{subnet}.vswitch_ids", listed), *online)
    assert [one for one in found if one[0] == "error"] == []
    assert status == 0
    assert sim.calls("CreateInstance")[-1]["params"]["VSwitchId"] == names.vswitch
    listed = [names.other_vswitch, "vsw-x"]
    status, found = validate(changed(document, f"{subnet}.vswitch_ids", listed), *online)
    assert status == 1
    texts = " ".join(text for _, _, text in found)
    assert "vSwitch 'vsw-x' not found" in texts
    assert f"vSwitch '{names.other_vswitch}' is in zone {OTHER_ZONE}, its AZ in" in texts


def test_online_stock(validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator) -> None:
    """A type that is sold out is a warning: it may come back."""
    sim.seed({"stock": [{"zone": ZONE, "type": "ecs.g6.large", "left": 0}]})
    status, found = validate(real, "--online", "--config", cpi.path)
    assert status == 0
    assert ("warning", "vm_types.default") in [(level, where) for level, where, _ in found]
    assert any("not on sale in zone cn-beijing-h" in message for _, _, message in found)


def test_online_without_permissions(
    validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator
) -> None:
    """A request that failed is a warning; everything else is checked."""
    sim.add_key("LTAI5tReader", "of-the-reader", denied=["vpc:*"])
    cpi.configure(access_key_id="LTAI5tReader", access_key_secret="of-the-reader")
    document = changed(real, "vm_types.0.cloud_properties.slbs", ["lb-x"])
    status, found = validate(document, "--online", "--config", cpi.path)
    assert status == 1
    warned = [where for level, where, _ in found if level == "warning"]
    assert "vSwitches" in warned
    assert any("lb-x" in message for _, _, message in found)


def messages(found: list[tuple[str, str, str]], level: str) -> dict[str, str]:
    """Return the messages of a level by where they stand."""
    return {where: message for one, where, message in found if one == level}


def test_online_snapshot_policy(
    validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator
) -> None:
    """One that there is, is right."""
    policy = sim.seed({"auto_snapshot_policy": [{"name": "daily"}]})["auto_snapshot_policy"][0]
    document = changed(real, "disk_types.0.cloud_properties.auto_snapshot_policy_id", policy)
    status, found = validate(document, "--online", "--config", cpi.path)
    assert (status, messages(found, "error")) == (0, {})


def test_online_the_jobs_defaults(validate: Any, real: dict[str, Any], cpi: Cpi) -> None:
    """They name what has to exist, too."""
    cpi.configure(default_key_name="no-pair", default_security_groups=["sg-x"])
    status, found = validate(real, "--online", "--config", cpi.path)
    assert status == 1
    told = [message for level, where, message in found if (level, where) == ("error", "cpi.json")]
    assert [message.partition(" not found")[0] for message in told] == [
        "alicloud.default_security_groups: security group 'sg-x'",
        "alicloud.default_key_name: key pair 'no-pair'",
    ]


def test_online_keys_and_groups(
    validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator, names: Names
) -> None:
    """KMS keys and resource groups are tried by a dry run of CopyImage, where there is an image."""
    disabled = sim.seed({"kms_key": [{"status": "Disabled"}]})["kms_key"][0]
    disk = "disk_types.0.cloud_properties"
    document = changed(real, disk, {"encrypted": True, "kms_key_id": disabled})
    document = changed(document, f"{disk}.resource_group_id", "rg-x")
    cpi.configure(kms_key_id=names.kms_key)
    online = ("--online", "--config", cpi.path)
    before = sim.state()["records"]
    status, found = validate(document, *online, "--stemcell", names.image)
    assert status == 1
    wrong = [(where, message) for level, where, message in found if level == "error"]
    assert {where for where, _ in wrong} == {"disk_types.small"}
    key, group = (message for _, message in wrong)
    assert key.startswith(f"cloud_properties.kms_key_id: KMS key '{disabled}' cannot be used:")
    assert "CMKNotEnabled" in key
    assert group.startswith("cloud_properties.resource_group_id: resource group 'rg-x' cannot be")
    assert sim.state()["records"] == before

    status, found = validate(document, *online)
    assert status == 0
    notes = [(where, message) for level, where, message in found if level == "note"]
    for where, path, what in (
        ("disk_types.small", "cloud_properties.kms_key_id", f"KMS key '{disabled}'"),
        ("cpi.json", "alicloud.kms_key_id", f"KMS key '{names.kms_key}'"),
        ("disk_types.small", "cloud_properties.resource_group_id", "resource group 'rg-x'"),
    ):
        assert (where, f"{path}: {what} is not checked: give --stemcell") in notes


def test_online_elastic_ip_addresses(
    validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator, names: Names
) -> None:
    """Of vip networks: allocated here, free, or bound to a VM of the CPI."""
    free, own, other = names_of_eips(sim)
    cid = cpi.ok(
        *("create_vm", "agent-1", names.image, {"instance_type": "ecs.g6.large"}),
        *({**names.networks(), "vip": {"type": "vip", "ip": own}}, [], {}),
    )[0]
    for eip in sim.world.all(Eip):
        if eip.ip_address == other:
            eip.status, eip.instance_id = "InUse", "nlb-elsewhere"
    network = {"name": "public", "static_ips": [f"{free}-{free}", own]}
    group = {**GROUP, "networks": [{"name": "default"}, network]}
    document = changed(real, "networks.1.subnets", [{"static": [other, "203.0.113.9"]}])
    status, found = validate(
        {**document, "instance_groups": [group]}, "--online", "--config", cpi.path
    )
    assert status == 1
    told = {(level, where): message for level, where, message in found if "elastic" in message}
    held = ("error", "networks.public.subnets[0].static")
    wrong = [message for level, _, message in found if level == "error"]
    assert len(wrong) == 2
    assert f"'{other}' is bound to 'nlb-elsewhere', which is no VM of this CPI" in wrong[0]
    assert wrong[1].endswith("'203.0.113.9' not found in region cn-beijing")
    assert held in told
    note = told[("note", "instance_groups.web.networks[1].static_ips")]
    assert note == f"elastic IP address '{own}' is bound to VM '{cid}' of this CPI"
    assert not any(free in message for message in told.values())


def test_online_quotas(validate: Any, real: dict[str, Any], cpi: Cpi, sim: Simulator) -> None:
    """What is left for a VM type, and for all instances of a manifest."""
    sim.seed({"quotas": {"instance.vcpus": 5}})
    group = {**GROUP, "vm_extensions": [], "instances": 3}
    online = ("--online", "--config", cpi.path)
    status, found = validate({**real, "instance_groups": [group]}, *online)
    assert status == 0
    assert messages(found, "note")["quotas"].startswith(
        "region cn-beijing: 0 of 5 vCPUs of pay-as-you-go VMs are used, 0 of 5 vCPUs of spot VMs"
    )
    assert messages(found, "warning") == {
        "instance_groups": "need 6 vCPUs of pay-as-you-go VMs, the quota has 5 left"
    }
    sim.seed({"quotas": {"instance.vcpus": 1}})
    _, found = validate(real, *online)
    wanted = "ecs.g6.large has 2 vCPUs, the quota of pay-as-you-go VMs has 1 left"
    assert messages(found, "warning") == {"vm_types.default": wanted}


def test_online_stemcell(validate: Any, cpi: Cpi, sim: Simulator, names: Names) -> None:
    """The images of a light one exist; a family has an image of the region."""
    sim.resume()
    cpi.configure(cross_regions=["cn-hangzhou"])
    online = ("--online", "--config", cpi.path)

    def told(**properties: Any) -> list[str]:
        document = {"stemcell_formats": ["alicloud-light"], "cloud_properties": properties}
        status, found = validate(document, *online)
        assert status == any(level == "error" for level, _, _ in found)
        return [message for _, _, message in found]

    assert told(image_id={"cn-beijing": names.image}) == []
    assert told(image_family="none") == [
        "cloud_properties.image_family: image family 'none' has no image in region cn-beijing"
    ]
    sim.seed({"image": [{"name": "i", "family": "bosh"}]})
    assert told(image_family="bosh") == []
    wrong = told(image_id={"cn-hangzhou": "m-x"})
    assert wrong == [
        "cloud_properties.image_id must have an image of region cn-beijing",
        "cloud_properties.image_id.cn-hangzhou: image 'm-x' is not found in region cn-hangzhou",
    ]


def names_of_eips(sim: Simulator) -> list[str]:
    """Return three free elastic IP addresses of the account."""
    sim.seed({"eip": [{"ip_address": f"198.51.100.{n}", "status": "Available"} for n in range(3)]})
    return [f"198.51.100.{n}" for n in range(3)]
