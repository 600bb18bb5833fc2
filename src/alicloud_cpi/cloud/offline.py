"""Working on an instance while it is down, for agents that read their settings only at boot."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alicloud_cpi.errors import CloudError, CpiFailure, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.cloud.instances import Instance, Instances

_log = logging.getLogger(__name__)


@contextmanager
def stopped(instances: Instances, vm: Instance) -> Iterator[None]:
    """Stop the instance for the time of this block, and start it again whatever happens in it.

    One that is not running stays as it is.
    """
    if vm.status not in ("Running", "Starting"):
        yield
        return
    try:
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
        _log.error("VM '%s' is still down: %s", vm.id, second.message)
        if isinstance(failure, (CpiFailure, Interrupted)):
            failure.add(f"VM '{vm.id}' is still down: {second.message}")
