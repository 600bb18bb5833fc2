"""Checks of a cloud-config or manifest that ask the cloud; they change nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from ipaddress import IPv4Network
from typing import Any

from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.cloud_properties.network import NetworkProperties
from alicloud_cpi.cloud_properties.schema import is_valid, is_variable
from alicloud_cpi.cloud_properties.vm import VmProperties
from alicloud_cpi.context import CallContext
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance_request import create_instance_request
from alicloud_cpi.tools.cloud_config import CloudConfig, as_object, as_objects, as_texts, azs_of
from alicloud_cpi.tools.findings import ERROR, NOTE, WARNING, Finding
from alicloud_cpi.tools.offline import OfflineChecks, Vm

# Kinds of resources, the properties that name them, and what a message calls them.
_KINDS = {
    "security_groups": ("security group", ("security_group_ids", "security_group_id")),
    "load_balancers": ("classic load balancer", ("slbs",)),
    "vserver_groups": ("vServer group", ("slb_server_group",)),
    "nlb_groups": ("NLB server group", ("nlb_server_groups", "nlb_server_group_ids")),
    "alb_groups": ("ALB server group", ("alb_server_groups",)),
}


class OnlineChecks:
    """The checks of one document in the account and region of a configuration.

    :param stemcell: the image with which VM types are tried; empty for none
    """

    def __init__(
        self, ctx: CallContext, cloud: CloudConfig, offline: OfflineChecks, *, stemcell: str | None
    ) -> None:
        self._ctx = ctx
        self._services = ctx.services
        self._region = ctx.config.region
        self._cloud = cloud
        self._offline = offline
        self._stemcell = stemcell
        self._on_sale = cache(self._services.instance_types.on_sale)

    def run(self) -> Iterator[Finding]:
        """Yield all that is wrong; what may not be asked is a warning."""
        yield from self._guarded("vSwitches", self._check_subnets)
        for kind in _KINDS:
            yield from self._guarded(_KINDS[kind][0], partial(self._check_named, kind))
        yield from self._guarded("stock", self._check_stock)
        if self._stemcell:
            yield from self._guarded("CreateInstance", self._try_vms)
        else:
            yield Finding(NOTE, "VM types", "not tried with CreateInstance: give --stemcell")

    def _guarded(self, what: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
        found: list[Finding] = []
        try:
            found.extend(check())
        except ApiError as error:
            found.append(Finding(WARNING, what, f"could not be checked: {error.message}"))
        return found

    # Networks

    def _check_subnets(self) -> Iterator[Finding]:
        for where, subnet in self._subnets():
            vswitch_id = as_object(subnet.get("cloud_properties")).get("vswitch_id")
            if not isinstance(vswitch_id, str) or is_variable(vswitch_id):
                continue
            vswitch = self._services.vswitches.find_in(self._region, vswitch_id)
            if vswitch is None:
                message = f"vSwitch '{vswitch_id}' not found in region {self._region}"
                yield Finding(ERROR, where, message)
                continue
            zones = {self._zone_of(az) for az in azs_of(subnet)} - {""}
            for zone in zones - {vswitch.zone}:
                message = f"vSwitch '{vswitch_id}' is in zone {vswitch.zone}, its AZ in {zone}"
                yield Finding(ERROR, where, message)
            if not _is_within(subnet.get("range"), vswitch.range):
                message = f"range must be in that of vSwitch '{vswitch_id}', {vswitch.range}"
                yield Finding(ERROR, where, message)

    def _subnets(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for network in self._cloud.section("networks"):
            for number, subnet in enumerate(as_objects(network.content.get("subnets"))):
                yield f"{network.where}.subnets[{number}]", subnet

    def _zone_of(self, az: str) -> str:
        for entry in self._cloud.section("azs"):
            if entry.name == az:
                zone = entry.properties.get("availability_zone", "")
                return "" if is_variable(zone) else str(zone)
        return ""

    # What is named by its id

    def _check_named(self, kind: str) -> Iterator[Finding]:
        title, keys = _KINDS[kind]
        wheres: dict[str, list[str]] = defaultdict(list)
        for where, properties in self._all_properties():
            for name in (one for key in keys for one in _ids(properties.get(key))):
                wheres[name].append(where)
        if not wheres:
            return
        found = getattr(self._services.inventory, kind)(self._region, sorted(wheres))
        for name in sorted(set(wheres) - found):
            for where in wheres[name]:
                yield Finding(ERROR, where, f"{title} '{name}' not found in region {self._region}")

    def _all_properties(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the cloud_properties in the region of the configuration."""
        for section in ("azs", "vm_types", "vm_extensions", "resource_pools"):
            for entry in self._cloud.section(section):
                if entry.properties.get("region") in (None, "", self._region):
                    yield entry.where, entry.properties
        for where, subnet in self._subnets():
            yield where, as_object(subnet.get("cloud_properties"))

    # VMs

    def _check_stock(self) -> Iterator[Finding]:
        for vm, properties in self._parsed():
            category, zone = properties.system_disk.category, properties.availability_zone
            wanted = properties.instance_types
            if self._on_sale(properties.region, zone, category).isdisjoint(wanted):
                names = ", ".join(wanted)
                message = f"{names} is not on sale in zone {zone} with disks of {category} now"
                yield Finding(WARNING, vm.where, message)

    def _try_vms(self) -> Iterator[Finding]:
        for vm, properties in self._parsed():
            image = self._services.images.find(properties.region, str(self._stemcell))
            networks = self._networks_of(vm, properties)
            if image is None:
                message = f"image '{self._stemcell}' not found in region {properties.region}"
                yield Finding(ERROR, vm.where, message)
            elif networks is not None:
                request = create_instance_request(properties, networks, image, {})
                refusal = self._services.inventory.refusal(request, properties.region)
                if refusal:
                    yield Finding(ERROR, vm.where, f"the cloud would refuse this VM: {refusal}")

    def _parsed(self) -> Iterator[tuple[Vm, VmProperties]]:
        """Yield the VMs whose properties are complete and right."""
        for vm in self._offline.vms():
            if is_variable(vm.properties) or not is_valid("vm", vm.properties):
                continue
            try:
                yield vm, VmProperties.parse(vm.properties, self._ctx.config)
            except CloudError:
                continue  # found offline

    def _networks_of(self, vm: Vm, properties: VmProperties) -> NetworkProperties | None:
        """Return the first network that the VM can have, with any address."""
        for network in self._cloud.section("networks"):
            if vm.networks and network.name not in vm.networks:
                continue
            for subnet in as_objects(network.content.get("subnets")):
                given = as_object(subnet.get("cloud_properties"))
                if is_variable(given) or (vm.az and vm.az not in azs_of(subnet)):
                    continue
                try:
                    return NetworkProperties.parse(
                        {network.name: {"type": "dynamic", "cloud_properties": given}},
                        vm_security_groups=properties.security_group_ids,
                        default_security_groups=self._ctx.config.default_security_groups,
                    )
                except CloudError:
                    continue  # found offline
        return None


def _ids(value: Any) -> list[str]:
    """Return the ids that a property has: texts, or objects with a server_group_id."""
    found = as_texts(value) + [str(one.get("server_group_id")) for one in as_objects(value)]
    return [name for name in found if name and not is_variable(name)]


def _is_within(inner: Any, outer: str) -> bool:
    try:
        return IPv4Network(str(inner)).subnet_of(IPv4Network(outer))
    except ValueError:
        return True  # none, or found offline
