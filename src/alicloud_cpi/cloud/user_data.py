"""The agent settings that an instance carries in its user data."""

from __future__ import annotations

import base64
import json

from alicloud_cpi.cloud.wire.retry import harmless_twice
from alicloud_cpi.errors import CloudError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.cloud.instances import Instance
    from alicloud_cpi.cloud.wire.api import Api

# ECS takes 32 KB before Base64 (API reference, semantics section 4, "User data").
LONGEST = 32 * 1024


def check_length(settings: Mapping[str, Any]) -> bytes:
    """Return settings as bytes, once they are known to fit.

    :raises CloudError: they are longer than user data may be
    """
    raw = json.dumps(settings).encode()
    if len(raw) > LONGEST:
        raise CloudError(
            f"The agent settings take {len(raw)} bytes, user data holds at most {LONGEST}: "
            "shorten env (certificates, blobstores, tags)"
        )
    return raw


class UserData:
    """User data of instances."""

    def __init__(self, ecs: Api, regions: Sequence[str], clock: Clock) -> None:
        self._ecs = ecs
        del regions, clock  # user data is where its instance is, and written at once

    def read(self, vm: Instance) -> dict[str, Any]:
        """Return the settings of a VM.

        :raises CloudError: there are none, or they cannot be read: nothing may be written then
        """
        answer = self._ecs.call("DescribeUserData", vm.region, InstanceId=vm.id)
        try:
            settings = json.loads(base64.b64decode(answer.get("UserData") or ""))
        except ValueError:
            settings = None
        if not isinstance(settings, dict) or not settings.get("agent_id"):
            raise CloudError(f"VM '{vm.id}' has no agent settings in its user data")
        return settings

    def write(self, vm: Instance, settings: Mapping[str, Any]) -> None:
        """Replace the settings of a stopped VM; its agent reads them when it boots."""
        self._ecs.call(
            "ModifyInstanceAttribute",
            vm.region,
            InstanceId=vm.id,
            UserData=base64.b64encode(check_length(settings)).decode(),
            unless=harmless_twice,
        )
