"""KMS keys that encrypt disks, as far as ECS refuses some of them (semantics.md section 5).

Settings of the world: "kms.enabled" (true: KMS is opened for the account), "kms.authorized"
(true: ECS has the role to use KMS), "disk.default_encryption" (account-wide encryption:
true for the service's own key, or the id of a key; off by default).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import NAMESPACE_DNS, uuid5

from alicloud_sim import settings
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

    from .disks.record import Disk
    from .snapshots.record import Snapshot

PREFIX = "InvalidParameter.KMSKeyId"


@dataclass
class KmsKey(Record):
    """A customer master key; status is Enabled or Disabled.

    `ecs_may_use` is its tag acs:ecs:disk-encryption; ECS takes symmetric keys only.
    """

    kind: ClassVar[str] = "kms_key"
    prefix: ClassVar[str] = "key"

    ecs_may_use: bool = True
    symmetric: bool = True


def shown(record: Disk | Snapshot) -> str:
    """Tell the key that lists show: the service's own where no other one was given."""
    if record.kms_key_id or not record.encrypted:
        return record.kms_key_id
    return str(uuid5(NAMESPACE_DNS, f"{record.region}.{record.account}.ecs"))


def check(ctx: Ctx, key_id: str, *, encrypted: bool) -> None:
    """Refuse a key that cannot encrypt a new disk; "" means the service's own key.

    :raises ApiError: no such key, disabled, not open to ECS, or without Encrypted=true
    """
    if key_id and not encrypted:
        raise ctx.error(
            "InvalidEncrypted.NotMatchKmsKeyId",
            "InvalidParameter.EncryptedIllegal",
            "InvalidParameter",
            message="KMSKeyId is only for encrypted disks.",
        )
    if encrypted and not settings.on(ctx.world, "kms.enabled", default=True):
        raise ctx.error("InvalidParameter.KmsNotEnabled", "InvalidParameter")
    if key_id and ctx.find(KmsKey, key_id) is None:
        raise ctx.error(f"{PREFIX}.NotFound", "InvalidParameter")
    check_held(ctx, key_id, encrypted=encrypted)


def check_held(ctx: Ctx, key_id: str, *, encrypted: bool) -> None:
    """Refuse to work on something encrypted whose key ECS may not use at the moment.

    A key that is gone counts as disabled (not in the reference).

    :raises ApiError: ECS may not use KMS, the key is disabled or not open to ECS
    """
    if not encrypted:
        return
    if not settings.on(ctx.world, "kms.authorized", default=True):
        raise ctx.error(f"{PREFIX}.KMSUnauthorized", "InvalidParameter")
    if not key_id:
        return
    key = ctx.find(KmsKey, key_id)
    if key is None or key.status != "Enabled":
        raise ctx.error(f"{PREFIX}.CMKNotEnabled", "InvalidParameter")
    if not key.symmetric:
        raise ctx.error("InvalidKMSKeyId.NotSymmetric", f"{PREFIX}.CMKNotEnabled")
    if not key.ecs_may_use:
        raise ctx.error(f"{PREFIX}.CMKUnauthorized", f"{PREFIX}.KMSUnauthorized")


def choose(
    ctx: Ctx, key_id: str, source: Snapshot | None = None, *, asked: bool | None
) -> tuple[bool, str]:
    """Tell whether a new disk is encrypted, and with which key; `asked` None is no flag.

    A disk from an encrypted snapshot is encrypted with its key; a flag that differs from
    the snapshot is refused, and so is false under account-wide encryption.

    :raises ApiError: the flag or the key does not fit
    """
    default = ctx.world.settings.get("disk.default_encryption")
    if default and asked is False:
        raise ctx.error(
            "InvalidEncrypted.DefaultEncryptionUnsupported",
            "InvalidParameter",
            message="Account-level default encryption is enabled.",
        )
    if source is not None and asked is not None and asked != source.encrypted and not default:
        raise ctx.error("InvalidEncrypted.NotMatchSnapshot", "InvalidParameter")
    if source is not None and source.encrypted:
        if key_id not in ("", source.kms_key_id):
            raise ctx.error("InvalidKmsKeyId.NotMatchSnapshot", "InvalidParameter")
        check_held(ctx, source.kms_key_id, encrypted=True)
        return True, source.kms_key_id
    encrypted = bool(default) if asked is None else asked
    if encrypted and not key_id and isinstance(default, str):
        key_id = default
    check(ctx, key_id, encrypted=encrypted)
    return encrypted, key_id
