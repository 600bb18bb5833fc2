"""Requests for manifests as users have them: each is accepted, and has its effect in the cloud."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.instances import Instance
from examples.playing import FOLDER, Examples, unknown
from support.connections import Connections
from support.storage import NVME, VIRTIO
from support.world import MARK

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names

GROUP_TAG = "environment_bosh_group_for_using_capacity_reservation_in_alicloud_iaas"
EFFICIENCY, SSD, ESSD = "cloud_efficiency", "cloud_ssd", "cloud_essd"


@pytest.fixture
def examples(cpi: Cpi, names: Names) -> Examples:
    """Give the examples."""
    return Examples(cpi, names)


@pytest.fixture
def there(sim: Simulator) -> Connections:
    """Give the load balancers and the elastic IP address that examples name."""
    return Connections(sim)


def test_every_example_is_played_and_described() -> None:
    """A file of this folder is in a test and in the README."""
    files = {path.stem for path in FOLDER.glob("*.json")}
    played = re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', Path(__file__).read_text("utf-8"))
    described = re.findall(
        r"^\| `([\w-]+)` \|", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert files == set(described)
    assert files <= set(played)


# bosh-deployment


def test_bosh_deployment_director(examples: Examples) -> None:
    """The VM of create-env: disks with sizes as text, key pair, name; nothing is called unknown."""
    made = examples.vm("bosh-deployment-director")
    assert made.system_disk == (EFFICIENCY, 50)
    assert made.ephemeral_disk == (EFFICIENCY, 50)
    assert (made.vm.name, made.vm.key_pair_name) == ("bosh-director", examples.names.key_pair)
    assert (made.vm.private_ip, made.vm.image_id) == ("10.0.1.6", examples.names.image)
    assert made.settings["env"]["bosh"]["ntp"][0] == "server 0.cn.pool.ntp.org"
    assert unknown(made.log) == ""


def test_bosh_deployment_director_with_an_external_ip(
    examples: Examples, there: Connections
) -> None:
    """external-ip-not-recommended.yml: a vip beside the manual network."""
    made = examples.vm("bosh-deployment-director-external-ip")
    assert there.eip() == ("InUse", made.vm.id)
    assert set(made.settings["networks"]) == {"default", "public"}


def test_bosh_deployment_director_disk(examples: Examples) -> None:
    """`type` is a category; `instance_role`, which nobody knows, is named."""
    vm_cid = examples.storage.vm()
    answer = examples.answer("bosh-deployment-director-disk", vm_cid=vm_cid)
    disk = examples.storage.found(answer.result)
    assert (disk.category, disk.size_gib) == (EFFICIENCY, 64)
    assert unknown(answer.stderr) == "instance_role"


@pytest.mark.parametrize(
    ("name", "kind", "size_gib"),
    [
        ("bosh-deployment-default-vm", "ecs.sn1ne.large", 30),
        ("bosh-deployment-large-vm", "ecs.sn1ne.xlarge", 50),
        ("bosh-deployment-compilation-vm", "ecs.sn1ne.large", 30),
    ],
)
def test_bosh_deployment_vm_types(examples: Examples, name: str, kind: str, size_gib: int) -> None:
    """The cloud-config's VM types; disk_cids is a hint, also for a disk that nobody knows."""
    made = examples.vm(name, disk_cid="d-2zegone00000000001")
    assert made.vm.instance_type == kind
    assert made.system_disk == (EFFICIENCY, 40)
    assert made.ephemeral_disk == (EFFICIENCY, size_gib)
    assert made.vm.security_group_ids == examples.names.groups[:1]
    assert made.vm.tags[GROUP_TAG] == made.settings["env"]["bosh"]["group"]


def test_bosh_deployment_vip(examples: Examples, there: Connections) -> None:
    """An instance group with a static IP in the network `vip`."""
    made = examples.vm("bosh-deployment-vip")
    assert there.eip() == ("InUse", made.vm.id)


def test_bosh_deployment_oss_blobstore(examples: Examples) -> None:
    """oss-blobstore.yml: the agent gets the blobstore that the Director sends, whole."""
    made = examples.vm("bosh-deployment-oss-blobstore")
    (blobstore,) = made.settings["env"]["bosh"]["blobstores"]
    assert blobstore["options"]["host"] == "oss-cn-beijing.aliyuncs.com"
    assert "key-secret" not in made.log


@pytest.mark.parametrize(
    ("name", "size_gib"),
    [("bosh-deployment-default-disk", 20), ("bosh-deployment-large-disk", 50)],
)
def test_bosh_deployment_disk_types(examples: Examples, name: str, size_gib: int) -> None:
    """Disk types without cloud_properties."""
    disk = examples.disk(name)
    assert (disk.category, disk.size_gib, disk.encrypted) == (EFFICIENCY, size_gib, False)


# bosh-acceptance-tests


def test_bats_default_vm(examples: Examples) -> None:
    """`type` is the ephemeral disk's category; 3000 MiB are less than the least there is."""
    made = examples.vm("bats-default-vm")
    assert made.ephemeral_disk == (SSD, 20)
    assert made.settings["env"]["bosh"]["authorized_keys"] == ["ssh-rsa AAAAB3NzaC1yc2E bats"]
    assert made.vm.private_ip == "10.0.1.30"
    assert unknown(made.log) == ""


def test_bats_raw_instance_storage(examples: Examples) -> None:
    """As with the AWS CPI, the instance type must have local disks."""
    answer = examples.answer("bats-raw-instance-storage")
    assert "raw_instance_storage needs an instance type with local NVMe disks" in answer.message


def test_bats_vip(examples: Examples, there: Connections) -> None:
    """The VM has its static private address and the vip."""
    made = examples.vm("bats-vip")
    assert (there.eip(), made.vm.private_ip) == (("InUse", made.vm.id), "10.0.1.32")


def test_bats_dynamic_redeploy(examples: Examples) -> None:
    """A dynamic network still names the address of the last VM, which is not asked for."""
    made = examples.vm("bats-dynamic-redeploy")
    assert made.vm.private_ip.startswith("10.0.1.")
    assert made.vm.private_ip != "10.0.1.30"


@pytest.mark.parametrize(
    ("name", "category"), [("bats-persistent-disk", EFFICIENCY), ("bats-disk-type", SSD)]
)
def test_bats_disks(examples: Examples, name: str, category: str) -> None:
    """`persistent_disk: 2048`, and a disk type with `type`: both below the least there is."""
    disk = examples.disk(name)
    assert (disk.category, disk.size_gib) == (category, 20)


def test_bats_larger_disk(examples: Examples) -> None:
    """The migration test makes the disk larger: it grows in place, also one that was rounded up."""
    disk_cid = examples.disk("bats-persistent-disk").id
    assert examples.result("bats-larger-disk", disk_cid=disk_cid) is None
    assert examples.storage.found(disk_cid).size_gib == 30


# The Go release's documents


def test_go_docs_router(examples: Examples, there: Connections) -> None:
    """A VM type with two extensions, in a network with two security groups."""
    made = examples.vm("go-docs-router")
    assert made.ephemeral_disk == (EFFICIENCY, 100)
    assert made.vm.security_group_ids == examples.names.groups[:2]
    assert there.backends() == [(made.vm.id, 100)]


@pytest.mark.parametrize(
    ("name", "size_gib"),
    [("go-docs-50gb-ephemeral-disk", 49), ("go-docs-1tb-ephemeral-disk", 1000)],
)
def test_go_docs_ephemeral_disk_extensions(examples: Examples, name: str, size_gib: int) -> None:
    """Sizes with underscores wherever somebody put them."""
    assert examples.vm(name).ephemeral_disk == (EFFICIENCY, size_gib)


def test_go_docs_second_zone(examples: Examples) -> None:
    """An AZ's cloud_properties name the zone; the subnet's name its vSwitch."""
    made = examples.vm("go-docs-highmem-z2")
    assert (made.vm.zone_id, made.vm.private_ip) == ("cn-beijing-g", "10.0.2.43")
    assert made.vm.vswitch_id == examples.names.other_vswitch


def test_go_docs_compiler(examples: Examples) -> None:
    """The VM type of the compilation VMs."""
    made = examples.vm("go-docs-compiler")
    assert (made.vm.instance_type, made.ephemeral_disk) == ("ecs.sn1.large", (EFFICIENCY, 50))


def test_go_docs_resource_pool(examples: Examples, there: Connections) -> None:
    """System disk and load balancer as asked; no ephemeral disk, as none was asked for."""
    made = examples.vm("go-docs-resource-pool")
    assert made.system_disk == (EFFICIENCY, 60)
    assert made.data == []
    assert "ephemeral" not in made.settings["disks"]
    assert there.backends() == [(made.vm.id, 50)]
    assert (made.vm.charge_type, unknown(made.log)) == ("PostPaid", "instance_charge_type")


def test_go_docs_dynamic_network(examples: Examples) -> None:
    """The cloud chooses the address; the agent asks for it by DHCP."""
    made = examples.vm("go-docs-dynamic")
    assert made.vm.private_ip.startswith("10.0.1.")
    assert "ip" not in made.settings["networks"]["default"]


def test_go_docs_disks(examples: Examples) -> None:
    """Disk types with a category, one of them encrypted."""
    large = examples.disk("go-docs-100gb-disk")
    assert (large.category, large.size_gib, large.encrypted) == (EFFICIENCY, 100, False)
    secret = examples.disk("go-docs-encrypted-disk")
    assert (secret.category, secret.size_gib, secret.encrypted) == (SSD, 20, True)


# cf-deployment


def test_cf_deployment_tcp_router(examples: Examples, there: Connections) -> None:
    """A subnet with one `security_group_id`, and a router behind a load balancer."""
    made = examples.vm("cf-deployment-tcp-router")
    assert made.vm.security_group_ids == examples.names.groups[1:2]
    assert there.backends() == [(made.vm.id, 100)]


def test_cf_deployment_disk(examples: Examples) -> None:
    """The disk type 5GB."""
    assert examples.disk("cf-deployment-5gb-disk").size_gib == 20


# The Go release's end-to-end tests


def test_e2e_slb_registration(examples: Examples, there: Connections) -> None:
    """A VM in a dynamic network joins a load balancer."""
    made = examples.vm("e2e-slb-registration")
    assert there.backends() == [(made.vm.id, 100)]
    assert made.vm.security_group_ids == examples.names.groups[:1]


def test_e2e_spot_instance(examples: Examples) -> None:
    """A bid with a limit as a number."""
    examples.storage.set(spot_prices={"ecs.sn1ne.large": 0.01})
    made = examples.vm("e2e-spot-instance")
    assert (made.vm.spot_strategy, made.vm.spot_price_limit) == ("SpotWithPriceLimit", 0.1)


def test_e2e_compilation(examples: Examples) -> None:
    """Compilation with cloud_properties of its own and no ephemeral disk."""
    made = examples.vm("e2e-compilation-vm")
    assert (made.vm.instance_type, made.data) == ("ecs.g6.large", [])


@pytest.mark.parametrize(
    ("name", "category", "path"),
    [("e2e-nvme-legacy-vm", EFFICIENCY, VIRTIO), ("e2e-nvme-target-vm", ESSD, NVME)],
)
def test_e2e_nvme_journey_vms(examples: Examples, name: str, category: str, path: str) -> None:
    """Disks of the category that each generation needs, under the name they have in the VM."""
    made = examples.vm(name, disk_cid=examples.storage.disk())
    assert made.system_disk == made.ephemeral_disk == (category, 40)
    assert made.settings["disks"]["ephemeral"].startswith(path)


def test_e2e_nvme_journey_disk(examples: Examples) -> None:
    """From cloud_efficiency to ESSD, and then larger: it stays the same disk."""
    disk = examples.disk("e2e-nvme-legacy-disk")
    examples.result("e2e-nvme-target-disk", disk_cid=disk.id)
    assert (disk.category, disk.size_gib) == (ESSD, 40)
    examples.result("e2e-nvme-larger-disk", disk_cid=disk.id)
    assert (disk.category, disk.size_gib) == (ESSD, 60)


# The Go release's test_input


def test_go_test_input_create_vm(examples: Examples) -> None:
    """Without api_version the answer is the cid alone; odd properties are named."""
    made = examples.vm("go-test-input-create-vm")
    assert made.ephemeral_disk == (EFFICIENCY, 20)
    assert made.vm.security_group_ids == examples.names.groups[:2]
    assert unknown(made.log) == "halt_mark, instance_charge_type"


def test_go_test_input_create_disk(examples: Examples) -> None:
    """30 MiB are a disk of the least size."""
    assert examples.disk("go-test-input-create-disk").size_gib == 20


def test_go_test_input_create_stemcell(examples: Examples) -> None:
    """A light stemcell with a size as text, an odd format, and an image of another region."""
    cid = examples.result("go-test-input-create-stemcell")
    assert cid == f"{examples.names.image} light"


# What else operators write


def test_security_groups_of_a_vm_type(examples: Examples) -> None:
    """They replace the network's entirely."""
    made = examples.vm("vm-type-security-groups")
    assert sorted(made.vm.security_group_ids) == sorted(examples.names.groups[1:])


def test_log_in_role_and_tags(examples: Examples) -> None:
    """Numbers and booleans are values of tags; the manifest's tags are there as well."""
    made = examples.vm("vm-type-login-and-role")
    assert (made.vm.has_password, made.vm.ram_role_name) == (True, "bosh-instance")
    wanted = {"team": "web", "cost_center": "4711", "production": "true", "owner": "platform"}
    assert made.vm.tags == {**wanted, GROUP_TAG: "my-bosh-app-web", **MARK}


def test_subscription(examples: Examples) -> None:
    """A PrePaid VM that renews itself."""
    made = examples.vm("vm-type-prepaid")
    assert (made.vm.charge_type, made.vm.auto_renew) == ("PrePaid", True)


def test_spot_at_market_price(examples: Examples) -> None:
    """A limit of 0 means none."""
    assert examples.vm("vm-type-spot-market-price").vm.spot_strategy == "SpotAsPriceGo"


def test_encrypted_essd(examples: Examples) -> None:
    """Performance levels of both disks, and encryption of the ephemeral one."""
    made = examples.vm("vm-type-encrypted-essd")
    assert (made.system_disk, made.ephemeral_disk) == ((ESSD, 60), (ESSD, 100))
    levels = [disk.performance_level for disk in (made.system, *made.data)]
    assert levels == ["PL1", "PL1"]
    assert made.data[0].encrypted is True


def test_vserver_group(examples: Examples, there: Connections) -> None:
    """Port and weight as written."""
    made = examples.vm("vm-extension-vserver-group")
    assert there.vserver_members() == [(made.vm.id, 8443, 60)]


def test_nlb(examples: Examples, there: Connections) -> None:
    """Two ports in one group, numbers as text, and the weight that is left out."""
    made = examples.vm("vm-extension-nlb")
    first, second = there.nlb_groups
    cid = made.vm.id
    assert sorted(there.nlb_members()) == sorted(
        [(first, cid, 80, 50), (first, cid, 443, 100), (second, cid, 2222, 10)]
    )


def test_nlb_in_the_deprecated_form(examples: Examples, there: Connections) -> None:
    """One port and one weight for all groups."""
    made = examples.vm("vm-extension-nlb-deprecated")
    members = [(group, made.vm.id, 443, 70) for group in there.nlb_groups]
    assert sorted(there.nlb_members()) == sorted(members)


def test_another_region(examples: Examples) -> None:
    """A VM type with a region and an image of its own."""
    examples.cpi.configure(cross_regions=["cn-hangzhou"])
    made = examples.vm("vm-type-other-region")
    assert (made.vm.region, made.vm.zone_id) == ("cn-hangzhou", "cn-hangzhou-h")


def test_multi_cpi(examples: Examples) -> None:
    """A cpi-config entry's region, zone and keys come with the call; the job has none."""
    examples.cpi.configure(
        region=None, availability_zone=None, access_key_id=None, access_key_secret=None
    )
    made = examples.vm("multi-cpi-vm")
    assert (made.vm.region, made.vm.zone_id) == ("cn-hangzhou", "cn-hangzhou-h")


def test_disk_type_with_a_performance_level(examples: Examples) -> None:
    """Level and tags are the disk's; a persistent disk is kept whatever was written."""
    disk = examples.disk("disk-type-essd-level")
    assert (disk.category, disk.performance_level, disk.size_gib) == (ESSD, "PL2", 500)
    assert disk.tags == {"team": "db", "index": "0", **MARK}
    assert not disk.delete_with_instance


def test_light_stemcell(examples: Examples) -> None:
    """API version 3 sends tags; the image of this region is taken and marked as not ours."""
    assert examples.result("stemcell-light") == f"{examples.names.image} light"


def test_vm_resources(examples: Examples) -> None:
    """What is answered makes a VM."""
    found = examples.result("vm-resources")
    assert found["ephemeral_disk"]["size"] == 51200
    networks = examples.names.networks(ip="10.0.1.90")
    made = examples.cpi.ok("create_vm", "agent-1", examples.names.image, found, networks, [], {})
    assert made[0].startswith("i-")


def test_manifest_tags(examples: Examples) -> None:
    """Tags of any JSON type, and the instance's name."""
    vm_cid = examples.vm("e2e-compilation-vm").vm.id
    assert examples.result("manifest-tags", vm_cid=vm_cid) is None
    made = examples.storage.get(Instance, vm_cid)
    assert made.name.startswith("web.7c8b8a3e")
    assert (made.tags["cost"], made.tags["production"], made.tags["owner"]) == ("123", "true", "")
