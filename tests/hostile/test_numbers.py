"""Numbers that are too long, or text that is out of range: an error that names the property."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.cloud_properties.schema import load_schema
from alicloud_sim.ecs.disks.record import Disk
from support.hostile import judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.cpi import Answer, Cpi
    from support.storage import Storage
    from support.vms import Vms

# Python refuses to read more than 4300 digits, and floats end at 309.
LONG: list[Any] = ["9" * 5000, 10**400, -(10**400), 1e308, "1e400", "1_0" * 2000, "\u0663"]
NUMBERS = {"integer", "number"}
# What an item of a list has to have: only server groups are objects.
MEMBER = {"server_group_id": "sgp-2zegroup", "port": 80}


def numbers(schema: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all properties that are numbers; an item of a list is ``[]``."""
    if NUMBERS & {*schema.get("type", ())}:
        yield path
    for key, entry in schema.get("properties", {}).items():
        yield from numbers(entry, (*path, key))
    if "items" in schema:
        yield from numbers(schema["items"], (*path, "[]"))


def entry(schema: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Return the schema of the property at a path."""
    for key in path:
        schema = schema["items"] if key == "[]" else schema["properties"][key]
    return schema


def document(path: tuple[str, ...], value: Any) -> Any:
    """Write a document with a value at a path."""
    for key in reversed(path):
        value = [{**MEMBER, **value}] if key == "[]" else {key: value}
    return value


def call(cpi: Cpi, vms: Vms, kind: str, properties: dict[str, Any]) -> Answer:
    """Call the method that reads such properties."""
    if kind == "vm":
        return judged(cpi.call("create_vm", *vms.arguments(**properties)))
    if kind == "disk":
        return judged(cpi.call("create_disk", 20480, properties, None))
    return judged(cpi.call("create_stemcell", "/no/such/image", properties))


PATHS = [(kind, path) for kind in ("vm", "disk", "stemcell") for path in numbers(load_schema(kind))]
LIMITED = [(kind, path) for kind, path in PATHS if "maximum" in entry(load_schema(kind), path)]


def ids(found: list[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Name the properties."""
    return [f"{kind} {'.'.join(path)}" for kind, path in found]


@pytest.mark.parametrize(("kind", "path"), PATHS, ids=ids(PATHS))
def test_a_long_number(
    cpi: Cpi, vms: Vms, storage: Storage, kind: str, path: tuple[str, ...]
) -> None:
    """It is refused, or the cloud is asked for it; then nothing is left, or the VM as it is."""
    for value in LONG:
        answer = call(cpi, vms, kind, document(path, value))
        if answer.error:
            assert (vms.left(), storage.all(Disk)) == ({}, [])
        elif kind == "vm":
            cpi.ok("delete_vm", answer.result[0])


@pytest.mark.parametrize(("kind", "path"), LIMITED, ids=ids(LIMITED))
def test_a_number_in_text_that_is_out_of_range(
    cpi: Cpi, vms: Vms, kind: str, path: tuple[str, ...]
) -> None:
    """It is refused as the number is, before anything is asked of the cloud."""
    found = entry(load_schema(kind), path)
    number = call(cpi, vms, kind, document(path, found["maximum"] + 1))
    text = call(cpi, vms, kind, document(path, str(found["maximum"] + 1)))
    name = ".".join(path).replace(".[]", "[0]")
    assert number.message == text.message
    assert f"cloud_properties.{name} must be {found['expected']}" in text.message
    assert cpi.sim.calls() == []


@pytest.mark.parametrize("value", LONG, ids=lambda value: str(value)[:6])
def test_a_long_number_in_the_configuration(cpi: Cpi, value: Any) -> None:
    """The property is named; a high API version is the highest one."""
    cpi.configure(snapshot_retention_days=value)
    answer = judged(cpi.call("has_disk", "d-2zedisk"))
    assert answer.message == "alicloud.snapshot_retention_days must be 1 to 65536 days"
    content = json.loads(cpi.path.read_bytes())
    content["cloud"]["properties"]["debug"] = {"cpi": {"api_version": value}}
    cpi.path.write_text(json.dumps(content))
    answer = judged(cpi.call("info"))
    assert answer.message == "debug.cpi.api_version must be a positive integer"
