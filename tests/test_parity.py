"""docs/parity.md: the sources of the comparison, and the table of the Go release.

Every claim about a peer has its place in that peer's source. Nothing of the Go release and nothing
of ours is missing, and its tests exist.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from alicloud_cpi.config import SERVICES
from alicloud_cpi.rpc.dispatcher import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "src" / "alicloud_cpi" / "cloud_properties" / "schemas"
WORDS = ("same", "better", "added", "Added", "deviation", "Deviation")
DEFECTS = 58

# What the Go release v61 has, by the sections of the table: its methods (action/factory.go and
# bosh-cpi-go), jobs/alicloud_cpi/spec and templates, and the fields of its records.
GO = {
    "Methods": """
        info create_stemcell delete_stemcell create_vm delete_vm has_vm reboot_vm set_vm_metadata
        calculate_vm_cloud_properties get_disks create_disk delete_disk attach_disk detach_disk
        has_disk resize_disk update_disk set_disk_metadata snapshot_disk delete_snapshot
        configure_networks ping
    """,
    "Job": """
        alicloud.region alicloud.availability_zone alicloud.credential_source
        alicloud.ram_role_name alicloud.access_key_id alicloud.access_key_secret
        alicloud.security_token alicloud.encrypted alicloud.kms_key_id alicloud.ecs_endpoint
        alicloud.slb_endpoint alicloud.oss_endpoint alicloud.location_endpoint registry.username
        registry.password registry.protocol registry.host registry.port ntp blobstore.provider
        blobstore.bucket_name blobstore.credentials_source blobstore.access_key_id
        blobstore.secret_access_key blobstore.s3_region blobstore.use_ssl blobstore.s3_port
        blobstore.host blobstore.ssl_verify_peer blobstore.s3_signature_version blobstore.path
        blobstore.address blobstore.port blobstore.agent.user blobstore.agent.password nats.user
        nats.password nats.address nats.port agent.mbus agent.nats.address agent.blobstore.address
        agent.blobstore.access_key_id agent.blobstore.secret_access_key agent.blobstore.use_ssl
        agent.blobstore.s3_port agent.blobstore.host agent.blobstore.ssl_verify_peer
        agent.blobstore.s3_signature_version agent.blobstore.s3_region bin/cpi
    """,
    "Configuration": """
        region availability_zone access_endpoint credential_source ram_role_name access_key_id
        access_key_secret security_token encrypted kms_key_id ecs_endpoint slb_endpoint
        nlb_endpoint oss_endpoint location_endpoint cloud.plugin registry.user registry.password
        registry.protocol registry.host registry.port agent.ntp agent.mbus
        agent.blobstore.provider agent.blobstore.options ECS_ENDPOINT SLB_ENDPOINT NLB_ENDPOINT
        OSS_ENDPOINT LOCATION_ENDPOINT CROSS_REGIONS TLSHandshakeTimeout HTTP_PROXY HTTPS_PROXY
        NO_PROXY BOSH_PACKAGES_DIR BOSH_JOBS_DIR
    """,
    "Calls": "-configFile context api_version error.type error.message error.ok_to_retry log",
    "VM": """
        ephemeral_disk system_disk tags region availability_zone instance_name instance_type
        slb_server_group_weight slb_server_group_port slb_server_group slbs slb_weight
        nlb_server_group_weight nlb_server_group_port nlb_server_group_ids nlb_server_groups
        nlb_server_groups.server_group_id nlb_server_groups.port nlb_server_groups.weight password
        key_pair_name security_group_ids charge_type charge_period charge_period_unit auto_renew
        auto_renew_period spot_strategy spot_price_limit ram_role_name stemcell_id
        system_disk.size system_disk.category system_disk.performance_level system_disk.encrypted
        system_disk.delete_with_instance system_disk.tags ephemeral_disk.size
        ephemeral_disk.category ephemeral_disk.performance_level ephemeral_disk.encrypted
        ephemeral_disk.delete_with_instance ephemeral_disk.tags
    """,
    "Disk": "size category performance_level encrypted delete_with_instance tags",
    "Network": """
        security_group_id security_group_ids vswitch_id internet_charge_type type ip netmask
        gateway dns default
    """,
    "Stemcell": """
        architecture container_format disk disk_format hypervisor name nvme_support os_distro
        os_type source_url oss_bucket oss_object description version image_id
    """,
    "Agent": """
        agent_id blobstore disks disks.system disks.ephemeral disks.persistent env mbus networks
        networks.mac networks.use_dhcp ntp vm env.persistent_disk_fs env.bosh.password
        env.bosh.keep_root_password env.bosh.remove_dev_tools env.bosh.remove_static_libraries
        env.bosh.authorized_keys env.bosh.swap_size env.bosh.mbus env.bosh.ipv6
        env.bosh.blobstores env.bosh.ntp env.bosh.tags env.bosh.group
    """,
    "Documents": "instance_charge_type instance_role halt_mark secret_access_key",
}


# What a cell of the comparison says; the first row has numbers.
HAS = re.compile(r"[YP]|\d+")
HAS_NOT = ("N", "-")


class Feature(NamedTuple):
    """One row of the comparison: what each CPI has, and the links by CPI."""

    name: str
    cells: dict[str, str]
    links: dict[str, str]


def tables() -> list[list[list[str]]]:
    """Read the cells of the tables of the comparison: features, and what was read."""
    page = (ROOT / "docs" / "parity.md").read_text("utf-8")
    text = page.partition("## By feature")[2].partition("\n## ")[0]
    found: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in line.strip("|").split(" | ")])
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


@cache
def features() -> list[Feature]:
    """Read the comparison."""
    (header, _, *lines), _ = tables()
    assert header[0] == "Feature"
    assert header[-1] == "Sources"
    found = []
    for line in lines:
        links = re.findall(r"\[([\w]+)\]\((\S+)\)", line[-1])
        assert len(dict(links)) == len(links), line[0]
        found.append(
            Feature(line[0], dict(zip(header[1:-1], line[1:-1], strict=True)), dict(links))
        )
    return found


def commits() -> dict[str, str]:
    """Return where the links of each peer have to begin."""
    _, (_, _, *lines) = tables()
    found = {}
    for peer, repository, _, commit in lines:
        (address,) = re.findall(r"\((https://github.com/[\w/-]+)\)", repository)
        found[peer] = f"{address}/blob/{commit.strip('`')}/"
    return found


def test_every_claim_of_the_comparison_has_a_source() -> None:
    """A Y or P is linked to the commit that was read; an N needs none and has none."""
    begins, documentation = commits(), "https://github.com/cloudfoundry/docs-bosh/blob/"
    assert {one for feature in features() for one in feature.cells} == {"Here", *begins}
    for feature in features():
        assert all(HAS.fullmatch(cell) or cell in HAS_NOT for cell in feature.cells.values())
        linked = {name for name, cell in feature.cells.items() if HAS.fullmatch(cell)}
        assert {"Here" if name == "here" else name for name in feature.links} == linked
        for name, link in feature.links.items():
            if name != "here":
                assert link.startswith((begins[name], documentation)), feature.name


def test_what_only_a_peer_has_is_named() -> None:
    """And nothing else."""
    page = (ROOT / "docs" / "parity.md").read_text("utf-8")
    named = re.findall(r"^Not here, and in a peer: (.+)\.$", page, re.MULTILINE)
    missing = [one.name for one in features() if one.cells["Here"] == "N" and len(one.links) > 0]
    assert named == ["; ".join(name[0].lower() + name[1:] for name in missing)]


class Row(NamedTuple):
    """One row of the table: what it is about, what becomes of it here, and its tests."""

    section: str
    names: list[str]
    here: str
    tests: list[tuple[str, str]]


@cache
def rows() -> list[Row]:
    """Read all rows of the document."""
    found: list[Row] = []
    section = ""
    for line in (ROOT / "docs" / "parity.md").read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| `"):
            names, here, tests = (cell.strip() for cell in line.strip("|").split(" | "))
            named = [tuple(test.split("::")) for test in re.findall(r"`(tests/[^`]+)`", tests)]
            found.append(Row(section, re.findall(r"`([^`]+)`", names), here, named))
    return found


def told(section: str) -> set[str]:
    """Return all names of a section."""
    return {name for row in rows() if row.section == section for name in row.names}


def properties(schema: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield the dotted names of a schema's properties."""
    for name, entry in schema.get("properties", {}).items():
        yield f"{where}{name}"
        yield from properties(entry, f"{where}{name}.")
        yield from properties(entry.get("items", {}), f"{where}{name}.")


@cache
def functions(path: str) -> list[str]:
    """List the functions of a test module."""
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef)]


@cache
def text_of(path: str) -> str:
    """Return a test module's text; with the requests that it plays, where it plays some."""
    file = ROOT / path
    played = sorted(file.parent.glob("*.json")) if file.parent.name == "examples" else []
    return "\n".join(part.read_text("utf-8") for part in (file, *played))


@pytest.mark.parametrize("section", GO)
def test_nothing_of_the_go_release_is_missing(section: str) -> None:
    """Each of its methods, properties and variables stands in the table."""
    assert set(GO[section].split()) - told(section) == set()


@pytest.mark.parametrize("kind", ["vm", "disk", "network", "managed_network", "stemcell"])
def test_no_property_of_ours_is_missing(kind: str) -> None:
    """Each property that a schema knows stands in the table."""
    schema = json.loads((SCHEMAS / f"{kind}.json").read_bytes())
    section = "VM" if kind == "vm" else kind.replace("_", " ").capitalize()
    assert set(properties(schema)) - told(section) == set()


def test_no_property_of_the_job_is_missing() -> None:
    """Each property of the job's spec stands in the table, and none that it does not have."""
    spec = (ROOT / "jobs" / "alicloud_cpi" / "spec").read_text("utf-8")
    declared = set(re.findall(r"^  ([\w.]+):$", spec.partition("\nproperties:\n")[2], re.MULTILINE))
    assert declared
    assert told("Job") - {"bin/cpi"} == declared


def test_no_method_and_no_endpoint_of_ours_is_missing() -> None:
    """The method table and the configuration's endpoints are covered too."""
    assert set(METHODS) - told("Methods") == set()
    known = told("Configuration") | {name.removeprefix("alicloud.") for name in told("Job")}
    assert {f"{service}_endpoint" for service in SERVICES} - known == set()


def test_each_name_stands_once() -> None:
    """Two rows about one thing would disagree some day."""
    names = [(row.section, name) for row in rows() for name in row.names]
    assert sorted(names) == sorted(set(names))


def defects(row: Row) -> list[int]:
    """Return the numbers of the defects that a row is better by."""
    lists = re.findall(r"better (\d+(?:, \d+)*)", row.here)
    return [int(number) for numbers in lists for number in numbers.split(", ")]


def test_every_defect_of_the_go_release_stands_somewhere() -> None:
    """By its number, and no other number does."""
    assert {number for row in rows() for number in defects(row)} == set(range(1, DEFECTS + 1))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.section}-{row.names[0]}")
def test_a_row_says_what_becomes_of_it_and_names_tests_of_it(row: Row) -> None:
    """Every test exists, and every name of the row is spoken of where one of them stands."""
    assert row.here.startswith((*WORDS, "see "))
    assert row.tests
    for path, name in row.tests:
        assert name in functions(path), f"{path} has no {name}"
    texts = "\n".join(text_of(path) for path, _ in row.tests)
    for name in row.names:
        spoken = re.escape(name.split()[0].rpartition(".")[2])
        assert re.search(rf"(?<!\w){spoken}(?!\w)", texts), f"no test speaks of {name}"
