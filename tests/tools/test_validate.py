"""``alicloud-cpi validate``: all that is wrong with a cloud-config or manifest, at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from docs.documents import ROOT, pages
from support.cloud_configs import CLOUD_CONFIG, GROUP, changed
from support.tools import tool
from support.world import REGION

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from support.cpi import Cpi

# Offline


def test_nothing_is_wrong(validate: Any) -> None:
    """The status is 0, and nothing is said."""
    assert validate(CLOUD_CONFIG) == (0, [])


def test_the_whole_deployment(validate: Any) -> None:
    """With instance groups, entries that none of them uses are noted."""
    status, found = validate({**CLOUD_CONFIG, "instance_groups": [GROUP]})
    assert status == 0
    assert {(level, where) for level, where, _ in found} == {
        ("note", "azs.z2"),
        ("note", "networks.public"),
    }


def test_a_vip_network_with_addresses(validate: Any) -> None:
    """Its subnets have static addresses and nothing else."""
    document = changed(CLOUD_CONFIG, "networks.1.subnets", [{"static": ["203.0.113.9"]}])
    assert validate(document) == (0, [])


def test_all_errors_are_told_at_once(validate: Any) -> None:
    """Not only the first: every entry, every property, errors before the rest."""
    document = changed(CLOUD_CONFIG, "vm_types.0.cloud_properties.ephemeral_disk.size", -1)
    document = changed(document, "vm_types.0.cloud_properties.slb_weight", 101)
    document = changed(document, "vm_types.0.cloud_properties.instance_typ", "x")
    document = changed(document, "disk_types.0.cloud_properties.category", "cloud_ess")
    status, found = validate(document)
    assert status == 1
    assert [(level, where) for level, where, _ in found] == [
        ("error", "vm_types.default"),
        ("error", "vm_types.default"),
        ("error", "disk_types.small"),
        ("warning", "vm_types.default"),
    ]
    weight, size, category, _ = [message for _, _, message in found]
    assert weight == "cloud_properties.slb_weight must be a weight, 0 to 100"
    assert size.startswith("cloud_properties.ephemeral_disk.size must be a positive number of MiB")
    assert category.startswith("cloud_properties.category must be one of cloud, cloud_efficiency")
    assert found[3] == (
        "warning",
        "vm_types.default",
        "cloud_properties.instance_typ is unknown and ignored; did you mean 'instance_type'?",
    )


@pytest.mark.parametrize(
    ("path", "value", "where", "message"),
    [
        ("vm_types.0.cloud_properties.instance_type", None, "vm_types.default", "is required"),
        (
            "vm_types.0.cloud_properties.charge_type",
            "PrePaid",
            "vm_types.default",
            "charge_period is required with charge_type PrePaid",
        ),
        (
            "vm_types.0.cloud_properties.alb_server_groups",
            [{"server_group_id": "sgp-1"}],
            "vm_types.default",
            "alb_server_groups[0].port is required",
        ),
        ("vm_types.0.name", None, "vm_types[0]", "must be an object with a name"),
        ("vm_types.0.cloud_properties", [], "vm_types.default", "must be an object"),
        ("vm_types", {}, "vm_types", "must be an array"),
        ("disk_types.0.disk_size", "20480", "disk_types.small", "disk_size must be a positive"),
        (
            "disk_types.0.cloud_properties.performance_level",
            "PL1",
            "disk_types.small",
            "performance_level is for category cloud_essd only",
        ),
        ("networks.0.type", "static", "networks.default", "manual, dynamic or vip"),
        (
            "networks.0.subnets.0.cloud_properties.vswitch_id",
            None,
            "networks.default.subnets[0]",
            "vswitch_id is required",
        ),
        ("networks.0.subnets.0.az", "z3", "networks.default.subnets[0]", "azs has no 'z3'"),
        ("networks.0.subnets.0.range", "10.0.1", "networks.default.subnets[0]", "range must be"),
        (
            "networks.0.subnets.0.static",
            ["10.0.1.10", "10.0.1.240-10.0.1.253"],
            "networks.default.subnets[0]",
            "static has 10.0.1.253, which the cloud keeps",
        ),
        (
            "networks.0.subnets.0.prefix",
            27,
            "networks.default.subnets[0]",
            "subnet.prefix must be 32, for a single address, or 28",
        ),
        (
            "networks.0.subnets.0.cloud_properties.vswitch_ids",
            ["vsw-1", "vsw-2"],
            "networks.default.subnets[0]",
            "vswitch_id and networks.default.cloud_properties.vswitch_ids exclude each other",
        ),
        ("networks.0.managed", True, "networks.default.subnets[0]", "vpc_id is required"),
        (
            "compilation.vm_type",
            "defaults",
            "compilation",
            "vm_types has no 'defaults'; did you mean 'default'?",
        ),
        ("compilation.network", "none", "compilation", "networks has no 'none'"),
    ],
)
def test_an_error(validate: Any, path: str, value: Any, where: str, message: str) -> None:
    """It is at its entry, and the message names the property."""
    status, found = validate(changed(CLOUD_CONFIG, path, value))
    assert status == 1
    assert [one for one in found if one[0] == "error" and one[1] == where and message in one[2]]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("networks.0.subnets.0.gateway", "10.0.1.1", "gateway should be 10.0.1.253"),
        ("networks.0.subnets.0.reserved", None, "reserved should have 10.0.1.254"),
        ("networks.0.subnets.0.cloud_properties.internet_charge_type", "x", "has no effect"),
    ],
)
def test_what_is_no_error(validate: Any, path: str, value: Any, message: str) -> None:
    """A warning or a note; the status stays 0."""
    status, found = validate(changed(CLOUD_CONFIG, path, value))
    assert status == 0
    ((_, where, told),) = found
    assert where == "networks.default.subnets[0]"
    assert message in told


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("vm_type", "web", "vm_types has no 'web'"),
        ("vm_extensions", ["spott"], "vm_extensions has no 'spott'; did you mean 'spot'?"),
        ("persistent_disk_type", "big", "disk_types has no 'big'"),
        ("networks", [{"name": "other"}], "networks has no 'other'"),
        ("azs", ["z2"], "network 'default' has no subnet in AZ 'z2'"),
    ],
)
def test_references_of_an_instance_group(validate: Any, key: str, value: Any, message: str) -> None:
    """What an instance group names has to be there."""
    document = {**CLOUD_CONFIG, "instance_groups": [{**GROUP, key: value}]}
    status, found = validate(document)
    assert status == 1
    assert ("error", "instance_groups.web", message) in found


def test_rules_between_a_vm_type_and_its_extension(validate: Any) -> None:
    """What is right alone may be wrong together, as in an instance group."""
    document = changed(CLOUD_CONFIG, "vm_types.0.cloud_properties.charge_type", "PrePaid")
    document = changed(document, "vm_types.0.cloud_properties.charge_period", 1)
    assert validate(document)[0] == 0
    status, found = validate({**document, "instance_groups": [GROUP]})
    assert status == 1
    assert (
        "error",
        "instance_groups.web",
        "cloud_properties.spot_strategy needs charge_type PostPaid",
    ) in found


def test_a_manifest_of_create_env(validate: Any) -> None:
    """Resource pools and disk pools are VM types and disk types."""
    document = {
        "resource_pools": [
            {"name": "vms", "network": "default", "cloud_properties": {"instance_type": 1}}
        ],
        "disk_pools": [{"name": "disks", "disk_size": 0}],
        "networks": CLOUD_CONFIG["networks"],
    }
    document = changed(document, "networks.0.subnets.0.az", None)
    status, found = validate(document)
    assert status == 1
    assert [where for level, where, _ in found if level == "error"] == [
        "resource_pools.vms",
        "disk_pools.disks",
    ]


def test_a_part_of_a_cloud_config(validate: Any) -> None:
    """A section that the document lacks may be in another one."""
    assert validate({"instance_groups": [GROUP]}) == (0, [])


# Variables


def test_variables(validate: Any, tmp_path: Path) -> None:
    """They have values of -v, of a file, or none: then what depends on them is not judged."""
    document = changed(CLOUD_CONFIG, "vm_types.0.cloud_properties.slb_weight", "((weight))")
    status, found = validate(document)
    assert status == 0
    assert [(level, where) for level, where, _ in found] == [("note", "vm_types.default")]
    assert validate(document, "-v", "weight=50") == (0, [])
    assert validate(document, "-v", "weight=101")[0] == 1
    (tmp_path / "vars.yml").write_text("weight: 101\n")
    assert validate(document, "-l", tmp_path / "vars.yml")[0] == 1
    assert validate(document, "-l", tmp_path / "vars.yml", "-v", "weight=1") == (0, [])


# Files and options


def refused(*arguments: Any) -> subprocess.CompletedProcess[str]:
    """Run a validation that cannot be done."""
    done = tool("validate", *arguments)
    assert done.stdout == ""
    return done


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "is not YAML: see line"),
        ("- a", "is not a YAML object"),
        ("", "is not a YAML object"),
        ("a: \x00", "is not YAML"),
        ("a: 1", "has none of azs, vm_types"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file and what is wrong, never its content."""
    path = tmp_path / "secret.yml"
    path.write_text(text)
    done = refused(path)
    assert done.returncode == 1
    assert str(path) in done.stderr
    assert message in done.stderr


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """So it is with one that is missing."""
    done = refused(tmp_path / "none.yml")
    assert (done.returncode, "No such file" in done.stderr) == (1, True)


def test_wrong_options(tmp_path: Path) -> None:
    """``--online`` needs an account; a variable needs a value."""
    path = tmp_path / "a.yml"
    path.write_text(yaml.safe_dump(CLOUD_CONFIG))
    assert "--online needs --config" in refused(path, "--online").stderr
    assert "-v must be NAME=VALUE" in refused(path, "-v", "name").stderr
    assert refused().returncode == 2


def test_as_a_table(tmp_path: Path) -> None:
    """For people: level, where, message, and a sum."""
    path = tmp_path / "a.yml"
    path.write_text(yaml.safe_dump(changed(CLOUD_CONFIG, "compilation.network", "none")))
    done = tool("validate", path)
    assert done.stdout.splitlines() == [
        "error    compilation  networks has no 'none'",
        "1 errors, 0 other findings",
    ]


def sections() -> list[str]:
    """List the sections of the cloud-config page that have examples."""
    parts = pages()["docs/cloud-config.md"].split("\n## ")[1:]
    return [part for part in parts if "```yaml" in part]


def merged(texts: list[str]) -> dict[str, Any]:
    """Join documents, as a Director does with the cloud-configs that it has."""
    found: dict[str, Any] = {}
    for text in texts:
        for key, value in yaml.safe_load(text).items():
            found[key] = [*found.get(key, []), *value] if isinstance(value, list) else value
    return found


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.partition("\n")[0])
def test_the_examples_of_the_documents(validate: Any, section: str) -> None:
    """None of them has an error or a warning; each extends the first one."""
    first, *_ = _yaml_of(sections()[0])
    _, found = validate(merged([*dict.fromkeys([first, *_yaml_of(section)])]))
    assert [one for one in found if one[0] != "note"] == []


def _yaml_of(section: str) -> list[str]:
    return [part.split("```")[0] for part in section.split("```yaml\n")[1:]]


def test_a_stemcell(validate: Any) -> None:
    """Its manifest is checked by the schema of its properties and the rules between them."""
    manifest = {"name": "s", "stemcell_formats": ["alicloud-light"], "operating_system": "jammy"}
    right = {"image_id": {"cn-beijing": "m-1"}, "image_family": "bosh"}
    assert validate({**manifest, "cloud_properties": right}) == (0, [])
    wrong = {"image_famly": "bosh", "oss_bucket": "b", "disk": 0}
    status, found = validate({**manifest, "cloud_properties": wrong})
    assert status == 1
    messages = [message for _, _, message in found]
    assert messages[0].startswith("cloud_properties.disk must be")
    assert "image_famly is unknown and ignored; did you mean 'image_family'?" in messages[1]
    status, found = validate({**manifest, "cloud_properties": {"oss_bucket": "b"}})
    assert found == [("error", "stemcell", found[0][2])]
    assert "cloud_properties.oss_object is required" in found[0][2]


def test_the_jobs_defaults_count(validate: Any, real: dict[str, Any], cpi: Cpi) -> None:
    """With --config a missing security group or zone is an error unless the job names one."""
    document = changed(real, "networks.0.subnets.0.cloud_properties.security_group_ids", None)
    assert validate(document) == (0, [])
    assert validate(document, "--config", cpi.path)[0] == 1
    cpi.configure(default_security_groups=["sg-1"])
    assert validate(document, "--config", cpi.path) == (0, [])


def test_pyyaml_is_for_this_only() -> None:
    """No call of the CPI and no other tool loads it."""
    text = "".join(path.read_text() for path in (ROOT / "src/alicloud_cpi").rglob("*.py"))
    assert text.count("import yaml") == 1
    assert REGION
