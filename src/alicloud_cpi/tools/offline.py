"""Checks of a cloud-config or manifest that need no cloud: schemas, rules and references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alicloud_cpi.cloud_properties.disk import DiskProperties
from alicloud_cpi.cloud_properties.schema import (
    find_errors,
    find_unknown,
    find_unused,
    is_valid,
    is_variable,
)
from alicloud_cpi.cloud_properties.vm import VmProperties
from alicloud_cpi.config import Config
from alicloud_cpi.errors import CloudError
from alicloud_cpi.tools import subnets
from alicloud_cpi.tools.cloud_config import CloudConfig, Entry, as_objects, as_texts, azs_of
from alicloud_cpi.tools.findings import ERROR, NOTE, WARNING, Finding, level_for

_UNUSED_SECTIONS = ("vm_types.", "vm_extensions.", "disk_types.", "networks.", "azs.")


@dataclass(frozen=True, slots=True)
class Vm:
    """A VM that the Director would ask for: its merged cloud_properties, AZ and networks."""

    where: str
    az: str
    properties: dict[str, Any]
    networks: tuple[str, ...] = ()


class OfflineChecks:
    """The checks of one document.

    :param has_job: whether ``config`` is the job's; else what a job can give is not missed
    """

    def __init__(self, cloud: CloudConfig, config: Config, *, has_job: bool) -> None:
        self._cloud = cloud
        self._config = config
        self._has_job = has_job

    def run(self) -> Iterator[Finding]:
        """Yield all that is wrong."""
        for section, kind, is_partial in (
            ("azs", "vm", True),
            ("vm_types", "vm", False),
            ("resource_pools", "vm", False),
            ("vm_extensions", "vm", True),
            ("disk_types", "disk", False),
            ("disk_pools", "disk", False),
        ):
            for entry in self._cloud.section(section):
                yield from check_properties(
                    kind, entry.properties, entry.where, is_partial=is_partial
                )
        for vm in self.vms():
            yield from self._check_vm(vm)
        for entry in (*self._cloud.section("disk_types"), *self._cloud.section("disk_pools")):
            yield from self._check_disk(entry)
        for entry in self._cloud.section("networks"):
            yield from self._check_network(entry)
        yield from self._check_references()
        yield from self._cloud.problems

    def vms(self) -> list[Vm]:
        """Return the VMs of all instance groups, and one of each VM type in each AZ."""
        azs = self._cloud.section("azs")
        found = [
            Vm(kind.where, az.name, {**az.properties, **kind.properties})
            for kind in self._cloud.section("vm_types")
            for az in azs or [Entry("", "", {})]
        ]
        found += [
            Vm(pool.where, "", pool.properties, tuple(as_texts(pool.content.get("network"))))
            for pool in self._cloud.section("resource_pools")
        ]
        for group in self._cloud.section("instance_groups"):
            found += self._vms_of(group)
        return found

    def config_of(self, properties: Mapping[str, Any]) -> Config:
        """Return the configuration by which properties are read."""
        if self._has_job:
            return self._config
        region = str(properties.get("region") or self._config.region)
        zone = self._config.availability_zone or "any"
        return replace(self._config, region=region, availability_zone=zone)

    def _vms_of(self, group: Entry) -> Iterator[Vm]:
        cloud, content, where = self._cloud, group.content, group.where
        kind = cloud.named("vm_types", content["vm_type"], where) if "vm_type" in content else None
        if kind is None:
            return
        names = as_texts(content.get("vm_extensions") or [])
        extensions = [cloud.named("vm_extensions", name, where) for name in names]
        networks = tuple(str(one.get("name")) for one in as_objects(content.get("networks")))
        for az in azs_of(content) or [""]:
            zone = cloud.named("azs", az, where) if az else None
            merged = {**(zone.properties if zone else {}), **kind.properties}
            for extension in extensions:
                merged |= extension.properties if extension else {}
            yield Vm(where, az, merged, networks)

    def _check_vm(self, vm: Vm) -> Iterator[Finding]:
        if not is_valid("vm", vm.properties):
            return
        try:
            VmProperties.parse(vm.properties, self.config_of(vm.properties))
        except CloudError as error:
            yield Finding(level_for(vm.properties), vm.where, error.message)

    def _check_disk(self, entry: Entry) -> Iterator[Finding]:
        size = entry.content.get("disk_size")
        if is_variable(size):
            return
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            yield Finding(ERROR, entry.where, "disk_size must be a positive number of MiB")
        elif is_valid("disk", entry.properties):
            try:
                DiskProperties.parse(entry.properties, size_mib=size, config=self._config)
            except CloudError as error:
                yield Finding(level_for(entry.properties), entry.where, error.message)

    def _check_network(self, entry: Entry) -> Iterator[Finding]:
        content = entry.content
        kind = content.get("type", "manual")
        if kind not in ("manual", "dynamic", "vip"):
            yield Finding(ERROR, entry.where, "type must be manual, dynamic or vip")
        if kind == "dynamic" and "subnets" not in content:
            yield from check_properties("network", entry.properties, entry.where)
        names = [one.get("security_group_ids") for one in self._all_vm_properties()]
        given = ["sg-of-the-vm"] if any(names) or not self._has_job else []
        for number, subnet in enumerate(as_objects(content.get("subnets"))):
            where = f"{entry.where}.subnets[{number}]"
            azs = [self._cloud.named("azs", az, where) for az in azs_of(subnet)]
            merged: dict[str, Any] = {}
            for az in azs:
                merged |= az.properties if az else {}
            one = subnets.Subnet(
                where, kind, subnet, merged, is_managed=bool(content.get("managed"))
            )
            yield from check_properties(one.schema, one.own_properties, where)
            yield from subnets.check(one, self.config_of(merged), given)

    def _all_vm_properties(self) -> Iterator[dict[str, Any]]:
        for section in ("vm_types", "vm_extensions", "resource_pools"):
            yield from (entry.properties for entry in self._cloud.section(section))

    # References

    def _check_references(self) -> Iterator[Finding]:
        compilation = self._cloud.document.get("compilation")
        if isinstance(compilation, dict):
            self._name_all("compilation", compilation, [compilation.get("network")])
        for group in self._cloud.section("instance_groups"):
            networks = [one.get("name") for one in as_objects(group.content.get("networks"))]
            self._name_all(group.where, group.content, networks)
            yield from self._check_azs(group, networks)
        if "instance_groups" in self._cloud:
            for entry in self._cloud.unused():
                if entry.where.startswith(_UNUSED_SECTIONS):
                    yield Finding(NOTE, entry.where, "nothing in this document uses it")

    def _name_all(self, where: str, content: Mapping[str, Any], networks: list[Any]) -> None:
        """Look up what an instance group or the compilation names."""
        one_of = {"vm_type": "vm_types", "persistent_disk_type": "disk_types"}
        names = [(one_of[key], content[key]) for key in one_of if key in content]
        names += [("vm_extensions", name) for name in as_texts(content.get("vm_extensions") or [])]
        names += [("azs", name) for name in azs_of(content)]
        names += [("networks", name) for name in networks if name is not None]
        for section, name in names:
            if not is_variable(name):
                self._cloud.named(section, name, where)

    def _check_azs(self, group: Entry, networks: list[Any]) -> Iterator[Finding]:
        """Find AZs of an instance group in which a network of it has no subnet."""
        for network in (one for one in self._cloud.section("networks") if one.name in networks):
            covered = [
                az for subnet in as_objects(network.content.get("subnets")) for az in azs_of(subnet)
            ]
            for az in azs_of(group.content):
                if covered and az not in covered:
                    message = f"network '{network.name}' has no subnet in AZ '{az}'"
                    yield Finding(ERROR, group.where, message)


def check_properties(
    kind: str, properties: Mapping[str, Any], where: str, *, is_partial: bool = False
) -> Iterator[Finding]:
    """Yield what is wrong with cloud_properties by their schema."""
    for message in find_errors(kind, properties, "cloud_properties", is_partial=is_partial):
        yield Finding(ERROR, where, message)
    for key, nearest in find_unknown(kind, properties):
        hint = f"; did you mean '{nearest}'?" if nearest else ""
        yield Finding(WARNING, where, f"cloud_properties.{key} is unknown and ignored{hint}")
    for key in find_unused(kind, properties):
        yield Finding(NOTE, where, f"cloud_properties.{key} has no effect")
    if is_variable(properties):
        yield Finding(NOTE, where, "has variables without a value, which are not checked: give -v")
