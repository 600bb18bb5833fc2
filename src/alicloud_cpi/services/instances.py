"""ECS instances: find, create, start, stop, reboot, delete.

Returns None when an instance does not exist; the action chooses the BOSH error. An operation takes
place in the region of its record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aliyunsdkecs.request.v20140526.DeleteInstanceRequest import DeleteInstanceRequest
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.RebootInstanceRequest import RebootInstanceRequest
from aliyunsdkecs.request.v20140526.StartInstanceRequest import StartInstanceRequest
from aliyunsdkecs.request.v20140526.StopInstanceRequest import StopInstanceRequest

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.client import APPLIED_BY_OTHERS, Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import first_found, json_ids, paginate
from alicloud_cpi.aliyun.waiter import WaitTimeout, status_of, wait_for, wait_until_gone
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance import Instance
from alicloud_cpi.services.instance_attributes import InstanceAttributes

# Seconds.
LISTED_SOON_TIMEOUT = 4.0
LISTED_TIMEOUT = 20.0
STOP_TIMEOUT = 600.0
START_TIMEOUT = 600.0
DELETE_TIMEOUT = 600.0
ORDERLY_STOP_TIMEOUT = 180.0
REBOOT_STARTED_TIMEOUT = 10.0
REBOOT_TIMEOUT = 300.0

_PATH = ("Instances", "Instance")
_NOT_FOUND = "InvalidInstanceId.NotFound"
_WRONG_STATUS = "IncorrectInstanceStatus"
PROTECTED = "InvalidOperation.DeletionProtection"

START = "StartInstance"


class Instances:
    """Instances of the account, in the regions that the call looks in."""

    def __init__(self, client: Client, regions: Sequence[str]) -> None:
        self._client = client
        self._regions = regions
        self.attributes = InstanceAttributes(client)

    # Find

    def find(self, instance_id: str) -> Instance | None:
        """Return the instance, or None where no region has it."""
        return first_found(self._regions, lambda region: self.find_in(region, instance_id))

    def find_in(self, region: str, instance_id: str) -> Instance | None:
        """Return the instance if this region has it."""
        request = DescribeInstancesRequest()
        request.set_InstanceIds(json_ids(instance_id))
        response = self._client.send(request, region, expect=_PATH)
        found = response.record_of("InstanceId", instance_id, *_PATH)
        return Instance.from_api(found, region) if found else None

    def in_region(self, region: str) -> Iterator[Instance]:
        """Yield all instances of a region."""
        for fields in paginate(self._client, DescribeInstancesRequest(), region, *_PATH):
            yield Instance.from_api(fields, region)

    # Create and delete

    def create(self, request: Any, region: str, tokens: ClientTokens) -> str:
        """Create one instance and return its id; it comes up Stopped.

        :param request: a CreateInstanceRequest
        :raises ApiError: the cloud refused, or never responded
        """
        try:
            response = self._client.send(request, region, tokens=tokens, returns_id="InstanceId")
        except ApiError as error:
            if error.effect_unknown:
                error.append("An instance may have been created: a retry finds it")
            raise
        return response.resource_id("InstanceId")

    def wait_until_listed(self, region: str, instance_id: str) -> Instance | None:
        """Return a new instance once it is listed; None where it was deleted already.

        The first and the last look are repeated until they are answered, through minutes of
        throttling: a list that cannot be read says nothing.
        """
        found = self.find_in(region, instance_id) or self._listed(
            region, instance_id, LISTED_SOON_TIMEOUT
        )
        if found is not None or self._is_deleted(region, instance_id):
            return found
        return self._listed(region, instance_id, LISTED_TIMEOUT) or self.find_in(
            region, instance_id
        )

    def delete(self, vm: Instance) -> None:
        """Delete the instance, running or not, and return when it is gone.

        A subscription (PrePaid) is terminated with it.

        :raises ApiError: the cloud refuses, as for a subscription that may not end early
        """
        prepaid = vm.charge_type == "PrePaid"
        try:
            self.delete_by_id(vm.region, vm.id, terminate=prepaid, unprotect=vm.is_protected_by_cpi)
        except ApiError as error:
            if prepaid:
                error.append(
                    f"VM '{vm.id}' is a subscription (PrePaid): it can be deleted when its period "
                    "is over, or once it has been converted to PostPaid"
                )
            raise

    def delete_by_id(
        self, region: str, instance_id: str, *, terminate: bool = False, unprotect: bool = False
    ) -> None:
        """Delete an instance, listed or not, and return when it is gone.

        One that does not get out of Starting or Stopping is powered off first.

        :param terminate: end a subscription early
        :param unprotect: turn off its deletion protection
        """
        if unprotect:
            self.attributes.protect(region, instance_id, on=False)
        try:
            self._send_delete(region, instance_id, terminate=terminate)
        except ApiError as error:
            vm = self.find_in(region, instance_id) if error.code == _WRONG_STATUS else None
            if vm is None or vm.status not in ("Starting", "Stopping"):
                raise
            self.power_off(vm)
            self._send_delete(region, instance_id, terminate=terminate)
        self._wait_until_gone(region, instance_id)

    def delete_unstarted(self, region: str, instance_id: str, *, terminate: bool = False) -> bool:
        """Delete an instance unless another call has started it: the cloud decides which is first.

        Returns when it is gone; False where it has been started.
        """

        def is_started() -> bool:
            return status_of(self.find_in(region, instance_id)) in ("Starting", "Running")

        request = DeleteInstanceRequest()
        request.set_InstanceId(instance_id)
        request.set_TerminateSubscription(terminate or None)
        self._client.send(
            request,
            region,
            already_applied=lambda: self.find_in(region, instance_id) is None or is_started(),
            refused_if_applied=(_WRONG_STATUS, PROTECTED),
            ignore_codes=(_NOT_FOUND,),
        )
        if is_started():
            return False
        self._wait_until_gone(region, instance_id)
        return True

    def _wait_until_gone(self, region: str, instance_id: str) -> None:
        wait_until_gone(
            f"VM '{instance_id}'",
            lambda: self.find_in(region, instance_id),
            timeout=DELETE_TIMEOUT,
            clock=self._client.clock,
        )

    def _send_delete(self, region: str, instance_id: str, *, terminate: bool) -> None:
        request = DeleteInstanceRequest()
        request.set_InstanceId(instance_id)
        request.set_Force(True)
        request.set_TerminateSubscription(terminate or None)
        self._client.send(
            request,
            region,
            already_applied=lambda: self.find_in(region, instance_id) is None,
            ignore_codes=(_NOT_FOUND,),
        )

    def _listed(self, region: str, instance_id: str, timeout: float) -> Instance | None:
        try:
            return wait_for(
                f"VM '{instance_id}' to be listed",
                lambda: self.find_in(region, instance_id),
                lambda vm: vm is not None,
                timeout=timeout,
                clock=self._client.clock,
                read_before=True,
            )
        except WaitTimeout:
            return None

    def _is_deleted(self, region: str, instance_id: str) -> bool:
        """Distinguish a deleted instance from one that is not listed yet, without changing it.

        Lists lag; a DryRun deletion is judged by the actual state.
        """
        request = DeleteInstanceRequest()
        request.set_InstanceId(instance_id)
        request.set_Force(True)
        request.set_DryRun(True)
        with retry.deadline(self._client.clock.now()):
            try:
                self._client.send(request, region)
            except ApiError as error:
                return error.code == _NOT_FOUND
        return False

    # Start, stop, reboot

    def start(self, vm: Instance) -> None:
        """Start a stopped instance and return when it is Running."""
        self.request_start(vm)
        self.wait_for_status(vm, ("Running",), START_TIMEOUT)

    def request_start(self, vm: Instance) -> bool:
        """Start a stopped instance; returns before it is Running.

        False where another call has started it.
        """
        request = StartInstanceRequest()
        request.set_InstanceId(vm.id)
        return self._change_status(vm, request, ("Starting", "Running"))

    def stop(self, vm: Instance) -> None:
        """Stop a running instance: orderly, or by a power cut when that does not end.

        It keeps its vCPUs (KeepCharging), so that it can be started again.
        """
        request = StopInstanceRequest()
        request.set_InstanceId(vm.id)
        request.set_StoppedMode("KeepCharging")
        self._change_status(vm, request, ("Stopping", "Stopped"))
        if not self._reaches(vm, "Stopped", ORDERLY_STOP_TIMEOUT):
            self.power_off(vm)

    def power_off(self, vm: Instance) -> Instance:
        """Cut an instance's power, whatever its guest does, and return it Stopped."""
        request = StopInstanceRequest()
        request.set_InstanceId(vm.id)
        request.set_ForceStop(True)
        request.set_StoppedMode("KeepCharging")
        self._change_status(vm, request, ("Stopped",))
        return self.wait_for_status(vm, ("Stopped",), STOP_TIMEOUT)

    def wait_until_settled(self, vm: Instance) -> Instance:
        """Return the instance once it is Running or Stopped; one that hangs is powered off."""
        if vm.status in ("Running", "Stopped"):
            return vm
        try:
            return self.wait_for_status(vm, ("Running", "Stopped"), REBOOT_TIMEOUT)
        except WaitTimeout:
            return self.power_off(vm)

    def reboot(self, vm: Instance) -> None:
        """Reboot a running instance and return when it is up again.

        Orderly first; by force when it went down and does not come back. A reboot can pass between
        two reads, so a guest that is never seen down is no failure: the cloud accepted the request.
        """
        self._request_reboot(vm, force=False)
        if self._comes_back(vm):
            return
        self._request_reboot(vm, force=True)
        if not self._comes_back(vm):
            raise CloudError(f"VM '{vm.id}' did not come back, neither orderly nor by force")

    def _request_reboot(self, vm: Instance, *, force: bool) -> None:
        request = RebootInstanceRequest()
        request.set_InstanceId(vm.id)
        request.set_ForceStop(force)
        if force:
            # A guest that hangs looks as if it were rebooting, so nothing can be looked up.
            self._client.send(request, vm.region, idempotent=True)
        else:
            self._client.send(request, vm.region, already_applied=lambda: self._has_gone_down(vm))

    def _comes_back(self, vm: Instance) -> bool:
        """Give the instance a short time to go down, and wait until it runs."""

        def wait_until_down() -> None:
            wait_for(
                f"VM '{vm.id}' to go down for its reboot",
                lambda: self._has_gone_down(vm),
                bool,
                state=lambda down: "down" if down else "Running",
                timeout=REBOOT_STARTED_TIMEOUT,
                clock=self._client.clock,
            )

        _in_time(wait_until_down)
        return self._reaches(vm, "Running", REBOOT_TIMEOUT)

    def _has_gone_down(self, vm: Instance) -> bool:
        found = self.find_in(vm.region, vm.id)
        if found is None:
            return False
        return found.status != "Running" or found.start_time != vm.start_time

    # Wait

    def wait_for_status(self, vm: Instance, statuses: Sequence[str], timeout: float) -> Instance:
        """Return the instance once it has one of these statuses.

        :raises CloudError: it was deleted, or locked by the cloud
        :raises WaitTimeout: the status is not reached
        """
        missing_since: float | None = None

        def is_reached(found: Instance | None) -> bool:
            nonlocal missing_since
            if found is None:
                # An instance can drop out of a list that lags, so the first miss ends nothing.
                missing_since = missing_since or self._client.clock.now()
                if self._client.clock.now() - missing_since >= LISTED_TIMEOUT:
                    raise CloudError(f"VM '{vm.id}' is gone")
                return False
            missing_since = None
            if "security" in found.locks:
                raise CloudError(f"VM '{vm.id}' is locked by the cloud for security reasons")
            return found.status in statuses

        found = wait_for(
            f"VM '{vm.id}' to be {' or '.join(statuses)}",
            lambda: self.find_in(vm.region, vm.id),
            is_reached,
            timeout=timeout,
            clock=self._client.clock,
        )
        assert found is not None  # noqa: S101 - is_reached says so
        return found

    def _change_status(self, vm: Instance, request: Any, effect: Sequence[str]) -> bool:
        """Send a request for another status; False where another call has reached it."""
        response = self._client.send(
            request,
            vm.region,
            already_applied=lambda: self._status(vm) in effect,
            refused_if_applied=(_WRONG_STATUS,),
        )
        return APPLIED_BY_OTHERS not in response

    def _status(self, vm: Instance) -> str:
        return status_of(self.find_in(vm.region, vm.id))

    def _reaches(self, vm: Instance, status: str, timeout: float) -> bool:
        return _in_time(lambda: self.wait_for_status(vm, (status,), timeout))


def _in_time(wait: Callable[[], object]) -> bool:
    try:
        wait()
    except WaitTimeout:
        return False
    return True
