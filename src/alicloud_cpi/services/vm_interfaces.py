"""The network interfaces of one new VM beyond what CreateInstance makes.

Further interfaces are requested before the instance, so that both are created at the same time, and
attached while it is Stopped. They are deleted with it (DeleteOnRelease). IPv6 addresses and
prefixes of the primary interface are assigned while the instance is Stopped: CreateInstance takes
none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.network import (
    InterfaceProperties,
    NetworkProperties,
    VipProperties,
)
from alicloud_cpi.cloud_properties.schema import InvalidProperty
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.eips import Holder
from alicloud_cpi.services.interface_creation import InterfaceCreation
from alicloud_cpi.services.network_interfaces import (
    NetworkInterface,
    interface_request,
)
from alicloud_cpi.services.vswitch_lists import choose_vswitches, contains, with_taken

if TYPE_CHECKING:
    from aliyunsdkecs.request.v20140526.CreateNetworkInterfaceRequest import (
        CreateNetworkInterfaceRequest,
    )

    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.rollback import Rollback
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.instance import Instance
    from alicloud_cpi.services.instance_types import InstanceType

logger = logging.getLogger(__name__)


def check_interfaces(
    services: Services, properties: VmProperties, networks: NetworkProperties
) -> NetworkProperties:
    """Compare several interfaces, IPv6 addresses or prefixes with vSwitches and instance types.

    One interface with an IPv4 address needs no request: CreateInstance checks it. Returns the
    networks with the vSwitches that they may be in.

    :raises InvalidProperty: naming the network and what was expected
    """
    networks = choose_vswitches(services, properties, networks)
    if not networks.is_complex:
        return networks
    _check_vswitches(services, properties, networks)
    for found in services.instance_types.describe(properties.region, properties.instance_types):
        if len(networks.interfaces) > found.max_interfaces:
            raise InvalidProperty(
                f"networks need {len(networks.interfaces)} network interfaces, instance type "
                f"{found.id} has at most {found.max_interfaces}"
            )
        for interface in networks.interfaces:
            _check_counts(interface, found)
    return networks


def _check_counts(interface: InterfaceProperties, found: InstanceType) -> None:
    """Compare the addresses of an interface with a type; a prefix counts as one."""
    if interface.ipv6_count and not found.max_ipv6:
        raise InvalidProperty(
            f"networks have IPv6 addresses, which instance type {found.id} does not support"
        )
    names = ", ".join(interface.networks)
    for version, count, most in (
        (4, interface.ipv4_count, found.max_ipv4),
        (6, interface.ipv6_count, found.max_ipv6),
    ):
        if most and count > most:
            raise InvalidProperty(
                f"networks {names} need {count} IPv{version} addresses and prefixes on one "
                f"interface, instance type {found.id} has at most {most}"
            )


def _check_vswitches(
    services: Services, properties: VmProperties, networks: NetworkProperties
) -> None:
    vpcs: dict[str, str] = {}
    for interface in networks.interfaces:
        path = f"networks.{interface.networks[0]}.cloud_properties.vswitch_id"
        vswitch = services.vswitches.find_in(properties.region, interface.vswitch_id)
        if vswitch is None:
            raise InvalidProperty(
                f"{path} must be a vSwitch of region {properties.region}: there is no "
                f"{interface.vswitch_id}"
            )
        if vswitch.zone != properties.availability_zone:
            raise InvalidProperty(
                f"{path} must be in zone {properties.availability_zone}, as the VM is: "
                f"{vswitch.id} is in {vswitch.zone}"
            )
        vpcs[vswitch.vpc_id] = vswitch.id
        if len(vpcs) > 1:
            raise InvalidProperty(
                f"{path} must be in the VPC of the VM's other networks: {', '.join(vpcs)}"
            )
        for wanted in (interface.ipv6, *interface.ipv6_prefixes):
            if wanted and not contains(vswitch.ipv6_range, wanted):
                raise InvalidProperty(
                    f"{path} must have an IPv6 range with {wanted}: {vswitch.id} has "
                    f"{vswitch.ipv6_range or 'none'}"
                )
        for wanted in interface.ipv4_prefixes:
            if not contains(vswitch.range, wanted):
                raise InvalidProperty(
                    f"{path} must have a range with {wanted}: {vswitch.id} has {vswitch.range}"
                )


class VmInterfaces:
    """The interfaces of one VM that is being created."""

    def __init__(
        self,
        services: Services,
        agent_id: str,
        properties: VmProperties,
        networks: NetworkProperties,
        tags: Mapping[str, Any],
    ) -> None:
        """Describe them; nothing is sent.

        :param tags: the manifest's tags of the VM
        """
        self._services = services
        self._agent_id = agent_id
        self._region = properties.region
        self._resource_group_id = properties.resource_group_id
        self._networks = networks
        self._tags = tags
        # The further interfaces and their ids, in the order of the networks.
        self._creations: list[InterfaceCreation] = []
        self._ids: list[str] = []
        # All interfaces of the VM, the primary one first.
        self._listed: list[NetworkInterface] = []

    def create(self, rollback: Rollback) -> None:
        """Request the further interfaces."""
        self._creations = [
            InterfaceCreation(self._agent_id, one.vswitch_ids, partial(self._request, one))
            for one in self._networks.secondary
        ]
        self._ids = [self._create(creation, rollback) for creation in self._creations]

    def attach(self, vm: Instance, rollback: Rollback) -> None:
        """Attach the further interfaces to the stopped VM, and complete its primary one."""
        if not self._networks.is_complex:
            return
        interfaces = self._services.network_interfaces
        if self._ids:
            self._attach(vm, rollback)
        primary = self._networks.primary
        self._listed = self._of(vm)
        interfaces.assign(vm.region, self._listed[0], primary)

    def links(self) -> dict[str, dict[str, Any]]:
        """Return what the agent's networks need to know of their interfaces.

        Nothing for a single network, whose interface the agent finds without. Otherwise the MAC
        address. The agent configures an interface for one static address: where a network with
        an IPv6 address shares it, both are configured by DHCP. A prefix gets neither: it is routed
        to the interface, and would be configured as an address.
        """
        if not self._listed:
            return {}
        by_id = {one.id: one.mac for one in self._listed}
        macs = [self._listed[0].mac, *(by_id[interface_id] for interface_id in self._ids)]
        return {
            name: {"mac": mac, **({"use_dhcp": True} if interface.ipv6 else {})}
            for interface, mac in zip(self._networks.interfaces, macs, strict=True)
            for name in interface.networks
            if name not in interface.prefixes
        }

    def placed(self, vm: Instance, networks: Mapping[str, Any]) -> dict[str, Any]:
        """Return the networks of the request with the vSwitches that were taken of lists."""
        taken = [vm.vswitch_id, *(creation.taken for creation in self._creations)]
        return with_taken(networks, self._networks.interfaces, taken)

    def holder(self, vm: Instance, vip: VipProperties) -> Holder:
        """Return what an elastic IP address is bound to."""
        if vip.interface == 0:
            return Holder.instance(vm)
        return Holder.interface(self._ids[vip.interface - 1], vm.region)

    def _of(self, vm: Instance) -> list[NetworkInterface]:
        """Return the VM's interfaces, the primary one first.

        :raises CloudError: one is missing, as where an identical call has deleted the VM
        """
        found = self._services.network_interfaces.of_instance(vm)
        if not found or not {one.id for one in found}.issuperset(self._ids):
            raise CloudError(f"VM '{vm.id}' or one of its network interfaces is gone")
        return found

    def _request(
        self, wanted: InterfaceProperties, vswitch_id: str
    ) -> CreateNetworkInterfaceRequest:
        return interface_request(wanted, vswitch_id, self._tags, self._resource_group_id)

    def _create(self, creation: InterfaceCreation, rollback: Rollback) -> str:
        """Request an interface, or find that of an earlier call."""
        interfaces = self._services.network_interfaces
        return rollback.create(
            "network interface",
            partial(creation.create, interfaces, self._region),
            delete=partial(interfaces.delete_unattached, self._region),
        )

    def _attach(self, vm: Instance, rollback: Rollback) -> None:
        interfaces = self._services.network_interfaces
        found = self._wait_until_usable(rollback)
        for interface_id in self._ids:
            holder = found[interface_id].instance_id
            if holder not in ("", vm.id):
                raise CloudError(
                    f"Network interface '{interface_id}' is attached to VM '{holder}', not to "
                    f"VM '{vm.id}'"
                )
            if not holder:
                interfaces.attach(vm, interface_id)
        interfaces.wait_until_attached(vm, self._ids)

    def _wait_until_usable(self, rollback: Rollback) -> dict[str, Any]:
        """Return the interfaces; those that an earlier call deleted are created again."""
        interfaces = self._services.network_interfaces
        for _ in range(20):
            found = interfaces.wait_until_settled(self._region, self._ids)
            missing = [one for one in self._ids if one not in found]
            if not missing:
                return found
            for position, interface_id in enumerate(self._ids):
                if interface_id in missing:
                    logger.info("'%s' was deleted by an earlier call", interface_id)
                    self._creations[position].discard()
                    self._ids[position] = self._create(self._creations[position], rollback)
        raise CloudError(f"None of the network interfaces {', '.join(self._ids)} was ever listed")
