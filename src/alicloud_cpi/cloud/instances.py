"""ECS instances: find, create, start, stop, reboot, delete.

Speaks ECS terms and returns plain values. An instance that is not there is None: what its absence
means to BOSH is for the action to say. An operation takes place in the region of its record.
"""

from __future__ import annotations

from functools import partial

from alicloud_cpi.cloud.lookup import first_found, ids, records, tags_of
from alicloud_cpi.cloud.wait import Budget, WaitTimeout, wait_for
from alicloud_cpi.cloud.wire import retry
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.errors import CloudError
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.wire.api import Api

LISTED_SOON = Budget(timeout=4)
LISTED = Budget(timeout=20)
STOPPED = Budget(timeout=600)
RUNNING = Budget(timeout=600)
GONE = Budget(timeout=600)
ORDERLY_STOP = Budget(timeout=180)
REBOOT_BEGUN = Budget(timeout=60)
REBOOTED = Budget(timeout=300)

# Written into the description of what this CPI makes.
MADE_BY_US = "BOSH VM"
MADE_BEHIND_NLB = f"{MADE_BY_US} behind NLB"

_NOT_FOUND = "InvalidInstanceId.NotFound"
_WRONG_STATUS = "IncorrectInstanceStatus"


class Instance(Record):
    """One instance as DescribeInstances tells it."""

    id: str
    region: str
    zone: str
    status: str
    type: str
    name: str
    description: str
    charge_type: str
    security_group_ids: list[str]
    interface_ids: list[str]
    tags: dict[str, str]
    start_time: str
    locks: list[str]
    eip: str

    @property
    def is_ours(self) -> bool:
        """Whether this CPI made it, and not another one."""
        return self.description in (MADE_BY_US, MADE_BEHIND_NLB)

    @property
    def may_be_behind_nlb(self) -> bool:
        """Whether it has to be looked for in the server groups of network load balancers."""
        return not self.is_ours or self.description == MADE_BEHIND_NLB


class Instances:
    """Instances of the account, in the regions that the call looks in."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        self._regions = regions
        self._clock = clock

    def find(self, instance_id: str) -> Instance | None:
        """Return the instance, or None where no region has it."""
        return first_found(self._regions, lambda region: self.find_in(region, instance_id))

    def find_in(self, region: str, instance_id: str) -> Instance | None:
        """Return the instance if this region has it."""
        answer = self._ecs.call("DescribeInstances", region, InstanceIds=ids(instance_id))
        found = records(answer, ("Instances", "Instance"))
        return _instance(found[0], region) if found else None

    def create(self, region: str, parameters: Mapping[str, Any]) -> str:
        """Make one instance and return its id; it comes up Stopped (CreateInstance).

        :param parameters: CreateInstance's own, with a ClientToken
        :raises ApiError: the cloud refused, or never answered
        """
        try:
            answer = self._ecs.call("CreateInstance", region, **parameters)
        except ApiError as failure:
            if failure.effect_unknown:
                failure.add("An instance may have been made all the same: the same call finds it")
            raise
        return str(answer["InstanceId"])

    def start(self, vm: Instance) -> None:
        """Start a stopped instance and return when it is Running."""
        self.ask_to_start(vm)
        self.wait_for_status(vm, "Running", RUNNING)

    def ask_to_start(self, vm: Instance) -> None:
        """Start a stopped instance and return at once."""
        self._change(vm, "StartInstance", ("Starting", "Running"))

    def stop(self, vm: Instance) -> None:
        """Stop a running instance: orderly, or by a power cut when that does not end.

        It keeps what it occupies (KeepCharging), so that it can be started again.
        """
        self._change(vm, "StopInstance", ("Stopping", "Stopped"), StoppedMode="KeepCharging")
        if not self._reached(vm, "Stopped", ORDERLY_STOP):
            self.switch_off(vm)

    def switch_off(self, vm: Instance) -> Instance:
        """Cut an instance's power, whatever its guest is up to, and return it Stopped."""
        self._change(vm, "StopInstance", ("Stopped",), ForceStop=True, StoppedMode="KeepCharging")
        return self.wait_for_status(vm, "Stopped", STOPPED)

    def settled(self, vm: Instance) -> Instance:
        """Return the instance once it is Running or Stopped; what hangs is switched off."""
        if vm.status in ("Running", "Stopped"):
            return vm
        try:
            return self.wait_for_status(vm, ("Running", "Stopped"), REBOOTED)
        except WaitTimeout:
            return self.switch_off(vm)

    def reboot(self, vm: Instance) -> None:
        """Reboot a running instance and return when it is up again.

        Orderly first; by force when the guest does not go down or does not come back.
        """
        for force in (False, True):
            self._ecs.call(
                "RebootInstance",
                vm.region,
                InstanceId=vm.id,
                ForceStop=force,
                # A guest that hangs looks as if it were rebooting: a reset is sent until it is
                # answered.
                unless=harmless_twice if force else lambda: self._status(vm) != "Running",
            )
            if self._has_rebooted(vm):
                return
        raise CloudError(f"VM '{vm.id}' did not reboot, neither orderly nor by force")

    def delete(self, vm: Instance) -> None:
        """Delete the instance, running or not, and return when it is gone.

        A subscription (PrePaid) is terminated with it.

        :raises ApiError: the cloud refuses, as for a subscription that may not end early
        """
        prepaid = vm.charge_type == "PrePaid"
        try:
            self.delete_by_id(vm.region, vm.id, terminate=prepaid)
        except ApiError as failure:
            if prepaid:
                failure.add(
                    f"VM '{vm.id}' is a subscription (PrePaid): it can be deleted when its period "
                    "is over, or once it has been converted to PostPaid"
                )
            raise

    def delete_by_id(self, region: str, instance_id: str, *, terminate: bool = False) -> None:
        """Delete an instance that may not be listed yet, and return when it is gone.

        One whose guest starts or stops without end is switched off first.

        :param terminate: end a subscription early
        """
        ask = partial(
            self._ecs.call,
            "DeleteInstance",
            region,
            InstanceId=instance_id,
            Force=True,
            TerminateSubscription=terminate or None,
            done=(_NOT_FOUND,),
            unless=lambda: self.find_in(region, instance_id) is None,
        )
        try:
            ask()
        except ApiError as failure:
            vm = self.find_in(region, instance_id) if failure.code == _WRONG_STATUS else None
            if vm is None or vm.status not in ("Starting", "Stopping"):
                raise
            self.switch_off(vm)
            ask()
        wait_for(
            f"VM '{instance_id}' to be deleted",
            lambda: self.find_in(region, instance_id),
            lambda found: found is None,
            state=lambda found: found.status if found else "gone",
            budget=GONE,
            clock=self._clock,
        )

    def rename(self, vm: Instance, name: str) -> None:
        """Give the instance a name (InstanceName)."""
        self._modify(vm, InstanceName=name)

    def set_security_groups(self, vm: Instance, group_ids: Sequence[str]) -> None:
        """Make the instance a member of exactly these security groups."""
        self._modify(vm, SecurityGroupIds=list(group_ids))

    def wait_listed(self, region: str, instance_id: str) -> Instance | None:
        """Return a new instance once it shows in lists; None where there is none any more.

        The first and the last look are repeated until they are answered, through minutes of
        throttling: lists that cannot be read say nothing.
        """
        found = self.find_in(region, instance_id) or self._listed(region, instance_id, LISTED_SOON)
        if found is not None or self._is_gone(region, instance_id):
            return found
        return self._listed(region, instance_id, LISTED) or self.find_in(region, instance_id)

    def _listed(self, region: str, instance_id: str, budget: Budget) -> Instance | None:
        try:
            return wait_for(
                f"VM '{instance_id}' to be listed",
                lambda: self.find_in(region, instance_id),
                lambda vm: vm is not None,
                state=_status_of,
                budget=budget,
                clock=self._clock,
            )
        except WaitTimeout:
            return None

    def _is_gone(self, region: str, instance_id: str) -> bool:
        """Tell a released instance from one that is not listed yet, without changing anything.

        Lists lag; a deletion is judged by what really is, also one that is only tried (DryRun).
        """
        with retry.at_most_until(self._clock.now()):
            try:
                self._ecs.call(
                    "DeleteInstance", region, InstanceId=instance_id, Force=True, DryRun=True
                )
            except ApiError as verdict:
                return verdict.code == _NOT_FOUND
        return False

    def wait_for_status(
        self, vm: Instance, wanted: str | tuple[str, ...], budget: Budget
    ) -> Instance:
        """Return the instance once it has one of these statuses.

        :raises CloudError: it is gone, or locked by the cloud
        :raises WaitTimeout: the status does not come
        """
        statuses = (wanted,) if isinstance(wanted, str) else wanted
        missing_since: float | None = None

        def reached(found: Instance | None) -> bool:
            nonlocal missing_since
            if found is None:
                # An instance may drop out of a lagging list, so a first miss ends nothing.
                missing_since = missing_since or self._clock.now()
                if self._clock.now() - missing_since >= LISTED.timeout:
                    raise CloudError(f"VM '{vm.id}' is gone")
                return False
            missing_since = None
            if "security" in found.locks:
                raise CloudError(f"VM '{vm.id}' is locked by the cloud for security reasons")
            return found.status in statuses

        found = wait_for(
            f"VM '{vm.id}' to be {' or '.join(statuses)}",
            lambda: self.find_in(vm.region, vm.id),
            reached,
            state=_status_of,
            budget=budget,
            clock=self._clock,
        )
        assert found is not None  # noqa: S101 - that was waited for
        return found

    def _change(self, vm: Instance, action: str, effect: Sequence[str], **parameters: Any) -> None:
        self._ecs.call(
            action,
            vm.region,
            InstanceId=vm.id,
            unless=lambda: self._status(vm) in effect,
            **parameters,
        )

    def _modify(self, vm: Instance, **attributes: Any) -> None:
        self._ecs.call(
            "ModifyInstanceAttribute",
            vm.region,
            InstanceId=vm.id,
            unless=harmless_twice,
            **attributes,
        )

    def _status(self, vm: Instance) -> str:
        return _status_of(self.find_in(vm.region, vm.id))

    def _reached(self, vm: Instance, status: str, budget: Budget) -> bool:
        return self._in_time(lambda: self.wait_for_status(vm, status, budget))

    def _has_rebooted(self, vm: Instance) -> bool:
        """Watch the instance leave Running, or start anew, and come back."""

        def begun(found: Instance | None) -> bool:
            return found is not None and (
                found.status != "Running" or found.start_time != vm.start_time
            )

        def leave() -> None:
            wait_for(
                f"VM '{vm.id}' to go down for its reboot",
                lambda: self.find_in(vm.region, vm.id),
                begun,
                state=_status_of,
                budget=REBOOT_BEGUN,
                clock=self._clock,
            )

        return self._in_time(leave) and self._reached(vm, "Running", REBOOTED)

    @staticmethod
    def _in_time(wait: Callable[[], object]) -> bool:
        try:
            wait()
        except WaitTimeout:
            return False
        return True


def _status_of(found: Instance | None) -> str:
    return found.status if found else "not listed"


def _instance(record: Mapping[str, Any], region: str) -> Instance:
    record = dict(record)
    interfaces = records(record, ("NetworkInterfaces", "NetworkInterface"))
    locks = (record.get("OperationLocks") or {}).get("LockReason") or []
    return Instance(
        id=record["InstanceId"],
        region=record.get("RegionId") or region,
        zone=record.get("ZoneId", ""),
        status=record.get("Status", ""),
        type=record.get("InstanceType", ""),
        name=record.get("InstanceName", ""),
        description=record.get("Description", ""),
        charge_type=record.get("InstanceChargeType", ""),
        security_group_ids=(record.get("SecurityGroupIds") or {}).get("SecurityGroupId") or [],
        interface_ids=[interface["NetworkInterfaceId"] for interface in interfaces],
        tags=tags_of(record),
        start_time=record.get("StartTime", ""),
        locks=[lock.get("LockReason", "") for lock in locks],
        eip=(record.get("EipAddress") or {}).get("IpAddress", ""),
    )
