"""Elastic network interfaces (ENIs).

The primary one comes and goes with its instance; further ones are created on their own and
attached while the instance is Stopped. States (semantics.md section 9): Creating -> Available ->
Attaching -> InUse -> Detaching -> Available.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from aliyunsdkecs.request.v20140526.AssignIpv6AddressesRequest import AssignIpv6AddressesRequest
from aliyunsdkecs.request.v20140526.AssignPrivateIpAddressesRequest import (
    AssignPrivateIpAddressesRequest,
)
from aliyunsdkecs.request.v20140526.AttachNetworkInterfaceRequest import (
    AttachNetworkInterfaceRequest,
)
from aliyunsdkecs.request.v20140526.CreateNetworkInterfaceRequest import (
    CreateNetworkInterfaceRequest,
)
from aliyunsdkecs.request.v20140526.DeleteNetworkInterfaceRequest import (
    DeleteNetworkInterfaceRequest,
)
from aliyunsdkecs.request.v20140526.DescribeNetworkInterfacesRequest import (
    DescribeNetworkInterfacesRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import paginate
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.cloud_properties.network import InterfaceProperties
from alicloud_cpi.errors import CloudError
from alicloud_cpi.rollback import InUseElsewhere
from alicloud_cpi.services import tags
from alicloud_cpi.services.instance import Instance
from alicloud_cpi.services.instances import LISTED_TIMEOUT

logger = logging.getLogger(__name__)

# Seconds.
INTERFACE_DELETE_TIMEOUT = 60.0
INTERFACE_ATTACH_TIMEOUT = 300.0

# Written into the description of the interfaces that this CPI creates.
CREATED_BY_CPI = "BOSH VM network interface"

# Also the answer where a simultaneous identical call has attached the interface.
_NOT_AVAILABLE = ("InvalidOperation.InvalidEniState",)
_ALLOCATED = ("InvalidOperation.AddressAlreadyAllocated", "InvalidIp.IpPrefixNotAvailable")

_ENI_PATH = ("NetworkInterfaceSets", "NetworkInterfaceSet")


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """One network interface, as DescribeNetworkInterfaces returns it."""

    id: str
    name: str
    status: str
    instance_id: str
    mac: str
    private_ip: str
    # IPv6 addresses, and prefixes of both versions.
    assigned: list[str]
    created: str
    delete_on_release: bool
    is_primary: bool

    @classmethod
    def from_api(cls, fields: Fields) -> NetworkInterface:
        """Read a record of DescribeNetworkInterfaces."""
        return cls(
            id=fields.resource_id("NetworkInterfaceId"),
            name=fields.text("NetworkInterfaceName"),
            status=fields.required_text("Status"),
            instance_id=fields.text("InstanceId"),
            mac=fields.text("MacAddress"),
            private_ip=fields.text("PrivateIpAddress"),
            assigned=[
                *(one.ip_range("Ipv6Address", 6) for one in fields.records("Ipv6Sets", "Ipv6Set")),
                *(
                    one.ip_range(f"Ipv{version}Prefix", version)
                    for version in (4, 6)
                    for one in fields.records(f"Ipv{version}PrefixSets", f"Ipv{version}PrefixSet")
                ),
            ],
            created=fields.text("CreationTime"),
            delete_on_release="DeleteOnRelease" not in fields or fields.flag("DeleteOnRelease"),
            is_primary=fields.text("Type") == "Primary",
        )

    def lacks(self, wanted: Sequence[str]) -> list[str]:
        """Return those of IPv6 addresses and prefixes that it does not have, however written."""
        held = {ip_network(one) for one in self.assigned}
        return [one for one in wanted if ip_network(one) not in held]


class NetworkInterfaces:
    """Elastic network interfaces of the account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def primary(self, region: str) -> Iterator[NetworkInterface]:
        """Yield the primary interfaces of a region: each was created with an instance."""
        request = DescribeNetworkInterfacesRequest()
        request.set_Type("Primary")
        for fields in paginate(self._client, request, region, *_ENI_PATH):
            yield NetworkInterface.from_api(fields)

    def unattached(self, region: str) -> Iterator[NetworkInterface]:
        """Yield the interfaces of a region that this CPI created and no instance has."""
        request = DescribeNetworkInterfacesRequest()
        request.set_Type("Secondary")
        request.set_Status("Available")
        for fields in paginate(self._client, request, region, *_ENI_PATH):
            if fields.text("Description") == CREATED_BY_CPI:
                yield NetworkInterface.from_api(fields)

    # Create and attach

    def create(
        self, request: CreateNetworkInterfaceRequest, region: str, tokens: ClientTokens
    ) -> str:
        """Request an interface and return its id.

        :raises ApiError: the cloud refused, or never responded
        """
        try:
            response = self._client.send(
                request, region, tokens=tokens, returns_id="NetworkInterfaceId"
            )
        except ApiError as error:
            if error.effect_unknown:
                error.append("A network interface may have been created: a retry finds it")
            raise
        return response.resource_id("NetworkInterfaceId")

    def wait_until_settled(self, region: str, ids: Sequence[str]) -> dict[str, NetworkInterface]:
        """Return new interfaces by id once no operation on them is under way.

        One that is not listed for ``LISTED_TIMEOUT`` was deleted: it is missing from the result.
        """
        started = self._client.clock.now()

        def is_settled(found: dict[str, NetworkInterface]) -> bool:
            if any(one.status not in ("Available", "InUse") for one in found.values()):
                return False
            is_late = self._client.clock.now() - started >= LISTED_TIMEOUT
            return len(found) == len(ids) or is_late

        return self._wait(region, ids, "to be usable", is_settled)

    def attach(self, vm: Instance, interface_id: str) -> None:
        """Request the attachment to a stopped instance; ``wait_until_attached`` completes it."""
        request = AttachNetworkInterfaceRequest()
        request.set_NetworkInterfaceId(interface_id)
        request.set_InstanceId(vm.id)

        def is_attached() -> bool:
            found = self._described(vm.region, [interface_id]).get(interface_id)
            return found is not None and found.instance_id == vm.id

        self._client.send(
            request, vm.region, already_applied=is_attached, refused_if_applied=_NOT_AVAILABLE
        )

    def wait_until_attached(self, vm: Instance, ids: Sequence[str]) -> None:
        """Return when the instance has all these interfaces."""

        def are_attached(found: dict[str, NetworkInterface]) -> bool:
            attached = [
                one.id
                for one in found.values()
                if one.status == "InUse" and one.instance_id == vm.id
            ]
            return len(attached) == len(ids)

        self._wait(vm.region, ids, f"to be attached to VM '{vm.id}'", are_attached)

    def of_instance(self, vm: Instance) -> list[NetworkInterface]:
        """Return the interfaces of an instance, the primary one first."""
        request = DescribeNetworkInterfacesRequest()
        request.set_InstanceId(vm.id)
        found = paginate(self._client, request, vm.region, *_ENI_PATH)
        interfaces = [NetworkInterface.from_api(fields) for fields in found]
        return sorted(interfaces, key=lambda one: not one.is_primary)

    def assign(self, region: str, interface: NetworkInterface, wanted: InterfaceProperties) -> None:
        """Give a primary interface its IPv6 address and its prefixes, but for what it has."""
        ipv4 = AssignPrivateIpAddressesRequest()
        ipv4.set_Ipv4Prefixs(interface.lacks(wanted.ipv4_prefixes))
        ipv6 = AssignIpv6AddressesRequest()
        ipv6.set_Ipv6Addresss(interface.lacks([wanted.ipv6] if wanted.ipv6 else []))
        prefixes = AssignIpv6AddressesRequest()
        prefixes.set_Ipv6Prefixs(interface.lacks(wanted.ipv6_prefixes))
        for request in (ipv4, ipv6, prefixes):
            given = list(request.get_query_params().values())
            if given:
                request.set_NetworkInterfaceId(interface.id)
                self._assign(request, region, interface.id, given)

    def _assign(self, request: Any, region: str, interface_id: str, wanted: list[str]) -> None:
        """Send a request for addresses; those that an identical call assigned first are there."""

        def has_them() -> bool:
            found = self._described(region, [interface_id]).get(interface_id)
            return found is not None and not found.lacks(wanted)

        self._client.send(
            request,
            region,
            tokens=ClientTokens(),
            already_applied=has_them,
            refused_if_applied=_ALLOCATED,
        )

    # Delete

    def delete_unattached(self, region: str, interface_id: str) -> None:
        """Delete an interface that a failed call created.

        :raises InUseElsewhere: it is attached, and is deleted with its VM
        """
        found = self._described(region, [interface_id]).get(interface_id)
        if found is not None and found.instance_id:
            raise InUseElsewhere(f"it is attached to VM '{found.instance_id}'")
        self._delete(region, interface_id)

    def delete_remaining(self, region: str, interface_ids: Sequence[str]) -> None:
        """Delete those of a deleted instance's interfaces that should have gone with it.

        An interface that stays keeps its private address taken. The primary one stays listed for
        seconds and vanishes by itself: it cannot be deleted. One that was attached to outlive its
        instance (DeleteOnRelease=false) belongs to its owner.

        :raises CloudError: naming the interfaces that remain
        """
        try:
            remaining = self._remaining(region, interface_ids)
        except ApiError as error:
            logger.warning(
                "whether %s remained is unknown: %s", ", ".join(interface_ids), error.message
            )
            return
        try:
            for interface in remaining:
                if not interface.is_primary:
                    self._delete(region, interface.id)
            if any(interface.is_primary for interface in remaining):
                self._wait_until_gone(region, interface_ids)
        except CloudError as error:
            ids = ", ".join(interface.id for interface in remaining)
            raise CloudError(
                f"Network interface {ids} of a deleted VM may remain: {error.message}"
            ) from error

    def _remaining(self, region: str, interface_ids: Sequence[str]) -> list[NetworkInterface]:
        if not interface_ids:
            return []
        found = self._described(region, interface_ids).values()
        return [one for one in found if one.delete_on_release]

    def _described(self, region: str, interface_ids: Sequence[str]) -> dict[str, NetworkInterface]:
        request = DescribeNetworkInterfacesRequest()
        request.set_NetworkInterfaceIds(list(interface_ids))
        found = paginate(self._client, request, region, *_ENI_PATH)
        interfaces = [NetworkInterface.from_api(fields) for fields in found]
        return {one.id: one for one in interfaces}

    def _wait(
        self,
        region: str,
        ids: Sequence[str],
        wanted: str,
        until: Callable[[dict[str, NetworkInterface]], bool],
    ) -> dict[str, NetworkInterface]:
        return wait_for(
            f"network interface '{', '.join(ids)}' {wanted}",
            lambda: self._described(region, ids),
            until,
            state=lambda found: ", ".join(f"{one.id} {one.status}" for one in found.values()),
            timeout=INTERFACE_ATTACH_TIMEOUT,
            clock=self._client.clock,
        )

    def _delete(self, region: str, interface_id: str) -> None:
        request = DeleteNetworkInterfaceRequest()
        request.set_NetworkInterfaceId(interface_id)
        self._client.send(
            request,
            region,
            already_applied=lambda: not self._remaining(region, [interface_id]),
            ignore_codes=("InvalidEniId.NotFound",),
        )
        self._wait_until_gone(region, [interface_id])

    def _wait_until_gone(self, region: str, interface_ids: Sequence[str]) -> None:
        wait_for(
            f"network interface '{', '.join(interface_ids)}' to be deleted",
            lambda: self._remaining(region, interface_ids),
            lambda remaining: not remaining,
            state=lambda remaining: f"{', '.join(one.id for one in remaining)} remains",
            timeout=INTERFACE_DELETE_TIMEOUT,
            clock=self._client.clock,
        )


def interface_request(
    wanted: InterfaceProperties,
    vswitch_id: str,
    manifest_tags: Mapping[str, Any],
    resource_group_id: str,
) -> CreateNetworkInterfaceRequest:
    """Return the request for a secondary interface, without its ClientToken."""
    request = CreateNetworkInterfaceRequest()
    request.set_VSwitchId(vswitch_id)
    request.set_PrimaryIpAddress(wanted.ip)
    if wanted.ipv6:
        request.set_Ipv6Addresss([wanted.ipv6])
    request.set_Ipv4Prefixs(wanted.ipv4_prefixes)
    request.set_Ipv6Prefixs(wanted.ipv6_prefixes)
    request.set_SecurityGroupIdss(wanted.security_group_ids)
    request.set_Description(CREATED_BY_CPI)
    request.set_DeleteOnRelease(True)
    request.set_ResourceGroupId(resource_group_id)
    request.set_Tags(tags.for_creation(manifest_tags))
    return request
