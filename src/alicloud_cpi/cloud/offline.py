"""Working on an instance while it is down, for agents that read their settings only at boot."""

from __future__ import annotations

from contextlib import contextmanager

from alicloud_cpi import log
from alicloud_cpi.errors import CloudError, CpiFailure, Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.cloud.instances import Instance, Instances


@contextmanager
def stopped(instances: Instances, vm: Instance) -> Iterator[None]:
    """Let the instance be stopped in this block, and started after it whatever happens in it.

    Also one that is down before: a call that was cut off has left it so.
    """
    try:
        vm = instances.settled(vm)
        if vm.status == "Running":
            instances.stop(vm)
        yield
    except BaseException as failure:
        _start_again(instances, vm, failure)
        raise
    instances.start(vm)


def _start_again(instances: Instances, vm: Instance, failure: BaseException) -> None:
    """Bring the instance up after a failure, which stays the one to tell."""
    try:
        found = instances.find_in(vm.region, vm.id)
        if found is not None and found.status != "Running":
            instances.start(found)
    except CloudError as second:
        log.error("VM '%s' is still down: %s", vm.id, second.message)
        if isinstance(failure, (CpiFailure, Interrupted)):
            failure.add(f"VM '{vm.id}' is still down: {second.message}")
