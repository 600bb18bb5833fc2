"""Elastic IP addresses (EIPs) and elastic network interfaces (ENIs) of instances."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.DeleteNetworkInterfaceRequest import (
    DeleteNetworkInterfaceRequest,
)
from aliyunsdkecs.request.v20140526.DescribeNetworkInterfacesRequest import (
    DescribeNetworkInterfacesRequest,
)
from aliyunsdkvpc.request.v20160428.AssociateEipAddressRequest import AssociateEipAddressRequest
from aliyunsdkvpc.request.v20160428.DescribeEipAddressesRequest import (
    DescribeEipAddressesRequest,
)
from aliyunsdkvpc.request.v20160428.UnassociateEipAddressRequest import (
    UnassociateEipAddressRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import paginate
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instances import Instance

logger = logging.getLogger(__name__)

# Seconds.
EIP_AVAILABLE_TIMEOUT = 300.0
EIP_BOUND_TIMEOUT = 120.0
INTERFACE_DELETE_TIMEOUT = 120.0

_EIP_PATH = ("EipAddresses", "EipAddress")
_ENI_PATH = ("NetworkInterfaceSets", "NetworkInterfaceSet")
_ECS_INSTANCE = "EcsInstance"


@dataclass(frozen=True, slots=True)
class Eip:
    """One address, as DescribeEipAddresses returns it; ``instance_id`` is empty unless bound.

    States (semantics.md section 9): Available -> Associating -> InUse -> Unassociating ->
    Available.
    """

    allocation_id: str
    ip: str
    status: str
    instance_id: str

    @classmethod
    def from_api(cls, fields: Fields) -> Eip:
        """Read a record of DescribeEipAddresses."""
        return cls(
            allocation_id=fields.resource_id("AllocationId"),
            ip=fields.text("IpAddress"),
            status=fields.required_text("Status"),
            instance_id=fields.text("InstanceId"),
        )

    @property
    def is_settled(self) -> bool:
        """Whether no operation is under way."""
        return self.status in ("Available", "InUse")


class Eips:
    """Elastic IP addresses of the account."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # Associations that this call requested: a list that lags may not show them.
        self._requested: dict[str, Eip] = {}

    def find(self, region: str, ip: str) -> Eip | None:
        """Return the address, or None where the account has none such in the region."""
        request = DescribeEipAddressesRequest()
        request.set_EipAddress(ip)
        return self._described(request, region, "IpAddress", ip)

    def start_binding(self, vm: Instance, ip: str) -> None:
        """Request the association if the address is available now; ``bind`` completes it.

        :raises CloudError: there is no such address, or it is bound elsewhere
        """
        eip = self._existing(vm, ip)
        if eip.is_settled and eip.instance_id != vm.id:
            self._associate(vm, eip)

    def bind(self, vm: Instance, ip: str) -> None:
        """Bind the address to the instance and return when it is in use; idempotent.

        An address that is still being taken off another instance is waited for.

        :raises CloudError: there is no such address, or it is bound elsewhere
        """
        eip = self._requested.get(ip)
        if eip is None:
            eip = self._existing(vm, ip)
            if not eip.is_settled:
                eip = self._wait(
                    vm.region, eip, "to settle", lambda e: e.is_settled, EIP_AVAILABLE_TIMEOUT
                )
            if eip.instance_id == vm.id:
                return
            self._associate(vm, eip)
        self._wait(
            vm.region,
            eip,
            f"to be bound to VM '{vm.id}'",
            lambda e: e.status == "InUse" and e.instance_id == vm.id,
            EIP_BOUND_TIMEOUT,
        )

    def start_unbinding(self, vm: Instance, ip: str) -> Eip | None:
        """Request the dissociation; returns the address unless another instance has it."""
        eip = self.find(vm.region, ip)
        if eip is None or (eip.status == "InUse" and eip.instance_id != vm.id):
            return None
        if eip.status == "InUse":
            request = UnassociateEipAddressRequest()
            request.set_AllocationId(eip.allocation_id)
            request.set_InstanceId(vm.id)
            request.set_InstanceType(_ECS_INSTANCE)
            self._client.send(request, vm.region, tokens=ClientTokens())
        return eip

    def wait_until_available(self, vm: Instance, eip: Eip) -> None:
        """Return when the address that the instance had can be bound to another."""
        self._wait(
            vm.region,
            eip,
            "to be available",
            lambda e: e.status == "Available",
            EIP_AVAILABLE_TIMEOUT,
        )

    def _existing(self, vm: Instance, ip: str) -> Eip:
        eip = self.find(vm.region, ip)
        if eip is None:
            raise CloudError(f"Elastic IP address '{ip}' not found in region {vm.region}")
        return eip

    def _associate(self, vm: Instance, eip: Eip) -> None:
        if eip.status != "Available":
            raise CloudError(
                f"Elastic IP address '{eip.ip}' is bound to '{eip.instance_id or eip.status}', "
                f"not to VM '{vm.id}'"
            )
        request = AssociateEipAddressRequest()
        request.set_AllocationId(eip.allocation_id)
        request.set_InstanceId(vm.id)
        request.set_InstanceType(_ECS_INSTANCE)
        self._client.send(request, vm.region, tokens=ClientTokens())
        self._requested[eip.ip] = eip

    def _wait(
        self, region: str, eip: Eip, wanted: str, until: Callable[[Eip], bool], timeout: float
    ) -> Eip:
        request = DescribeEipAddressesRequest()
        request.set_AllocationId(eip.allocation_id)
        found = wait_for(
            f"elastic IP address '{eip.ip}' {wanted}",
            lambda: self._described(request, region, "AllocationId", eip.allocation_id),
            lambda found: found is not None and until(found),
            timeout=timeout,
            clock=self._client.clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def _described(
        self, request: DescribeEipAddressesRequest, region: str, id_name: str, wanted: str
    ) -> Eip | None:
        response = self._client.send(request, region, expect=_EIP_PATH)
        found = response.record_of(id_name, wanted, *_EIP_PATH)
        return Eip.from_api(found) if found else None


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """One network interface, as DescribeNetworkInterfaces returns it."""

    id: str
    name: str
    status: str
    private_ip: str
    created: str
    delete_on_release: bool

    @classmethod
    def from_api(cls, fields: Fields) -> NetworkInterface:
        """Read a record of DescribeNetworkInterfaces."""
        return cls(
            id=fields.resource_id("NetworkInterfaceId"),
            name=fields.text("NetworkInterfaceName"),
            status=fields.text("Status"),
            private_ip=fields.text("PrivateIpAddress"),
            created=fields.text("CreationTime"),
            delete_on_release="DeleteOnRelease" not in fields or fields.flag("DeleteOnRelease"),
        )


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

    def delete_remaining(self, region: str, interface_ids: Sequence[str]) -> None:
        """Delete those of a deleted instance's interfaces that should have gone with it.

        An interface that stays keeps its private address taken. One that was attached to outlive
        its instance (DeleteOnRelease=false) belongs to its owner.
        """
        try:
            remaining = self._remaining(region, interface_ids)
        except ApiError as error:
            logger.warning(
                "whether %s remained is unknown: %s", ", ".join(interface_ids), error.message
            )
            return
        for interface_id in remaining:
            self._delete(region, interface_id)

    def _remaining(self, region: str, interface_ids: Sequence[str]) -> list[str]:
        if not interface_ids:
            return []
        request = DescribeNetworkInterfacesRequest()
        request.set_NetworkInterfaceIds(list(interface_ids))
        found = paginate(self._client, request, region, *_ENI_PATH)
        interfaces = [NetworkInterface.from_api(fields) for fields in found]
        return [one.id for one in interfaces if one.delete_on_release]

    def _delete(self, region: str, interface_id: str) -> None:
        def is_gone() -> bool:
            return not self._remaining(region, [interface_id])

        request = DeleteNetworkInterfaceRequest()
        request.set_NetworkInterfaceId(interface_id)
        self._client.send(
            request, region, already_applied=is_gone, ignore_codes=("InvalidEniId.NotFound",)
        )
        wait_for(
            f"network interface '{interface_id}' to be deleted",
            is_gone,
            bool,
            state=lambda gone: "gone" if gone else "there",
            timeout=INTERFACE_DELETE_TIMEOUT,
            clock=self._client.clock,
        )
