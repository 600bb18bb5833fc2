"""Properties that manifests for the Go release have: what each does here, or that it does nothing.

docs/parity.md names a test for every property; these are those that no other test is about.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.aliyun.proxies import proxy_for
from alicloud_cpi.endpoint import Endpoint
from support.connections import Connections
from support.stemcells import properties as full_stemcell
from support.stemcells import tarball

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names


def named(log: str) -> str:
    """Return what the log says of unknown properties."""
    return "".join(line for line in log.splitlines() if "unknown properties" in line)


@pytest.mark.parametrize(
    ("port", "weight", "expected"),
    [
        (8443, 60, (8443, 60)),
        ("8443", "0", (8443, 0)),
        (None, 1, (33333, 1)),
        (80, None, (80, 100)),
    ],
)
def test_slb_server_group_port_and_weight(
    vms: Vms, sim: Simulator, port: object, weight: object, expected: tuple[int, int]
) -> None:
    """Numbers or texts; 0 is a weight; 33333 and 100 where they are left out."""
    there = Connections(sim)
    cid = vms.make(
        slb_server_group=[there.vserver_group],
        slb_server_group_port=port,
        slb_server_group_weight=weight,
    )
    assert there.vserver_members() == [(cid, *expected)]


@pytest.mark.parametrize(("weight", "expected"), [(None, 100), (0, 0), ("70", 70)])
def test_nlb_server_group_weight(vms: Vms, sim: Simulator, weight: object, expected: int) -> None:
    """The deprecated form's weight, which the Go CPI demands, may be left out."""
    there = Connections(sim)
    group = there.nlb_groups[0]
    cid = vms.make(
        nlb_server_group_ids=[group], nlb_server_group_port=443, nlb_server_group_weight=weight
    )
    assert there.nlb_members() == [(group, cid, 443, expected)]


@pytest.mark.parametrize("name", ["slb_server_group_weight", "nlb_server_group_weight"])
@pytest.mark.parametrize("weight", [101, -1, "many", True])
def test_weights_out_of_range(vms: Vms, sim: Simulator, name: str, weight: object) -> None:
    """A weight that is none is named before anything is made."""
    properties: dict[str, Any] = {name: weight}
    answer = vms.create(**properties)
    assert answer.message.startswith(f"cloud_properties.{name} must be a weight, 0 to 100")
    assert sim.calls() == []


@pytest.mark.parametrize("disk", ["system_disk", "ephemeral_disk"])
def test_type_of_a_vms_disks(vms: Vms, disk: str) -> None:
    """`type` means the category of a VM's disks too, and is no unknown property."""
    answer = vms.create(**{disk: {"size": 40960, "type": "cloud_ssd"}})
    found = vms.disks(answer.result[0])
    assert found[0 if disk == "system_disk" else 1].category == "cloud_ssd"
    assert named(answer.stderr) == ""


def test_category_counts_more_than_type(vms: Vms) -> None:
    """Manifests that name both mean the Go CPI's own word."""
    both = {"size": 40960, "category": "cloud_essd", "type": "cloud_ssd"}
    assert vms.data_disk(vms.make(ephemeral_disk=both)).category == "cloud_essd"


def test_a_type_that_is_no_category(vms: Vms) -> None:
    """A manifest that works with the Go CPI works here: it is ignored, but no longer silently."""
    answer = vms.create(ephemeral_disk={"size": 40960, "type": "gold"})
    assert vms.data_disk(answer.result[0]).category == "cloud_efficiency"
    assert "ephemeral_disk.type is not a disk category" in answer.stderr


@pytest.mark.parametrize("name", ["instance_charge_type", "instance_role", "halt_mark"])
def test_vm_properties_without_meaning(vms: Vms, name: str) -> None:
    """What documents and templates write and no Alibaba CPI ever knew costs no VM: it is named."""
    properties: dict[str, Any] = {name: "PostPaid"}
    answer = vms.create(**properties)
    assert answer.error is None
    assert named(answer.stderr).endswith(f"ignored: {name}")


def test_disk_properties_without_meaning(cpi: Cpi, storage: Storage) -> None:
    """The `instance_role` of bosh-deployment's disk type is named, and the disk is made."""
    answer = cpi.call("create_disk", 20480, {"instance_role": "director"}, storage.vm())
    assert storage.found(answer.result).size_gib == 20
    assert named(answer.stderr).endswith("ignored: instance_role")


def test_one_security_group_is_a_text(vms: Vms, sim: Simulator, names: Names) -> None:
    """security_group_id as a list, as one document has it, is refused here as by the Go CPI."""
    networks = names.networks(security_group_ids=None, security_group_id=names.groups)
    answer = vms.create(networks=networks)
    assert "networks.private.cloud_properties.security_group_id must be" in answer.message
    assert sim.calls() == []


def test_cloud_properties_of_a_vip_network(vms: Vms, sim: Simulator) -> None:
    """Whatever stands there is not looked at: an elastic IP address needs nothing else."""
    there = Connections(sim)
    vip = {"type": "vip", "ip": there.ip, "cloud_properties": {"internet_charge_type": "x"}}
    cid = vms.make(networks={**vms.names.networks(), "public": vip})
    assert there.eip() == ("InUse", cid)


def test_stemcell_properties_without_effect(cpi: Cpi, names: Names) -> None:
    """What stemcell.MF says besides is accepted, and nobody is troubled with it."""
    light = {
        "image_id": {"cn-beijing": names.image},
        "hypervisor": "kvm",
        "infrastructure": "alicloud",
        "container_format": "bare",
        "root_device_name": "/dev/vda1",
        "source_url": "http://bosh.example/image",
        "disk_format": "rawdisk",
    }
    answer = cpi.call("create_stemcell", "", light)
    assert (answer.result, named(answer.stderr)) == (f"{names.image} light", "")


def test_disk_of_a_stemcell_as_text(cpi: Cpi, storage: Storage, tmp_path: Path) -> None:
    """`disk` counts MiB, as a number or as a text with underscores."""
    path = tarball(tmp_path, b"x" * 4096)
    cid = cpi.ok("create_stemcell", path, full_stemcell(disk="10_240"))
    (image,) = storage.own_images()
    assert (image.id, image.size_gib) == (cid, 10)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("access_endpoint", "ecs.example"),
        ("secret_access_key", "not-a-key"),
        ("instance_type", "ecs.g6.large"),
    ],
)
def test_configuration_without_meaning(cpi: Cpi, key: str, value: Any) -> None:
    """Keys that nobody reads are no obstacle, in the file or in a cpi-config entry."""
    assert cpi.ok("has_disk", "d-1", context={key: value}) is False
    cpi.configure(**{key: value})
    assert cpi.ok("has_disk", "d-1") is False


@pytest.mark.parametrize("name", ["location_endpoint", "alb_endpoint"])
def test_endpoints_that_are_never_asked(cpi: Cpi, vms: Vms, name: str) -> None:
    """An endpoint of a service that the CPI does not need is checked, and left alone."""
    cpi.configure(**{name: "127.0.0.1:1"})
    assert vms.make().startswith("i-")
    cpi.configure(**{name: "http://elsewhere.example"})
    answer = cpi.call("has_disk", "d-1")
    assert answer.message.startswith(f"alicloud.{name} must use https")


def test_the_oss_endpoint_needs_no_location_service(
    cpi: Cpi, sim: Simulator, tmp_path: Path
) -> None:
    """A stemcell is uploaded to alicloud.oss_endpoint without asking anybody where OSS is."""
    assert cpi.ok("create_stemcell", tarball(tmp_path, b"x" * 4096), full_stemcell())
    assert sim.calls("PutBucket") != []
    assert sim.calls("DescribeEndpoint") + sim.calls("DescribeEndpoints") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ECS_ENDPOINT", "127.0.0.1:1"),
        ("SLB_ENDPOINT", "127.0.0.1:1"),
        ("NLB_ENDPOINT", "127.0.0.1:1"),
        ("OSS_ENDPOINT", "127.0.0.1:1"),
        ("LOCATION_ENDPOINT", "127.0.0.1:1"),
        ("CROSS_REGIONS", "cn-nowhere"),
        ("TLSHandshakeTimeout", "0"),
    ],
)
def test_variables_of_the_go_cpi_are_not_read(
    cpi: Cpi, vms: Vms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """What it took from the environment are properties here: a Director strips the environment."""
    monkeypatch.setenv(name, value)
    there = Connections(vms.sim)
    group = {"server_group_id": there.nlb_groups[0], "port": 80}
    assert vms.make(slbs=[there.balancer], nlb_server_groups=[group])
    assert cpi.ok("create_stemcell", tarball(tmp_path, b"x" * 4096), full_stemcell())
    assert cpi.ok("has_disk", "d-1") is False


@pytest.mark.parametrize("name", ["ecs_endpoint", "slb_endpoint", "nlb_endpoint", "oss_endpoint"])
def test_endpoints_that_are_asked(cpi: Cpi, vms: Vms, tmp_path: Path, name: str) -> None:
    """Each service is looked for where its property says, and nowhere else."""
    cpi.configure(**{name: "127.0.0.1:1"})
    there = Connections(vms.sim)
    group = {"server_group_id": there.nlb_groups[0], "port": 80}
    made = vms.create(slbs=[there.balancer], nlb_server_groups=[group])
    imported = cpi.call("create_stemcell", tarball(tmp_path, b"x" * 4096), full_stemcell())
    failed = {answer.type for answer in (made, imported) if "127.0.0.1:1" in answer.message}
    expected = {
        "ecs_endpoint": {"VMCreationFailed", "CloudError"},
        "oss_endpoint": {"CloudError"},
    }
    assert failed == expected.get(name, {"VMCreationFailed"})


def test_proxies_in_capital_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY, HTTPS_PROXY and NO_PROXY mean what they mean in small letters."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://{name.partition('_')[0].lower()}.example:3128")
    monkeypatch.setenv("NO_PROXY", "near.example")
    hosts = [Endpoint("far.example", 443), Endpoint("far.example", 80, secure=False)]
    proxies = [proxy_for(endpoint) for endpoint in hosts]
    assert [proxy and proxy.host for proxy in proxies] == ["https.example", "http.example"]
    assert proxy_for(Endpoint("near.example", 443)) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("user", "registry"),
        ("password", "registry-password"),
        ("protocol", "gopher"),
        ("host", "nowhere.example"),
        ("port", "none"),
    ],
)
def test_registry_of_cpi_json(cpi: Cpi, key: str, value: str) -> None:
    """BOSH has no registry any more: whatever a file says of it, nobody looks."""
    document = json.loads(cpi.path.read_text())
    document["cloud"]["properties"]["registry"] = {key: value}
    cpi.path.write_text(json.dumps(document))
    assert cpi.ok("has_disk", "d-1") is False


def test_encryption_is_off_where_nobody_asks(cpi: Cpi, storage: Storage) -> None:
    """alicloud.encrypted is false, absent or empty alike."""
    for value in (False, None, ""):
        cpi.configure(encrypted=value)
        disk_cid = cpi.ok("create_disk", 20480, {}, storage.vm())
        assert storage.found(disk_cid).encrypted is False


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("bosh", "password", "$6$salt$hash"),
        ("bosh", "keep_root_password", True),
        ("bosh", "remove_dev_tools", True),
        ("bosh", "remove_static_libraries", True),
        ("bosh", "authorized_keys", ["ssh-rsa AAAA"]),
        ("bosh", "swap_size", 0),
        ("bosh", "mbus", {"cert": {"ca": "a", "certificate": "b", "private_key": "c"}, "urls": []}),
        ("bosh", "ipv6", {"enable": True}),
        ("bosh", "blobstores", [{"provider": "s3", "options": {"host": "oss"}}]),
        ("bosh", "ntp", ["server 0.cn.pool.ntp.org"]),
        ("bosh", "tags", {"team": "cf"}),
        ("bosh", "group", "my-bosh-cf-router"),
        ("bosh", "agent", {"settings": {"tmpfs": True}}),
        ("", "persistent_disk_fs", "xfs"),
    ],
)
def test_env_reaches_the_agent(vms: Vms, section: str, field: str, value: Any) -> None:
    """What the Go CPI handed on of env, and what it dropped, is in the VM's settings."""
    env = {section: {field: value}} if section else {field: value}
    assert vms.settings(vms.make(env=env))["env"] == env


@pytest.mark.parametrize(("field", "value"), [("use_dhcp", True), ("mac", "00:16:3e:00:00:01")])
def test_fields_of_a_network_reach_the_agent(
    vms: Vms, names: Names, field: str, value: object
) -> None:
    """If the request has them; nothing is made up for the agent."""
    networks = names.networks()
    assert field not in vms.settings(vms.make(networks=networks))["networks"]["private"]
    networks = names.networks(ip="10.0.1.11")
    networks["private"][field] = value
    cid = vms.make(agent="agent-2", networks=networks)
    assert vms.settings(cid)["networks"]["private"][field] == value


@pytest.mark.parametrize(
    "method",
    ["configure_networks", "current_vm_id", "ping"],
)
def test_methods_that_neither_release_has(cpi: Cpi, method: str) -> None:
    """The Director copes with NotImplemented for each of them."""
    answer = cpi.call(method)
    assert answer.type == "NotImplemented"
    assert method in answer.message


@pytest.mark.parametrize(
    ("disk", "key", "value"),
    [
        ("system_disk", "delete_with_instance", False),
        ("system_disk", "tags", {"a": "b"}),
        ("ephemeral_disk", "tags", {"a": "b"}),
    ],
)
def test_disk_keys_that_the_go_cpi_never_used(vms: Vms, disk: str, key: str, value: Any) -> None:
    """Its one record for all disks has keys that mean nothing for some of them: they are named."""
    properties: dict[str, Any] = {disk: {"size": 40960, key: value}}
    answer = vms.create(**properties)
    assert answer.error is None
    assert named(answer.stderr).endswith(f"ignored: {disk}.{key}")


def test_size_of_a_disk_type(cpi: Cpi, storage: Storage) -> None:
    """The size is the method's argument; a `size` among the properties is named and not read."""
    answer = cpi.call("create_disk", 30720, {"size": 999}, storage.vm())
    assert storage.found(answer.result).size_gib == 30
    assert named(answer.stderr).endswith("ignored: size")
