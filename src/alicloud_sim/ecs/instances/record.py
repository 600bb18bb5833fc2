"""The record of an instance, and the checks that every change of one begins with.

Statuses: Pending, Starting, Running, Stopping, Stopped (semantics.md section 4). A released
instance is no record any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.world import World

STATUSES = ("Pending", "Starting", "Running", "Stopping", "Stopped")
SETTLED = ("Running", "Stopped")
SECURITY_LOCK = "security"
LOCK_REASONS = ("financial", "security", "Recycling", "dedicatedhostfinancial", "refunded")


@dataclass
class Instance(Record):
    """A virtual machine; its disks and interfaces are records that name it.

    `locks` are the reasons of OperationLocks, see locks_of(); `orderly` tells that an
    orderly stop or reboot is under way, which a forced one may overtake; `releasing` that it
    is being released.
    """

    kind: ClassVar[str] = "instance"
    prefix: ClassVar[str] = "i"

    name: str = ""
    description: str = ""
    host_name: str = ""
    image_id: str = ""
    os_type: str = "linux"
    os_name: str = ""
    current_os_nvme: bool = False
    instance_type: str = ""
    zone_id: str = ""
    vpc_id: str = ""
    vswitch_id: str = ""
    security_group_ids: list[str] = field(default_factory=list)
    eni_id: str = ""
    private_ip: str = ""
    public_ip: str = ""
    internet_charge_type: str = "PayByTraffic"
    bandwidth_out: int = 0
    bandwidth_in: int = -1
    user_data: str = ""
    has_password: bool = False
    key_pair_name: str = ""
    ram_role_name: str = ""
    resource_group_id: str = ""
    deployment_set_id: str = ""
    deployment_set_group_no: int = 0
    dedicated_host_id: str = ""
    tenancy: str = "default"
    affinity: str = "default"
    private_pool_id: str = ""
    charge_type: str = "PostPaid"
    expires: float | None = None
    auto_renew: bool = False
    spot_strategy: str = "NoSpot"
    spot_price_limit: float = 0.0
    spot_duration: int = 1
    spot_interruption: str = "Terminate"
    http_endpoint: str = "enabled"
    http_tokens: str = "optional"
    http_hop_limit: int = 1
    deletion_protection: bool = False
    credit_specification: str = ""
    action_on_maintenance: str = "AutoRecover"
    notify_on_maintenance: bool = False
    stopped_mode: str = "KeepCharging"
    started_at: float = 0.0
    locks: list[str] = field(default_factory=list)
    orderly: bool = False
    releasing: bool = False

    @property
    def is_spot(self) -> bool:
        """Whether it is a spot instance."""
        return self.spot_strategy != "NoSpot"

    @property
    def is_reserved(self) -> bool:
        """Whether it runs on capacity of the account, not on the zone's stock."""
        return bool(self.dedicated_host_id or self.private_pool_id)


def locks_of(world: World, instance: Instance) -> list[str]:
    """List why an instance is locked: by its record, and by the world's settings.

    The setting "instance.locks" holds reasons by id or name: {"i-...": ["security"]}.
    """
    by_name = dict(world.settings.get("instance.locks", {}))
    found = list(instance.locks)
    for known in (instance.id, instance.name):
        found += [reason for reason in by_name.get(known, []) if reason not in found]
    return found


def need(ctx: Ctx, instance_id: str, *codes: str) -> Instance:
    """Find the instance that a call changes; a lock for security refuses every change.

    While it is being released each change is refused with OperationConflict (not in the
    reference, which only says that parallel changes are).

    :raises ApiError: unknown, locked, or being released
    """
    instance = ctx.need(Instance, instance_id, *codes, "InvalidInstanceId.NotFound")
    if SECURITY_LOCK in locks_of(ctx.world, instance):
        raise ctx.error(
            "InstanceLockedForSecurity",
            "IncorrectInstanceStatus",
            "InvalidOperation.InvalidEcsState",
            "OperationConflict",
            message="The specified operation is denied as your instance is locked for security.",
        )
    if instance.releasing:
        raise ctx.error("OperationConflict", message="The instance is being released.")
    return instance


def check_status(ctx: Ctx, instance: Instance, allowed: tuple[str, ...], *codes: str) -> None:
    """Refuse a status in which the change cannot be made.

    :raises ApiError: IncorrectInstanceStatus unless other codes are given
    """
    if instance.status not in allowed:
        codes = codes or ("IncorrectInstanceStatus",)
        raise ctx.error(
            *codes,
            "IncorrectInstanceStatus",
            message=f"The current status {instance.status} of the instance does not support"
            " this operation.",
        )
