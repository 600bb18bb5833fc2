"""Working on an instance while it is down, for agents that read their settings only at boot."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.cloud.instances import Instance, Instances


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
    finally:
        instances.start(vm)
