"""The VM of a create_vm that is running: how far it has come, and its deletion if the call fails.

Two identical calls at the same time have the same VM, and none of them may delete it while the
other one returns it. A call that fails before it started the VM requests a deletion that the cloud
refuses once the VM is started. A call that finds the VM started protects it from deletion before it
returns it. Either way the cloud decides which of the two was first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.errors import CloudError, Interrupted
from alicloud_cpi.rollback import InUseElsewhere
from alicloud_cpi.services.instances import PROTECTED, START

if TYPE_CHECKING:
    from alicloud_cpi.cloud_properties.load_balancers import GroupMember
    from alicloud_cpi.cloud_properties.vm import VmProperties
    from alicloud_cpi.services import Services
    from alicloud_cpi.services.instance import Instance
    from alicloud_cpi.services.server_groups import ServerGroups

logger = logging.getLogger(__name__)

_OTHER_CALL = "another identical create_vm returned it, too"


@dataclass(slots=True)
class UnfinishedVm:
    """The VM that a call is creating."""

    services: Services
    properties: VmProperties
    # Empty until the VM is created.
    id: str = ""
    # Whether this call started it, or may have.
    has_started: bool = False

    @property
    def server_groups(self) -> list[tuple[ServerGroups, list[GroupMember]]]:
        """What the VM joins of network and application load balancers."""
        balancers = self.properties.load_balancers
        found: list[tuple[ServerGroups, list[GroupMember]]] = []
        if balancers.nlb_groups:
            found.append((self.services.nlb, balancers.nlb_groups))
        if balancers.alb_groups:
            found.append((self.services.alb, balancers.alb_groups))
        return found

    def find(self) -> Instance | None:
        """Return the VM; None where it cannot be read, so that it can still be deleted."""
        try:
            return self.services.instances.find_in(self.properties.region, self.id)
        except ApiError as error:
            logger.warning("VM '%s' cannot be read: %s", self.id, error.message)
            return None

    def request_start(self, vm: Instance) -> None:
        """Start the VM, which is Stopped; returns before it is Running.

        A signal has to be deferred meanwhile: the response shows which call started the VM.
        """
        try:
            self.has_started = self.services.instances.request_start(vm)
        except ApiError as error:
            # After a lost response the status is read. If that fails, the effect is unknown.
            self.has_started = error.effect_unknown or error.action != START
            raise
        except Interrupted as interrupted:
            self.has_started = interrupted.effect_unknown
            raise

    def is_in_use_elsewhere(self, vm: Instance) -> bool:
        """Whether an identical call may return this VM: it started it, or found it started."""
        started_elsewhere = vm.status in ("Starting", "Running") and not self.has_started
        return vm.is_returned_again or started_elsewhere

    def delete(self, instance_id: str) -> None:
        """Delete the VM, with its disks and its entries in server groups.

        Classic load balancers and elastic IP addresses release a deleted VM by themselves. No
        failure before keeps the VM from being deleted.

        :raises InUseElsewhere: an identical call may return it
        """
        self.id = instance_id
        services, region = self.services, self.properties.region
        # Before the VM is read: protection that comes later is another call's.
        self._protect(on=False)
        vm = self.find()
        if vm is not None and self.is_in_use_elsewhere(vm):
            self._protect(on=True)
            raise InUseElsewhere(_OTHER_CALL)
        kept = self._kept_disks(vm)
        terminate = self.properties.charge.type == "PrePaid"
        if self.has_started:
            self._delete_started(vm, terminate=terminate)
        elif not services.instances.delete_unstarted(region, self.id, terminate=terminate):
            raise InUseElsewhere(_OTHER_CALL)
        for disk_id in kept:
            services.disks.delete_unfinished(region, disk_id)
        services.network_interfaces.delete_remaining(region, vm.interface_ids if vm else [])

    def _protect(self, *, on: bool) -> None:
        """Turn the manifest's deletion protection on or off; a failure is logged.

        The cloud then refuses to delete a VM that is still protected, and the error names it.
        """
        if not (self.properties.deletion_protection and self.has_started):
            return
        try:
            self.services.instances.attributes.protect(self.properties.region, self.id, on=on)
        except ApiError as error:
            logger.warning(
                "the deletion protection of VM '%s' was not changed: %s", self.id, error.message
            )

    def _delete_started(self, vm: Instance | None, *, terminate: bool) -> None:
        """Delete a VM that this call started, unless another one has protected it meanwhile."""
        if vm is not None:
            for groups, _ in self.server_groups:
                _leave(groups, vm)
        try:
            self.services.instances.delete_by_id(
                self.properties.region, self.id, terminate=terminate
            )
        except ApiError as error:
            found = self.find() if error.code == PROTECTED else None
            if found is None or not found.is_returned_again:
                raise
            if refused := self._rejoin(found):
                raise InUseElsewhere(f"{_OTHER_CALL}; add it to its {refused}") from error
            raise InUseElsewhere(_OTHER_CALL) from error

    def _rejoin(self, vm: Instance) -> str:
        """Add a VM that another call returns to its groups again; return those that refuse it."""
        refused = []
        for groups, members in self.server_groups:
            try:
                groups.wait_for_jobs(groups.start_adding(vm, members))
            except CloudError as error:
                refused.append(f"{groups.kind} server groups: {error.message}")
        return "; ".join(refused)

    def _kept_disks(self, vm: Instance | None) -> list[str]:
        """Return ephemeral disks that outlive the VM: the call may have kept them already."""
        if vm is None or self.properties.ephemeral_disk.delete_with_instance:
            return []
        try:
            return [disk.id for disk in self.services.disks.ephemeral_of(vm)]
        except ApiError as error:
            logger.warning("the disks of VM '%s' cannot be read: %s", vm.id, error.message)
            return []


def _leave(groups: ServerGroups, vm: Instance) -> None:
    """Remove the VM from its groups; if that fails, they drop the deleted VM in the end."""
    try:
        groups.wait_for_jobs(groups.start_removing(vm))
    except CloudError as error:
        logger.warning(
            "VM '%s' stays in its %s server groups: %s", vm.id, groups.kind, error.message
        )
