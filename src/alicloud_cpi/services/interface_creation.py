"""Creates a network interface in the first of several vSwitches that has a free address.

As with instances (``instance_creation``), one series of ClientTokens serves all vSwitches, so that
a repeated call finds the interface of an earlier one whichever it is in.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from alicloud_cpi.aliyun import errors
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError

if TYPE_CHECKING:
    from aliyunsdkecs.request.v20140526.CreateNetworkInterfaceRequest import (
        CreateNetworkInterfaceRequest,
    )

    from alicloud_cpi.services.network_interfaces import NetworkInterfaces

logger = logging.getLogger(__name__)


class InterfaceCreation:
    """The creation of one interface."""

    def __init__(
        self,
        agent_id: str,
        vswitch_ids: Sequence[str],
        request_for: Callable[[str], CreateNetworkInterfaceRequest],
    ) -> None:
        """Prepare a creation.

        :param vswitch_ids: the preferred one first
        :param request_for: returns the request for one of them, without its ClientToken
        """
        self._rest = list(vswitch_ids)
        self._request_for = request_for
        self._tokens = interface_tokens(agent_id, [request_for(one) for one in vswitch_ids])
        self._number = 0
        self._refused: dict[str, str] = {}

    @property
    def taken(self) -> str:
        """The vSwitch in which the interface was created."""
        return self._rest[self._number]

    def discard(self) -> None:
        """Go on with the next ClientToken: the interface of the current one was deleted."""
        self._tokens.advance()
        self._number = 0

    def create(self, interfaces: NetworkInterfaces, region: str) -> str:
        """Create the interface, or find the one of an earlier call; returns its id.

        :raises ApiError: no vSwitch has a free address, or the cloud refused for another reason
        """
        while True:
            try:
                interface_id = interfaces.create(
                    self._request_for(self.taken), region, self._tokens
                )
            except ApiError as error:
                self._choose_next(error)
            else:
                logger.info("network interface '%s' is in %s", interface_id, self.taken)
                return interface_id

    def _choose_next(self, error: ApiError) -> None:
        """Go on to the next token or vSwitch.

        :raises ApiError: there is none
        """
        if not self._tokens.shared or self._tokens.exhausted:
            raise error
        if error.code == errors.IDEMPOTENT_FAILED:
            self._number = 0
        elif error.code in errors.PARAMETER_MISMATCH:
            self._number += 1
            if self._number == len(self._rest):
                self.discard()
        elif error.code in errors.NO_ADDRESSES:
            self._drop(error)
        else:
            raise error

    def _drop(self, error: ApiError) -> None:
        self._refused[self.taken] = error.code
        del self._rest[self._number]
        self._number = 0
        if not self._rest:
            error.append(tried(self._refused))
            raise error
        logger.info("trying the next vSwitch: %s", error.message)


def tried(refused: dict[str, str]) -> str:
    """Return what was tried, each with its code, for an error."""
    listed = ", ".join(f"{what} ({why})" for what, why in refused.items())
    return f"Tried in this order: {listed}"


def interface_tokens(
    agent_id: str, requests: Sequence[CreateNetworkInterfaceRequest]
) -> ClientTokens:
    """Return the tokens for this agent and these requests, in whichever order they are tried."""
    parameters = sorted(json.dumps(one.get_query_params(), sort_keys=True) for one in requests)
    return ClientTokens(json.dumps([agent_id, *parameters]), shared=len(parameters) > 1)
