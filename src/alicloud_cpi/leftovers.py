"""``alicloud-cpi leftovers``: lists what this CPI created and looks abandoned; changes nothing.

What a failed call could not delete is named in its error. A call that was killed names nothing: its
resources are found here by the marks that the CPI puts on everything it creates. Resources of calls
that are still running are listed, too: whether one is needed is for the operator to decide.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from alicloud_cpi import logs
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.context import CallContext
from alicloud_cpi.errors import CpiError, CpiFailure
from alicloud_cpi.redaction import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.services import Services

logger = logging.getLogger(__name__)

# Names of the images that create_stemcell creates end with a UUID.
_OWN_IMAGE = re.compile(r"-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")

_RUNNING = ("Running", "Starting", "Stopping")

# The Director and create-env set these with set_vm_metadata, right after create_vm.
_DIRECTOR_TAGS = frozenset({"deployment", "director"})


@dataclass(frozen=True, slots=True)
class Leftover:
    """One resource that looks abandoned, and why."""

    kind: str
    id: str
    region: str
    created: str
    name: str
    why: str


def run(config_path: str | None, clock: Clock) -> int:
    """Print one JSON object per resource, the oldest first; returns the exit status."""
    secrets = Secrets()
    try:
        if config_path is None:
            raise CpiError("No configuration given: leftovers --config FILE")
        ctx = CallContext(
            api_version=1, context={}, config_path=config_path, clock=clock, secrets=secrets
        )
        logs.start(secrets, method="leftovers", request_id="-")
        try:
            found = sorted(_find(ctx), key=lambda leftover: leftover.created)
        finally:
            ctx.close()
    except CpiFailure as failure:
        sys.stderr.write(f"{secrets.redact(failure.message)}\n")
        return 1
    for leftover in found:
        sys.stdout.write(json.dumps(asdict(leftover)) + "\n")
    return 0


def _find(ctx: CallContext) -> Iterator[Leftover]:
    services = ctx.services
    for region in ctx.config.regions:
        yield from _instances(services, region)
        yield from _disks_and_snapshots(services, region)
        yield from _images(services, region)
        yield from _interfaces(services, region)
        yield from _managed_networks(services, region)
        yield from _deployment_sets(services, region)
    for bucket in ctx.buckets.existing():
        why = "create_stemcell deletes its bucket before it ends"
        yield Leftover("bucket", bucket.name, bucket.region, bucket.created, "", why)


def _instances(services: Services, region: str) -> Iterator[Leftover]:
    for vm in services.instances.in_region(region):
        if not vm.is_ours:
            continue
        if vm.status not in _RUNNING:
            since = f"last started {vm.start_time}" if vm.start_time else "never started"
            why = f"{vm.status}, {since}"
        elif _DIRECTOR_TAGS.isdisjoint(vm.tags):
            why = "never handed over: it has none of the tags of set_vm_metadata"
        else:
            continue
        yield Leftover("instance", vm.id, region, vm.created, vm.name, why)


def _disks_and_snapshots(services: Services, region: str) -> Iterator[Leftover]:
    disk_ids = set()
    for disk in services.disks.data_disks(region):
        disk_ids.add(disk.id)
        if disk.is_available and disk.is_ours:
            why = (
                "its VM is gone"
                if disk.is_ephemeral
                else "attached to no VM: compare with `bosh disks --orphaned`"
            )
            yield Leftover("disk", disk.id, region, disk.created, disk.name, why)
    for snapshot in services.snapshots.in_region(region):
        if snapshot.is_of_image and snapshot.usage == "none":
            why = "its image is gone"
        elif snapshot.is_ours and snapshot.status == "failed":
            why = "failed"
        elif snapshot.is_ours and snapshot.source_disk_id not in disk_ids:
            why = "its disk is gone: compare with `bosh snapshots`"
        else:
            continue
        yield Leftover("snapshot", snapshot.id, region, snapshot.created, snapshot.name, why)


def _images(services: Services, region: str) -> Iterator[Leftover]:
    for image in services.images.unused(region):
        if _OWN_IMAGE.search(image.name):
            usable = image.status == "Available"
            why = "no VM uses it: compare with `bosh stemcells`" if usable else image.status
            yield Leftover("image", image.id, region, image.created, image.name, why)


def _interfaces(services: Services, region: str) -> Iterator[Leftover]:
    for interface in services.network_interfaces.primary(region):
        if interface.status == "Available":
            why = f"its VM is gone; keeps {interface.private_ip or 'its address'} taken"
            yield Leftover(
                "interface", interface.id, region, interface.created, interface.name, why
            )
    for interface in services.network_interfaces.unattached(region):
        why = f"no VM has it; keeps {interface.private_ip} taken"
        yield Leftover("interface", interface.id, region, interface.created, interface.name, why)


def _managed_networks(services: Services, region: str) -> Iterator[Leftover]:
    """Yield empty vSwitches, and security groups whose vSwitch is gone."""
    try:
        vswitches = list(services.vswitches.ours(region))
        groups = list(services.security_groups.ours(region))
    except ApiError as error:
        # An account without managed networks needs no permission for them.
        if error.is_retryable:
            raise
        logger.warning("managed networks cannot be searched: %s", error.message)
        return
    for vswitch in vswitches:
        if vswitch.is_empty:
            why = "nothing is in it: compare with `bosh networks --orphaned`"
            yield Leftover("vswitch", vswitch.id, region, vswitch.created, vswitch.name, why)
    used = {vswitch.security_group_id for vswitch in vswitches}
    for group in groups:
        if group.id not in used:
            why = "its managed network is gone"
            yield Leftover("security group", group.id, region, group.created, group.name, why)


def _deployment_sets(services: Services, region: str) -> Iterator[Leftover]:
    """Yield sets without VMs: the CPI keeps them, and an account may have so many."""
    try:
        found = list(services.deployment_sets.in_region(region))
    except ApiError as error:
        # An account without deployment sets needs no permission for them.
        if error.is_retryable:
            raise
        logger.warning("deployment sets cannot be searched: %s", error.message)
        return
    for one in found:
        if one.is_ours and not one.vms:
            why = "no VM is in it; the next VM that names it creates it again"
            yield Leftover("deployment set", one.id, region, one.created, one.name, why)
