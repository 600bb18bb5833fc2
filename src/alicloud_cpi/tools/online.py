"""Checks of a cloud-config or manifest that ask the cloud; they change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from ipaddress import IPv4Network
from typing import Any

from alicloud_cpi.cloud_properties.network import NetworkProperties
from alicloud_cpi.cloud_properties.schema import InvalidProperty, is_valid, is_variable
from alicloud_cpi.cloud_properties.vm import VmProperties
from alicloud_cpi.context import CallContext
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance_request import create_instance_request
from alicloud_cpi.services.vswitch_lists import choose_vswitches
from alicloud_cpi.services.vswitches import VSwitch
from alicloud_cpi.tools import quotas, vips
from alicloud_cpi.tools.cloud_config import CloudConfig, as_object, as_objects, as_texts, azs_of
from alicloud_cpi.tools.findings import ERROR, NOTE, WARNING, Finding, guarded
from alicloud_cpi.tools.named import NamedChecks
from alicloud_cpi.tools.offline import OfflineChecks, Vm


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
        """Yield all that is wrong; a request that failed is a warning."""
        yield from guarded("vSwitches", self._check_subnets)
        yield from guarded("elastic IP addresses", partial(vips.check, self._ctx, self._cloud))
        named = NamedChecks(self._ctx, self._cloud)
        yield from named.run()
        yield from guarded("stock", self._check_stock)
        parsed = list(self._parsed())
        yield from guarded("quotas", partial(quotas.check, self._ctx, self._cloud, parsed))
        if self._stemcell:
            yield from guarded("CreateInstance", self._try_vms)
            yield from guarded("CopyImage", partial(named.try_copies, self._stemcell))
        else:
            yield Finding(NOTE, "VM types", "not tried with CreateInstance: give --stemcell")
            yield from named.untried()

    # Networks

    def _check_subnets(self) -> Iterator[Finding]:
        for where, subnet in self._cloud.subnets():
            given = as_object(subnet.get("cloud_properties"))
            key = "vswitch_id" if given.get("vswitch_id") else "vswitch_ids"
            ids = as_texts(given.get(key))
            if not ids or is_variable(ids):
                continue
            found = self._services.vswitches.find_all(self._region, ids)
            for vswitch_id in (one for one in ids if one not in found):
                message = (
                    f"cloud_properties.{key}: vSwitch '{vswitch_id}' not found in region "
                    f"{self._region}"
                )
                yield Finding(ERROR, where, message)
            if found:
                yield from self._check_places(where, subnet, list(found.values()))

    def _check_places(
        self, where: str, subnet: Mapping[str, Any], found: list[VSwitch]
    ) -> Iterator[Finding]:
        """Compare a subnet with its vSwitches, one of which has to be in the zone of each AZ."""
        wanted = {self._zone_of(az) for az in azs_of(subnet)} - {""}
        for zone in sorted(wanted - {one.zone for one in found}):
            zones = ", ".join(f"vSwitch '{one.id}' is in zone {one.zone}" for one in found)
            yield Finding(ERROR, where, f"{zones}, its AZ in {zone}")
        inner = subnet.get("range")
        if not any(_is_within(inner, one.range) for one in found):
            ranges = " or ".join(f"vSwitch '{one.id}', {one.range}" for one in found)
            yield Finding(ERROR, where, f"range must be in that of {ranges}")

    def _zone_of(self, az: str) -> str:
        for entry in self._cloud.section("azs"):
            if entry.name == az:
                zone = entry.properties.get("availability_zone", "")
                return "" if is_variable(zone) else str(zone)
        return ""

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
                try:
                    networks = choose_vswitches(self._services, properties, networks)
                except InvalidProperty as error:
                    yield Finding(ERROR, vm.where, error.message)
                    continue
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


def _is_within(inner: Any, outer: str) -> bool:
    try:
        return IPv4Network(str(inner)).subnet_of(IPv4Network(outer))
    except ValueError:
        return True  # none, or found offline
