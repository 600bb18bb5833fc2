"""Temporary keys of a role: AssumeRole and the metadata of instances give them out.

They work for every service until they expire on the world's clock, and are told to be
expired for a day after that. Their texts are random: they take nothing from the row of ids.
"""

from __future__ import annotations

import secrets
import zlib
from typing import TYPE_CHECKING

from alicloud_sim.accounts import AccessKey

if TYPE_CHECKING:
    from alicloud_sim.ecs.ram_roles import RamRole
    from alicloud_sim.world import World

REMEMBERED_SECONDS = 86400.0
FIRST_ROLE_ID = 300_000_000_000_000_000


def issue(world: World, role: RamRole, session: str, seconds: float) -> AccessKey:
    """Make a temporary key of a role."""
    now = world.clock.now()
    for key in list(world.keys.values()):
        if key.expires is not None and key.expires + REMEMBERED_SECONDS < now:
            del world.keys[key.id]
    made = AccessKey(
        id=f"STS.N{secrets.token_hex(11)}",
        secret=secrets.token_hex(22),
        account=role.account,
        token=f"CAIS{secrets.token_urlsafe(96)}",
        expires=now + seconds,
        denied=list(world.settings.get("sts.denied", {}).get(role.name, [])),
        role=role.name,
        session=session,
    )
    world.keys[made.id] = made
    return made


def role_id(role: RamRole) -> str:
    """Tell the number of a role."""
    return str(FIRST_ROLE_ID + zlib.crc32(role.id.encode()))


def arn_of(role: RamRole) -> str:
    """Tell the name of a role in all of the cloud."""
    return f"acs:ram::{role.account}:role/{role.name}"
