"""create_vm(agent_id, stemcell_cid, cloud_properties, networks[, disk_cids, env])
-> [vm_cid, networks]

Makes a VM, hands its agent the settings and starts it.
Spec: https://bosh.io/docs/cpi-api-v2-method/create-vm/

Everything that can be checked is checked before anything is made. A failure later takes the VM
and all that came with it away again. The ClientToken follows from agent_id and the request, so
that a repeat after a lost answer finds the same VM instead of making a second one. ``disk_cids``
is a hint for placement and attaches nothing: the Director does that when the agent is up.
"""

from __future__ import annotations

from functools import partial

from alicloud_cpi import log
from alicloud_cpi.agent import settings
from alicloud_cpi.agent.device import device_path
from alicloud_cpi.cloud import new_instance
from alicloud_cpi.cloud.images import image_id_of
from alicloud_cpi.cloud.instances import RUNNING, STOPPED
from alicloud_cpi.cloud.user_data import check_length
from alicloud_cpi.cloud.wait import WaitTimeout
from alicloud_cpi.cloud.wire.failures import ApiError
from alicloud_cpi.errors import CloudError, VMCreationFailed
from alicloud_cpi.props import network as network_props
from alicloud_cpi.props import vm as vm_props
from alicloud_cpi.records import Record
from alicloud_cpi.undo import Undo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call
    from alicloud_cpi.cloud.images import Image
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.props.network import Networks
    from alicloud_cpi.props.vm import VmProps

# The longest there can be, to measure the settings before VM and disk are known.
_SOME_CID = "i-" + 20 * "0"
_SOME_PATH = device_path("d-" + 20 * "0", "", nvme=True)


class _Plan(Record):
    """A request that has been checked: what is to be made."""

    agent_id: str
    image: Image
    props: VmProps
    networks: Networks
    env: dict[str, Any]
    settings: partial[dict[str, Any]]


def run(
    call: Call,
    agent_id: str,
    stemcell_cid: str,
    cloud_properties: dict[str, Any],
    networks: dict[str, Any],
    disk_cids: list[str] | None = None,
    env: dict[str, Any] | None = None,
) -> str | list[Any]:
    """Make the VM and return its cid once it runs; from API version 2 on, with its networks.

    :raises VMCreationFailed: ok_to_retry where nothing was left behind and a repeat can succeed
    """
    del disk_cids
    try:
        plan = _checked(call, agent_id, stemcell_cid, cloud_properties, networks, env or {})
        with Undo() as undo:
            vm = _running(call, plan, undo)
    except CloudError as failure:
        raise VMCreationFailed(failure.message, ok_to_retry=failure.ok_to_retry) from failure
    return vm.id if call.api_version == 1 else [vm.id, networks]


def _checked(
    call: Call,
    agent_id: str,
    stemcell_cid: str,
    cloud_properties: dict[str, Any],
    networks: dict[str, Any],
    env: dict[str, Any],
) -> _Plan:
    """Judge the whole request; nothing is made, and nothing is asked that a look can tell."""
    props = vm_props.parse(cloud_properties, call.config)
    wanted = network_props.parse(
        networks,
        vm_security_groups=props.security_group_ids,
        default_groups=call.config.default_security_groups,
    )
    agent_settings = partial(
        settings.settings, agent_id=agent_id, networks=networks, env=env, agent=call.config.agent
    )
    check_length(agent_settings(vm_cid=_SOME_CID, ephemeral_path=_SOME_PATH))
    image = _image(call, props, stemcell_cid)
    for ip in wanted.vips:
        if call.cloud.eips.find(props.region, ip) is None:
            raise CloudError(f"Elastic IP address '{ip}' not found in region {props.region}")
    return _Plan(agent_id, image, props, wanted, env, agent_settings)


def _image(call: Call, props: VmProps, stemcell_cid: str) -> Image:
    """Return the image of the stemcell, once it is known to give what is asked of it."""
    image_id = props.stemcell_id or image_id_of(stemcell_cid)
    image = call.cloud.images.find(image_id, props.region)
    if image is None:
        raise CloudError(f"Stemcell '{image_id}' not found in region {props.region}")
    if props.system_disk.encrypted and not image.is_encrypted:
        raise CloudError(
            "cloud_properties.system_disk.encrypted needs an encrypted stemcell: upload the "
            "stemcell with alicloud.encrypted set, the system disk is encrypted as its image is"
        )
    return image


def _running(call: Call, plan: _Plan, undo: Undo) -> Instance:
    """Make the VM and see it through until it runs.

    A VM that a lost call has started already has its groups and settings.
    """
    cloud, wanted = call.cloud, plan.props.ephemeral_disk
    try:
        vm = _made(call, plan, undo)
        # Looked up while the cloud is still making the VM.
        nvme = bool(wanted.size_gib) and cloud.instance_types.needs_nvme(vm.type, vm.region)
        vm = cloud.instances.wait_for_status(vm, ("Stopped", "Starting", "Running"), STOPPED)
        disk = cloud.disks.ephemeral_of(vm) if wanted.size_gib else None
        if vm.status == "Stopped":
            path = device_path(disk.id, disk.serial_number, nvme=nvme) if disk else ""
            try:
                _start(call, plan, vm, path)
            except ApiError as refusal:
                if not _was_started(call, vm, refusal):
                    raise
        if vm.status != "Running":
            vm = cloud.instances.wait_for_status(vm, "Running", RUNNING)
        _connect(call, plan, vm)
        # Last of all: until then the disk of a VM that fails goes with it.
        if disk and not wanted.delete_with_instance:
            cloud.disks.keep(disk)
    except WaitTimeout as late:
        late.ok_to_retry = True
        raise
    return vm


def _made(call: Call, plan: _Plan, undo: Undo) -> Instance:
    """Make the instance, or find the one that a lost call made, and return it once it is listed.

    An earlier call that failed has deleted its instance, and the cloud goes on answering its id
    for the same ClientToken: then the next token of the series is used.
    """
    instances, region = call.cloud.instances, plan.props.region
    parameters = new_instance.parameters(plan.props, plan.networks, plan.image, plan.env)
    for token in new_instance.client_tokens(plan.agent_id, parameters):
        instance_id = undo.make(
            "VM",
            partial(instances.create, region, {**parameters, "ClientToken": token}),
            partial(_take_back, call, plan),
        )
        vm = instances.wait_listed(region, instance_id)
        if vm is not None:
            return vm
        log.warning("VM '%s' is not listed: an earlier call took it back", instance_id)
        instances.delete_by_id(region, instance_id)
        undo.forget()
    raise CloudError(f"None of the VMs made for agent '{plan.agent_id}' was ever listed")


def _start(call: Call, plan: _Plan, vm: Instance, path: str) -> None:
    """Give the instance its security groups and settings, and ask it to start.

    The elastic IP addresses are bound while it starts: a stopped instance takes them, one that is
    starting does not.

    :param path: where the ephemeral disk appears in the VM; empty without one
    """
    cloud, groups = call.cloud, plan.networks.security_group_ids
    if len(groups) > 1:
        cloud.instances.set_security_groups(vm, groups)
    for ip in plan.networks.vips:
        cloud.eips.begin_to_bind(vm, ip)
    cloud.user_data.write(vm, plan.settings(vm_cid=vm.id, ephemeral_path=path))
    cloud.instances.ask_to_start(vm)


def _was_started(call: Call, vm: Instance, refusal: ApiError) -> bool:
    """Whether the VM has been started all the same: the same call, made twice, was faster there."""
    now = _seen(call, vm.region, vm.id)
    if now is None or now.status not in ("Starting", "Running"):
        return False
    log.warning("VM '%s' is %s already: %s", vm.id, now.status, refusal.message)
    return True


def _connect(call: Call, plan: _Plan, vm: Instance) -> None:
    """Bind the VM's elastic IP addresses and make it a server of its load balancers.

    What takes longest begins first, and is waited for last.
    """
    cloud, joined = call.cloud, plan.props.load_balancers
    groups = joined.nlb_groups
    joining = cloud.network_load_balancers.begin_to_add(vm, groups) if groups else []
    for balancer in joined.classic:
        cloud.classic_load_balancers.add(balancer.id, vm, balancer.weight)
    for member in joined.vserver_groups:
        cloud.classic_load_balancers.add_to_group(member.group_id, vm, member.port, member.weight)
    for ip in plan.networks.vips:
        cloud.eips.bind(vm, ip)
    if joining:
        cloud.network_load_balancers.finish(joining)


def _take_back(call: Call, plan: _Plan, instance_id: str) -> None:
    """Delete a VM that this call made, and what it is part of; its disks go with it.

    Classic load balancers and elastic IP addresses let go of a deleted VM by themselves.
    Nothing that fails before keeps the VM from being deleted.
    """
    region = plan.props.region
    vm = _seen(call, region, instance_id)
    if vm is not None and plan.props.load_balancers.nlb_groups:
        _leave_groups(call, vm)
    kept = _kept_disks(call, plan, vm)
    call.cloud.instances.delete_by_id(
        region, instance_id, terminate=plan.props.charge.type == "PrePaid"
    )
    for disk_id in kept:
        call.cloud.disks.take_back(region, disk_id)
    call.cloud.interfaces.delete_leftovers(region, vm.interface_ids if vm else [])


def _kept_disks(call: Call, plan: _Plan, vm: Instance | None) -> list[str]:
    """Return the VM's own disks that may outlive it: letting them may have been the last step."""
    if vm is None or plan.props.ephemeral_disk.delete_with_instance:
        return []
    try:
        return [disk.id for disk in call.cloud.disks.own_of(vm)]
    except ApiError as failure:
        log.warning("disks of VM '%s' cannot be told: %s", vm.id, failure.message)
        return []


def _leave_groups(call: Call, vm: Instance) -> None:
    """Take the VM out of its NLB groups; where that fails they drop the deleted VM in the end."""
    try:
        call.cloud.network_load_balancers.forget(vm)
    except CloudError as failure:
        log.warning("VM '%s' stays in its NLB server groups: %s", vm.id, failure.message)


def _seen(call: Call, region: str, instance_id: str) -> Instance | None:
    """Return the VM; None where nothing can be read of it, to delete it still."""
    try:
        return call.cloud.instances.find_in(region, instance_id)
    except ApiError as failure:
        log.warning("leftovers of VM '%s' cannot be told: %s", instance_id, failure.message)
        return None
