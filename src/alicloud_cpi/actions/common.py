"""Steps that several methods share."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alicloud_cpi.aliyun.errors import UNREACHABLE, ApiError
from alicloud_cpi.errors import (
    CloudError,
    CpiFailure,
    DiskNotFound,
    Interrupted,
    NotSupported,
    VMNotFound,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.disk import Disk
    from alicloud_cpi.services.instance import Instance
    from alicloud_cpi.services.instances import Instances

logger = logging.getLogger(__name__)


def find_vm(ctx: CallContext, vm_cid: str) -> Instance:
    """Return the VM.

    :raises VMNotFound: no region that the call looks in has it
    """
    vm = ctx.services.instances.find(vm_cid)
    if vm is None:
        raise VMNotFound(vm_cid)
    return vm


def find_disk(ctx: CallContext, disk_cid: str) -> Disk:
    """Return the disk.

    :raises DiskNotFound: no region that the call looks in has it
    """
    disk = ctx.services.disks.find(disk_cid)
    if disk is None:
        raise DiskNotFound(disk_cid)
    return disk


def settled(ctx: CallContext, disk: Disk) -> Disk:
    """Return the disk when no operation is under way.

    :raises DiskNotFound: it was deleted meanwhile
    """
    found = ctx.services.disks.wait_until_settled(disk)
    if found is None:
        raise DiskNotFound(disk.id)
    return found


@contextmanager
def refusal_as_not_supported(disk: Disk) -> Iterator[None]:
    """Turn the cloud's refusal of a change in this block into NotSupported.

    The Director then copies the disk; any other error leaves it detached and the deployment broken
    (contract section 1). Errors after which the outcome is open, and throttling, stay what they
    are.

    :raises NotSupported: the cloud refused, also for want of permission
    :raises DiskNotFound: the disk was deleted meanwhile
    """
    try:
        yield
    except ApiError as error:
        if error.effect_unknown or error.is_throttling or error.code == UNREACHABLE:
            raise
        if error.code == "InvalidDiskId.NotFound":
            raise DiskNotFound(disk.id) from error
        raise NotSupported(f"Disk '{disk.id}' was not changed: {error.message}") from error


@contextmanager
def stopped(instances: Instances, vm: Instance) -> Iterator[None]:
    """Stop the VM for this block and start it afterwards, whatever happens in the block.

    For agents that read their settings only at boot. A VM that is down already, from a call that
    was interrupted, is started, too.
    """
    try:
        vm = instances.wait_until_settled(vm)
        if vm.status == "Running":
            instances.stop(vm)
        yield
    except BaseException as failure:
        _start_after_failure(instances, vm, failure)
        raise
    instances.start(vm)


def _start_after_failure(instances: Instances, vm: Instance, failure: BaseException) -> None:
    try:
        found = instances.find_in(vm.region, vm.id)
        if found is not None and found.status != "Running":
            instances.start(found)
    except CloudError as error:
        logger.error("VM '%s' is still down: %s", vm.id, error.message)  # noqa: TRY400 - no bug
        if isinstance(failure, (CpiFailure, Interrupted)):
            failure.append(f"VM '{vm.id}' is still down: {error.message}")
