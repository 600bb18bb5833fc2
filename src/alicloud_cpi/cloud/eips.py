"""Elastic IP addresses: bind one to an instance, and take it off again.

States (API reference, semantics section 9): Available -> Associating -> InUse -> Unassociating ->
Available. An address that a deleted VM had is still Unassociating for a while, which is waited
for.
"""

from __future__ import annotations

import uuid

from alicloud_cpi.cloud.lookup import records
from alicloud_cpi.cloud.wait import Budget, wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.cloud.wire.api import Api

FREE = Budget(timeout=300)
BOUND = Budget(timeout=120)


class Eip(Record):
    """One address as DescribeEipAddresses tells it; ``instance_id`` is empty unless bound."""

    allocation_id: str
    ip: str
    status: str
    instance_id: str


class Eips:
    """Elastic IP addresses of the account."""

    def __init__(self, vpc: Api, clock: Clock) -> None:
        self._vpc = vpc
        self._clock = clock
        # What this call has asked to be bound: reads may be too old to show it.
        self._begun: dict[str, Eip] = {}

    def find(self, region: str, ip: str) -> Eip | None:
        """Return the address, or None where the account has no such address in the region."""
        return self._described(region, ip=ip)

    def begin_to_bind(self, vm: Instance, ip: str) -> None:
        """Ask for the address to be bound, if it is free now; ``bind`` sees it through.

        :raises CloudError: there is no such address, or it is bound elsewhere
        """
        eip = self._found(vm, ip)
        if _is_settled(eip) and eip.instance_id != vm.id:
            self._ask_to_bind(vm, eip)

    def bind(self, vm: Instance, ip: str) -> None:
        """Bind the address to the instance and return when it is in use; again is fine.

        :raises CloudError: there is no such address, or it is bound elsewhere
        """
        eip = self._begun.get(ip) or self._bindable(vm, ip)
        if eip.instance_id == vm.id:
            return
        if ip not in self._begun:
            self._ask_to_bind(vm, eip)
        self._wait(
            vm.region,
            eip,
            f"to be bound to VM '{vm.id}'",
            lambda found: found.status == "InUse" and found.instance_id == vm.id,
            BOUND,
        )

    def _found(self, vm: Instance, ip: str) -> Eip:
        eip = self.find(vm.region, ip)
        if eip is None:
            raise CloudError(f"Elastic IP address '{ip}' not found in region {vm.region}")
        return eip

    def _bindable(self, vm: Instance, ip: str) -> Eip:
        """Return the address once nothing is at work on it."""
        eip = self._found(vm, ip)
        if _is_settled(eip):
            return eip
        return self._wait(vm.region, eip, "to settle", _is_settled, FREE)

    def _ask_to_bind(self, vm: Instance, eip: Eip) -> None:
        if eip.status != "Available":
            raise CloudError(
                f"Elastic IP address '{eip.ip}' is bound to '{eip.instance_id or eip.status}', "
                f"not to VM '{vm.id}'"
            )
        self._vpc.call(
            "AssociateEipAddress",
            vm.region,
            AllocationId=eip.allocation_id,
            InstanceId=vm.id,
            InstanceType="EcsInstance",
            ClientToken=str(uuid.uuid4()),
        )
        self._begun[eip.ip] = eip

    def begin_to_unbind(self, vm: Instance, ip: str) -> Eip | None:
        """Ask for the address to be taken off the instance; returns it unless another has it."""
        eip = self.find(vm.region, ip)
        if eip is None or (eip.status == "InUse" and eip.instance_id != vm.id):
            return None
        if eip.status == "InUse":
            self._vpc.call(
                "UnassociateEipAddress",
                vm.region,
                AllocationId=eip.allocation_id,
                InstanceId=vm.id,
                InstanceType="EcsInstance",
                ClientToken=str(uuid.uuid4()),
            )
        return eip

    def wait_free(self, vm: Instance, eip: Eip) -> None:
        """Return when the address that the instance had is free for another."""
        self._wait(vm.region, eip, "to be free", lambda found: found.status == "Available", FREE)

    def _wait(
        self, region: str, eip: Eip, wanted: str, until: Callable[[Eip], bool], budget: Budget
    ) -> Eip:
        found = wait_for(
            f"elastic IP address '{eip.ip}' {wanted}",
            lambda: self._described(region, allocation_id=eip.allocation_id),
            lambda found: found is not None and until(found),
            state=lambda found: found.status if found else "not listed",
            budget=budget,
            clock=self._clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def _described(self, region: str, ip: str = "", allocation_id: str = "") -> Eip | None:
        answer = self._vpc.call(
            "DescribeEipAddresses",
            region,
            EipAddress=ip or None,
            AllocationId=allocation_id or None,
        )
        found = records(answer, ("EipAddresses", "EipAddress"))
        if not found:
            return None
        return Eip(
            allocation_id=found[0]["AllocationId"],
            ip=found[0].get("IpAddress", ""),
            status=found[0].get("Status", ""),
            instance_id=found[0].get("InstanceId", ""),
        )


def _is_settled(eip: Eip) -> bool:
    return eip.status in ("Available", "InUse")
