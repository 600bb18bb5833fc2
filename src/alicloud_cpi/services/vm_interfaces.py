"""The network interfaces of one new VM beyond what CreateInstance makes.

Further interfaces are requested before the instance, so that both are created at the same time, and
attached while it is Stopped. They are deleted with it (DeleteOnRelease). IPv6 addresses of the
primary interface are assigned while the instance is Stopped: CreateInstance takes none.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Any

from alicloud_cpi.cloud_properties.network import (
    InterfaceProperties,
    NetworkProperties,
    VipProperties,
)
from alicloud_cpi.cloud_properties.schema import InvalidProperty
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.eips import Holder
from alicloud_cpi.services.network_interfaces import (
    NetworkInterface,
    interface_request,
    interface_tokens,
)

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.rollback import Rollback
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.instance import Instance

logger = logging.getLogger(__name__)


def check_interfaces(
    services: Services, properties: VmProperties, networks: NetworkProperties
) -> None:
    """Compare several interfaces, or IPv6 addresses, with vSwitches and instance types.

    One interface with an IPv4 address needs no look: CreateInstance checks it.

    :raises InvalidProperty: naming the network and what was expected
    """
    if not networks.is_complex:
        return
    _check_vswitches(services, properties, networks)
    for found in services.instance_types.describe(properties.region, properties.instance_types):
        if len(networks.interfaces) > found.max_interfaces:
            raise InvalidProperty(
                f"networks need {len(networks.interfaces)} network interfaces, instance type "
                f"{found.id} has at most {found.max_interfaces}"
            )
        if networks.has_ipv6 and not found.max_ipv6:
            raise InvalidProperty(
                f"networks have IPv6 addresses, which instance type {found.id} does not support"
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
        if interface.ipv6 and not _contains(vswitch.ipv6_range, interface.ipv6):
            raise InvalidProperty(
                f"{path} must have an IPv6 range with {interface.ipv6}: {vswitch.id} has "
                f"{vswitch.ipv6_range or 'none'}"
            )


def _contains(ipv6_range: str, address: str) -> bool:
    return bool(ipv6_range) and IPv6Address(address) in IPv6Network(ipv6_range)


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
        # The ids of the further interfaces, in the order of the networks.
        self._ids: list[str] = []

    def create(self, rollback: Rollback) -> None:
        """Request the further interfaces."""
        self._ids = [self._create(wanted, rollback, spent=0) for wanted in self._networks.secondary]

    def attach(self, vm: Instance, rollback: Rollback) -> None:
        """Attach the further interfaces to the stopped VM, and assign its IPv6 addresses."""
        if not self._networks.is_complex:
            return
        interfaces = self._services.network_interfaces
        if self._ids:
            self._attach(vm, rollback)
        primary = self._networks.primary
        if primary.ipv6:
            interfaces.assign_ipv6(vm.region, self._of(vm)[0], primary.ipv6)

    def macs(self, vm: Instance) -> dict[str, str]:
        """Return the MAC address of each network's interface, by which the agent finds it.

        Empty for a single interface, which the agent finds without.
        """
        if not self._ids:
            return {}
        found = self._of(vm)
        by_id = {one.id: one.mac for one in found}
        macs = [found[0].mac, *(by_id[interface_id] for interface_id in self._ids)]
        return {
            name: mac
            for interface, mac in zip(self._networks.interfaces, macs, strict=True)
            for name in interface.networks
        }

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

    def _create(self, wanted: InterfaceProperties, rollback: Rollback, *, spent: int) -> str:
        """Request an interface, or find that of an earlier call.

        :param spent: how many tokens return interfaces that an earlier call has deleted
        """
        interfaces = self._services.network_interfaces
        request = interface_request(wanted, self._tags, self._resource_group_id)
        tokens = interface_tokens(self._agent_id, request)
        for _ in range(spent):
            tokens.advance()
        return rollback.create(
            "network interface",
            partial(interfaces.create, request, self._region, tokens),
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
        for spent in range(1, 20):
            found = interfaces.wait_until_settled(self._region, self._ids)
            missing = [one for one in self._ids if one not in found]
            if not missing:
                return found
            for position, interface_id in enumerate(self._ids):
                if interface_id in missing:
                    logger.info("'%s' was deleted by an earlier call", interface_id)
                    wanted = self._networks.secondary[position]
                    self._ids[position] = self._create(wanted, rollback, spent=spent)
        raise CloudError(f"None of the network interfaces {', '.join(self._ids)} was ever listed")
