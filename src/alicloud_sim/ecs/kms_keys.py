"""KMS keys that encrypt disks, as far as ECS refuses some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx


@dataclass
class KmsKey(Record):
    """A customer master key; status is Enabled or Disabled."""

    kind: ClassVar[str] = "kms_key"
    prefix: ClassVar[str] = "key"

    ecs_may_use: bool = True


def check(ctx: Ctx, key_id: str, *, encrypted: bool) -> None:
    """Refuse a key that cannot encrypt a new disk; "" means the service's own key.

    :raises ApiError: no such key, disabled, not open to ECS, or without Encrypted=true
    """
    if not key_id:
        return
    if not encrypted:
        raise ctx.error(
            "InvalidEncrypted.NotMatchKmsKeyId",
            "InvalidParameter",
            message="KMSKeyId is only for encrypted disks.",
        )
    key = ctx.find(KmsKey, key_id)
    if key is None:
        raise ctx.error("InvalidParameter.KMSKeyId.NotFound", "InvalidParameter")
    if key.status != "Enabled":
        raise ctx.error("InvalidParameter.KMSKeyId.CMKNotEnabled", "InvalidParameter")
    if not key.ecs_may_use:
        raise ctx.error("InvalidParameter.KMSKeyId.CMKUnauthorized", "InvalidParameter")
