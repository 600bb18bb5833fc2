"""Keys of an instance's role: made when first asked for, and anew before they expire.

Not in the reference: new ones come half an hour before the end, or after half of a life
shorter than an hour. The old ones go on to work until they expire.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.ram_roles import RamRole
from alicloud_sim.sts import issue

if TYPE_CHECKING:
    from alicloud_sim.accounts import AccessKey
    from alicloud_sim.ecs.instances import Instance
    from alicloud_sim.world import World

USUAL_SECONDS = 21600.0
LARGEST_MARGIN = 1800.0


def document_of(world: World, instance: Instance, name: str) -> str | None:
    """Give the credentials of a role as JSON; None if the account has no such role."""
    roles = (one for one in world.all(RamRole) if one.account == instance.account)
    role = next((one for one in roles if one.name == name), None)
    if role is None:
        return None
    code = str(world.settings.get("metadata.credential_code", "Success"))
    if code != "Success":
        return json.dumps({"Code": code, "LastUpdated": iso_seconds(world.clock.now())})
    seconds = float(world.settings.get("metadata.credential_seconds", USUAL_SECONDS))
    key = _current(world, instance, role, seconds) or issue(world, role, instance.id, seconds)
    expires = key.expires or 0.0
    return json.dumps(
        {
            "AccessKeyId": key.id,
            "AccessKeySecret": key.secret,
            "Expiration": iso_seconds(expires),
            "SecurityToken": key.token,
            "LastUpdated": iso_seconds(expires - seconds),
            "Code": code,
        }
    )


def _current(world: World, instance: Instance, role: RamRole, seconds: float) -> AccessKey | None:
    """Find the newest keys of the role if they hold for long enough, and not for longer."""
    now = world.clock.now()
    margin = min(LARGEST_MARGIN, seconds / 2)
    for key in reversed(world.keys.values()):
        own = (key.account, key.role, key.session) == (role.account, role.name, instance.id)
        if own and key.expires is not None:
            return key if margin < key.expires - now <= seconds else None
    return None
