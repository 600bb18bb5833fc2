"""delete_network(network_cid)

Deletes the vSwitch of a managed network's subnet, and the security group that was created for it.
Spec: https://bosh.io/docs/cpi-api-v2-method/delete-network/

The cloud refuses to delete a vSwitch in which something is left, such as an interface of a VM that
was just deleted: the call tries again for five minutes.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

logger = logging.getLogger(__name__)


def run(ctx: CallContext, network_cid: str) -> None:
    """Delete the vSwitch and return when it is gone; one that is gone already is a success.

    :raises CloudError: something is left in it, or the cloud refused
    """
    vswitch = ctx.services.vswitches.find(network_cid)
    if vswitch is None:
        logger.info("vSwitch '%s' is gone already", network_cid)
        return
    if vswitch.security_group_id:
        # First: a repeat of the call finds it by the vSwitch.
        ctx.services.security_groups.delete(vswitch.region, vswitch.security_group_id)
    ctx.services.vswitches.delete(vswitch.region, vswitch.id)
