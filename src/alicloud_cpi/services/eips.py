"""Elastic IP addresses (EIPs) of instances and of their further network interfaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance import Instance

# Seconds.
EIP_AVAILABLE_TIMEOUT = 300.0
EIP_BOUND_TIMEOUT = 120.0

_EIP_PATH = ("EipAddresses", "EipAddress")

# Also the answers where a simultaneous identical call has made the change.
_WRONG_STATUS = ("IncorrectEipStatus", "InvalidBindingStatus")

_HAS_ITS_OWN = (
    "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP",
    "Forbidden.InstanceBandwidthNotZero",
    "InvalidStatus.InstanceHasBandWidth",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """What an address is bound to, in AssociateEipAddress's terms."""

    id: str
    region: str
    type: str

    @classmethod
    def instance(cls, vm: Instance) -> Holder:
        """Return an instance, which stands for its primary interface."""
        return cls(vm.id, vm.region, "EcsInstance")

    @classmethod
    def interface(cls, interface_id: str, region: str) -> Holder:
        """Return a secondary network interface."""
        return cls(interface_id, region, "NetworkInterface")

    def __str__(self) -> str:
        kind = "VM" if self.type == "EcsInstance" else "network interface"
        return f"{kind} '{self.id}'"


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

    def start_binding(self, holder: Holder, ip: str) -> None:
        """Request the association if the address is available now; ``bind`` completes it.

        :raises CloudError: there is no such address, or it is bound elsewhere
        """
        eip = self._existing(holder, ip)
        if eip.is_settled and eip.instance_id != holder.id:
            self._associate(holder, eip)

    def bind(self, holder: Holder, ip: str) -> None:
        """Bind the address and return when it is in use; idempotent.

        An address that is still being taken off another holder is waited for.

        :raises CloudError: there is no such address, or it is bound elsewhere
        """
        eip = self._requested.get(ip)
        if eip is None:
            eip = self._existing(holder, ip)
            if not eip.is_settled:
                eip = self._wait(
                    holder.region, eip, "to settle", lambda e: e.is_settled, EIP_AVAILABLE_TIMEOUT
                )
            if eip.instance_id == holder.id:
                return
            self._associate(holder, eip)
        self._wait(
            holder.region,
            eip,
            f"to be bound to {holder}",
            lambda e: e.status == "InUse" and e.instance_id == holder.id,
            EIP_BOUND_TIMEOUT,
        )

    def start_unbinding(self, holder: Holder, ip: str) -> Eip | None:
        """Request the dissociation; returns the address unless another instance has it."""
        eip = self.find(holder.region, ip)
        if eip is None or eip.status != "InUse":
            return eip
        if eip.instance_id != holder.id:
            return None
        request = UnassociateEipAddressRequest()
        request.set_AllocationId(eip.allocation_id)
        request.set_InstanceId(holder.id)
        request.set_InstanceType(holder.type)

        def is_released() -> bool:
            found = self.find(holder.region, ip)
            return found is None or (found.status, found.instance_id) != ("InUse", holder.id)

        # A simultaneous delete_vm may have requested it.
        self._client.send(
            request,
            holder.region,
            tokens=ClientTokens(),
            already_applied=is_released,
            refused_if_applied=_WRONG_STATUS,
        )
        return eip

    def bound_to(self, holder: Holder) -> list[Eip]:
        """Return the addresses of a holder."""
        request = DescribeEipAddressesRequest()
        request.set_AssociatedInstanceType(holder.type)
        request.set_AssociatedInstanceId(holder.id)
        response = self._client.send(request, holder.region, expect=_EIP_PATH)
        return [Eip.from_api(one) for one in response.records(*_EIP_PATH)]

    def wait_until_available(self, region: str, eip: Eip) -> None:
        """Return when the address that the instance had can be bound to another."""
        self._wait(
            region,
            eip,
            "to be available",
            lambda e: e.status == "Available",
            EIP_AVAILABLE_TIMEOUT,
        )

    def _existing(self, holder: Holder, ip: str) -> Eip:
        eip = self.find(holder.region, ip)
        if eip is None:
            raise CloudError(f"Elastic IP address '{ip}' not found in region {holder.region}")
        return eip

    def _associate(self, holder: Holder, eip: Eip) -> None:
        if eip.status != "Available":
            raise CloudError(
                f"Elastic IP address '{eip.ip}' is bound to '{eip.instance_id or eip.status}', "
                f"not to {holder}"
            )
        request = AssociateEipAddressRequest()
        request.set_AllocationId(eip.allocation_id)
        request.set_InstanceId(holder.id)
        request.set_InstanceType(holder.type)
        try:
            self._client.send(
                request,
                holder.region,
                tokens=ClientTokens(),
                already_applied=lambda: self._existing(holder, eip.ip).instance_id == holder.id,
                refused_if_applied=_WRONG_STATUS,
            )
        except ApiError as error:
            if error.code in _HAS_ITS_OWN:
                error.append(
                    f"{holder} has a public IP address or public bandwidth of its own, beside "
                    "which no elastic IP address can be bound"
                )
            raise
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
