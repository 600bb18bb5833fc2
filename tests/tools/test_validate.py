"""``alicloud-cpi validate``: all that is wrong with a cloud-config or manifest, at once."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from docs.documents import ROOT, pages
from support.tools import tool
from support.world import OTHER_ZONE, REGION, ZONE

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.world import Names

Found = list[tuple[str, str, str]]
Validate = "Callable[..., tuple[int, Found]]"

CLOUD_CONFIG: dict[str, Any] = {
    "azs": [
        {"name": "z1", "cloud_properties": {"availability_zone": ZONE}},
        {"name": "z2", "cloud_properties": {"availability_zone": OTHER_ZONE}},
    ],
    "vm_types": [
        {
            "name": "default",
            "cloud_properties": {
                "instance_type": "ecs.g6.large",
                "ephemeral_disk": {"size": 20480, "category": "cloud_essd"},
            },
        }
    ],
    "vm_extensions": [{"name": "spot", "cloud_properties": {"spot_strategy": "SpotAsPriceGo"}}],
    "disk_types": [{"name": "small", "disk_size": 20480}],
    "networks": [
        {
            "name": "default",
            "type": "manual",
            "subnets": [
                {
                    "az": "z1",
                    "range": "10.0.1.0/24",
                    "gateway": "10.0.1.253",
                    "reserved": ["10.0.1.250-10.0.1.254"],
                    "cloud_properties": {
                        "vswitch_id": "vsw-1",
                        "security_group_ids": ["sg-1"],
                    },
                }
            ],
        },
        {"name": "public", "type": "vip"},
    ],
    "compilation": {"az": "z1", "vm_type": "default", "network": "default", "workers": 1},
}
GROUP: dict[str, Any] = {
    "name": "web",
    "instances": 1,
    "azs": ["z1"],
    "vm_type": "default",
    "vm_extensions": ["spot"],
    "persistent_disk_type": "small",
    "networks": [{"name": "default"}],
}


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy with another value at a path such as ``vm_types.0.name``; None removes it."""
    found = copy.deepcopy(document)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    target: Any = found
    for step in steps:
        target = target[step] if isinstance(step, int) else target.setdefault(step, {})
    if value is None:
        del target[last]
    else:
        target[last] = value
    return found


@pytest.fixture
def validate(tmp_path: Path) -> Any:
    """Give a function that validates a document; it returns the status and the findings."""

    def run(document: Any, *options: str | Path) -> tuple[int, Found]:
        path = tmp_path / "document.yml"
        path.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
        done = tool("validate", path, "--json", *options)
        assert done.stderr == ""
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, [(row["level"], row["where"], row["message"]) for row in rows]

    return run


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


# Online


@pytest.fixture
def real(sim: Simulator, names: Names) -> dict[str, Any]:
    """Give the cloud-config with the ids of the simulated account."""
    sim.resume()
    subnet = "networks.0.subnets.0.cloud_properties"
    document = changed(CLOUD_CONFIG, f"{subnet}.vswitch_id", names.vswitch)
    return changed(document, f"{subnet}.security_group_ids", names.groups[:1])


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
        ("vm_types.0.cloud_properties.key_pair_name", "no-pair", "would refuse this VM"),
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
    """What may not be asked is a warning; everything else is checked."""
    sim.add_key("LTAI5tReader", "of-the-reader", denied=["vpc:*"])
    cpi.configure(access_key_id="LTAI5tReader", access_key_secret="of-the-reader")
    document = changed(real, "vm_types.0.cloud_properties.slbs", ["lb-x"])
    status, found = validate(document, "--online", "--config", cpi.path)
    assert status == 1
    warned = [where for level, where, _ in found if level == "warning"]
    assert "vSwitches" in warned
    assert any("lb-x" in message for _, _, message in found)


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
