"""Any cloud_properties, networks and env: made as asked, or refused by name with nothing left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alicloud_cpi import cloud_properties
from alicloud_sim.ecs.disks.record import Disk
from alicloud_sim.ecs.instances.record import Instance
from support.hostile import OBJECTS, SCALARS, VALUES, judged
from support.world import ZONE

if TYPE_CHECKING:
    from faults.matrix_scenarios import Bench
    from support.cpi import Answer

SCHEMAS = Path(cloud_properties.__file__).parent / "schemas"
FIELDS = ("type", "ip", "netmask", "prefix", "dns", "default", "cloud_properties")
ENV = st.one_of(
    st.none(),
    OBJECTS,
    st.fixed_dictionaries({"bosh": st.one_of(VALUES, st.fixed_dictionaries({"tags": OBJECTS}))}),
)


def fitting(schema: Any) -> st.SearchStrategy[Any]:
    """Generate values that resemble what a schema asks for, and others."""
    if "enum" in schema:
        return st.one_of(st.sampled_from(schema["enum"]), SCALARS)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.sampled_from(["a-1", "true", "PL1", "cloud_essd", "40_960", "0", " x "]),
        "integer": st.integers(min_value=-1, max_value=2**40),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "null": st.none(),
        "boolean": st.booleans(),
        "array": st.lists(fitting(schema.get("items", {})) if "items" in schema else SCALARS),
        "object": some(schema) if "properties" in schema else OBJECTS,
    }
    named = schema.get("type", [])
    wanted = [kinds[kind] for kind in ([named] if isinstance(named, str) else named)]
    return st.one_of(*wanted, SCALARS, VALUES)


def some(schema: Any) -> st.SearchStrategy[Any]:
    """Generate objects with a few of a schema's properties: many together are always refused."""
    pairs = [st.tuples(st.just(key), fitting(value)) for key, value in schema["properties"].items()]
    return st.lists(st.one_of(*pairs), max_size=3).map(dict)


def documents(kind: str) -> st.SearchStrategy[Any]:
    """Generate documents for one schema."""
    return some(json.loads((SCHEMAS / f"{kind}.json").read_bytes()))


def nothing_left(bench: Bench, answer: Answer) -> None:
    """Expect that a refused call made nothing; take away what a good one made."""
    bench.settle()
    made = [*bench.sim.world.all(Instance), *bench.sim.world.all(Disk)]
    assert bool(made) == (answer.error is None), answer.message
    if made:
        bench.reset()


@given(properties=documents("vm"), env=ENV)
def test_vm_types(bench: Bench, properties: dict[str, Any], env: Any) -> None:
    """VM types and env of any shape."""
    arguments = bench.vms.arguments(env=env)
    arguments[2] = {**arguments[2], **properties}
    nothing_left(bench, judged(bench.cpi.call("create_vm", *arguments)))


@given(changes=documents("network"), fields=OBJECTS, spare=OBJECTS)
def test_networks(
    bench: Bench, changes: dict[str, Any], fields: dict[str, Any], spare: dict[str, Any]
) -> None:
    """Networks of any shape."""
    networks = bench.names.networks(**changes)
    networks["private"].update(fields)
    networks.update(spare)
    nothing_left(bench, judged(bench.vms.create(networks=networks)))


@given(
    network=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(FIELDS, VALUES),
    )
)
def test_fields_of_a_network(bench: Bench, network: dict[str, Any]) -> None:
    """Every field of a network may have any value."""
    networks = bench.names.networks()
    networks["private"].update(network)
    nothing_left(bench, judged(bench.vms.create(networks=networks)))


@given(size=st.integers(min_value=1, max_value=2**60), properties=documents("disk"))
def test_disk_types(bench: Bench, size: int, properties: dict[str, Any]) -> None:
    """Disk types of any shape."""
    given_ = {"availability_zone": ZONE, **properties}
    nothing_left(bench, judged(bench.cpi.call("create_disk", size % 2**25 + 1, given_, None)))


@given(size=st.integers(min_value=1), properties=documents("disk"))
def test_changes_of_disks(bench: Bench, size: int, properties: dict[str, Any]) -> None:
    """An update to anything changes the disk or leaves it."""
    bench.reset()
    disk = bench.storage.disk()
    judged(bench.cpi.call("update_disk", disk, size % 2**27 + 1, properties))
    assert bench.storage.found(disk).status == "Available"


@given(properties=documents("stemcell"), env=ENV)
@settings(max_examples=80)
def test_stemcells(bench: Bench, properties: dict[str, Any], env: Any) -> None:
    """Stemcell properties of any shape."""
    judged(bench.cpi.call("create_stemcell", "/nowhere", properties, env))


@pytest.mark.parametrize("key", ["cpu", "ram", "ephemeral_disk_size"])
@given(value=VALUES)
@settings(max_examples=40)
def test_wanted_sizes(bench: Bench, key: str, value: Any) -> None:
    """vm_resources of any kind."""
    wanted = {"cpu": 1, "ram": 1024, "ephemeral_disk_size": 1024, key: value}
    judged(bench.cpi.call("calculate_vm_cloud_properties", wanted))
