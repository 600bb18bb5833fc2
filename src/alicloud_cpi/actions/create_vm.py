"""create_vm(agent_id, stemcell_cid, cloud_properties, networks[, disk_cids, env])
-> [vm_cid, networks]

Creates a VM, gives its agent the settings and starts it.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-vm/

The whole request is validated before anything is created. A later failure deletes the VM and all
that came with it. The ClientToken follows from agent_id and the request, so that a repeat after a
lost response finds the same VM instead of creating a second one. ``disk_cids`` is a hint for
placement and attaches nothing: the Director does that when the agent is up.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from alicloud_cpi import signals
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.waiter import WaitTimeout
from alicloud_cpi.cloud_properties.agent import parse_env, parse_networks
from alicloud_cpi.cloud_properties.network import NetworkProperties, VipProperties
from alicloud_cpi.cloud_properties.vm import VmProperties
from alicloud_cpi.errors import CloudError, VMCreationFailed
from alicloud_cpi.rollback import Rollback
from alicloud_cpi.services.agent_settings import build_settings, device_path, encode_settings
from alicloud_cpi.services.instance_creation import InstanceCreation
from alicloud_cpi.services.instance_request import create_instance_request, wanted_tags
from alicloud_cpi.services.instances import START_TIMEOUT, STOP_TIMEOUT
from alicloud_cpi.services.local_disks import local_disk_paths
from alicloud_cpi.services.unfinished_vm import UnfinishedVm
from alicloud_cpi.services.vm_image import find_image
from alicloud_cpi.services.vm_interfaces import VmInterfaces, check_interfaces
from alicloud_cpi.services.vm_placement import check_placement, place

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext
    from alicloud_cpi.services.disk import Disk
    from alicloud_cpi.services.images import Image
    from alicloud_cpi.services.instance import Instance

logger = logging.getLogger(__name__)

# On VMs that alicloud.keep_failed_vms keeps.
_FAILED_KEY = "bosh-failed"

# The longest values, to measure the settings before VM and disk exist.
_LONGEST_VM_CID = "i-" + 20 * "0"
_LONGEST_LINK = {"mac": "00:16:3e:00:00:00", "use_dhcp": False}
_LONGEST_PATH = device_path("d-" + 20 * "0", "", nvme=True)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A validated request."""

    agent_id: str
    image: Image
    properties: VmProperties
    networks: NetworkProperties
    interfaces: VmInterfaces
    local_disks: dict[str, list[str]]
    env: dict[str, Any]
    settings: partial[dict[str, Any]]


def run(
    ctx: CallContext,
    agent_id: str,
    stemcell_cid: str,
    cloud_properties: dict[str, Any],
    networks: dict[str, Any],
    disk_cids: list[str] | None = None,
    env: dict[str, Any] | None = None,
) -> str | list[Any]:
    """Create the VM and return its cid once it runs; from API version 2 on, with its networks.

    :raises VMCreationFailed: ok_to_retry where nothing was left behind and a repeat can succeed
    """
    del disk_cids
    try:
        with Rollback() as rollback:
            plan = _validate(
                ctx, agent_id, stemcell_cid, cloud_properties, networks, env or {}, rollback
            )
            unfinished = UnfinishedVm(ctx.services, plan.properties)
            try:
                vm = _create_and_start(ctx, plan, unfinished, rollback)
            except CloudError:
                if ctx.config.keep_failed_vms and unfinished.id:
                    _keep_failed_vm(unfinished, rollback)
                raise
    except CloudError as error:
        raise VMCreationFailed(error.message, ok_to_retry=error.ok_to_retry) from error
    return vm.id if ctx.api_version == 1 else [vm.id, plan.interfaces.placed(vm, networks)]


# Validate


def _validate(
    ctx: CallContext,
    agent_id: str,
    stemcell_cid: str,
    cloud_properties: dict[str, Any],
    networks: dict[str, Any],
    env: dict[str, Any],
    rollback: Rollback,
) -> _Plan:
    """Validate the request before creating anything but a copy of the stemcell."""
    properties = VmProperties.parse(cloud_properties, ctx.config)
    wanted = NetworkProperties.parse(
        networks,
        vm_security_groups=properties.security_group_ids,
        default_security_groups=ctx.config.default_security_groups,
    )
    env = parse_env(env)
    settings = partial(
        build_settings,
        agent_id=agent_id,
        networks=parse_networks(networks),
        env=env,
        agent=ctx.config.agent,
    )
    links = dict.fromkeys(networks, _LONGEST_LINK)
    encode_settings(settings(vm_cid=_LONGEST_VM_CID, ephemeral_path=_LONGEST_PATH, links=links))
    local_disks = local_disk_paths(ctx.services, properties)
    wanted = check_interfaces(ctx.services, properties, wanted)
    properties = check_placement(ctx.services, properties, env)
    _check_vips(ctx, properties.region, wanted.vips)
    # Last: it may copy the stemcell, which takes up to an hour.
    image = find_image(
        ctx.services,
        properties,
        stemcell_cid,
        ctx.stemcell_api_version,
        rollback if ctx.config.copy_stemcells else None,
    )
    interfaces = VmInterfaces(
        ctx.services, agent_id, properties, wanted, wanted_tags(properties, env)
    )
    return _Plan(agent_id, image, properties, wanted, interfaces, local_disks, env, settings)


def _check_vips(ctx: CallContext, region: str, vips: list[VipProperties]) -> None:
    for vip in vips:
        if ctx.services.eips.find(region, vip.ip) is None:
            raise CloudError(f"Elastic IP address '{vip.ip}' not found in region {region}")


# Create and start


def _create_and_start(
    ctx: CallContext, plan: _Plan, unfinished: UnfinishedVm, rollback: Rollback
) -> Instance:
    try:
        plan = replace(plan, properties=place(ctx.services, plan.properties, rollback))
        plan.interfaces.create(rollback)
        vm, plan = _create(ctx, plan, unfinished, rollback)
        # Read while the cloud is still creating the VM.
        nvme = _needs_nvme(ctx, plan)
        vm = ctx.services.instances.wait_for_status(
            vm, ("Stopped", "Starting", "Running"), STOP_TIMEOUT
        )
        disk = _ephemeral_disk(ctx, plan, vm)
        path = device_path(disk.id, disk.serial_number, nvme=nvme) if disk else ""
        if vm.status == "Stopped":
            plan.interfaces.attach(vm, rollback)
        vm = _start(ctx, plan, unfinished, vm, path)
        _connect(ctx, plan, unfinished, vm)
        if plan.properties.deletion_protection:
            ctx.services.instances.attributes.protect(vm.region, vm.id, on=True)
        # Last: until here the disk is deleted with a VM that fails.
        if disk and not plan.properties.ephemeral_disk.delete_with_instance:
            ctx.services.disks.attributes.keep(disk)
    except WaitTimeout as error:
        error.ok_to_retry = True
        raise
    return vm


def _create(
    ctx: CallContext, plan: _Plan, unfinished: UnfinishedVm, rollback: Rollback
) -> tuple[Instance, _Plan]:
    """Create the instance, or find the one of a call whose response was lost.

    Returns it listed, with the plan as it was carried out. An earlier call that failed deleted its
    instance, and the cloud still returns that id for the same ClientToken: then the next token is
    used.
    """
    instances, region = ctx.services.instances, plan.properties.region
    creation = InstanceCreation(
        plan.agent_id,
        plan.properties.variants(plan.networks.primary.vswitch_ids),
        lambda variant: create_instance_request(variant, plan.networks, plan.image, plan.env),
        ctx.services,
    )
    while not creation.is_exhausted:
        instance_id = rollback.create("VM", creation.create, delete=unfinished.delete)
        unfinished.id = instance_id
        vm = instances.wait_until_listed(region, instance_id)
        if vm is not None:
            return vm, replace(plan, properties=creation.taken)
        logger.warning("VM '%s' is not listed: an earlier call deleted it", instance_id)
        instances.delete_by_id(region, instance_id)
        rollback.dismiss()
        unfinished.id = ""
        creation.discard()
    raise CloudError(f"None of the VMs created for agent '{plan.agent_id}' was ever listed")


def _needs_nvme(ctx: CallContext, plan: _Plan) -> bool:
    """Whether the ephemeral disk is an NVMe device."""
    properties = plan.properties
    if not properties.ephemeral_disk.size_gib:
        return False
    return ctx.services.instance_types.needs_nvme(properties.region, properties.instance_type)


def _ephemeral_disk(ctx: CallContext, plan: _Plan, vm: Instance) -> Disk | None:
    if not plan.properties.ephemeral_disk.size_gib:
        return None
    return ctx.services.disks.wait_for_ephemeral(vm)


def _start(
    ctx: CallContext, plan: _Plan, unfinished: UnfinishedVm, vm: Instance, ephemeral_path: str
) -> Instance:
    """Start the VM with its security groups and settings; returns it Running.

    A VM that another call has started has them already. It is marked and protected, so that neither
    call deletes what the other one returns.
    """
    instances = ctx.services.instances
    # The response tells whose VM it is, so a signal waits for it.
    with signals.deferred():
        if vm.status == "Stopped":
            _start_stopped(ctx, plan, unfinished, vm, ephemeral_path)
    if not unfinished.has_started:
        instances.attributes.mark_returned_again(vm)
    if vm.status == "Running":
        return vm
    return instances.wait_for_status(vm, ("Running",), START_TIMEOUT)


def _start_stopped(
    ctx: CallContext, plan: _Plan, unfinished: UnfinishedVm, vm: Instance, ephemeral_path: str
) -> None:
    """Start a stopped VM, unless a simultaneous identical call starts it."""
    try:
        _configure(ctx, plan, vm, ephemeral_path)
        unfinished.request_start(vm)
    except ApiError as error:
        found = unfinished.find()
        if found is None or found.status not in ("Starting", "Running"):
            raise
        logger.warning("VM '%s' is %s already: %s", vm.id, found.status, error.message)
        unfinished.has_started = False


def _configure(ctx: CallContext, plan: _Plan, vm: Instance, ephemeral_path: str) -> None:
    """Write security groups and settings.

    Binding elastic IP addresses starts now: a stopped instance accepts them, a starting one does
    not.
    """
    services, groups = ctx.services, plan.networks.primary.security_group_ids
    if len(groups) > 1:
        services.instances.attributes.set_security_groups(vm, groups)
    for vip in plan.networks.vips:
        services.eips.start_binding(plan.interfaces.holder(vm, vip), vip.ip)
    settings = plan.settings(
        vm_cid=vm.id,
        ephemeral_path=ephemeral_path,
        links=plan.interfaces.links(),
        raw_paths=plan.local_disks.get(plan.properties.instance_type, []),
    )
    services.agent_settings.write(vm, settings)


def _connect(ctx: CallContext, plan: _Plan, unfinished: UnfinishedVm, vm: Instance) -> None:
    """Add the VM to its load balancers and bind its elastic IP addresses.

    What takes longest is started first and waited for last.
    """
    services, balancers = ctx.services, plan.properties.load_balancers
    joined = [
        (groups, groups.start_adding(vm, members)) for groups, members in unfinished.server_groups
    ]
    for balancer in balancers.classic:
        services.clb.add(balancer.id, vm, balancer.weight)
    for member in balancers.vserver_groups:
        services.clb.add_to_group(member.group_id, vm, member.port, member.weight)
    for vip in plan.networks.vips:
        services.eips.bind(plan.interfaces.holder(vm, vip), vip.ip)
    for groups, jobs in joined:
        groups.wait_for_jobs(jobs)


# Roll back


def _keep_failed_vm(unfinished: UnfinishedVm, rollback: Rollback) -> None:
    """Keep a VM for debugging, with all that was created for it; the error names it.

    A VM that is gone, or that an identical call returns, is none to keep.
    """
    vm = unfinished.find()
    if vm is None or unfinished.is_in_use_elsewhere(vm):
        return
    rollback.keep_for_debugging()
    own = {_FAILED_KEY: "create_vm"}
    unfinished.services.tags.set("instance", vm.id, vm.region, {}, lambda: vm.tags, own=own)
