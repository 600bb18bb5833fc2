"""Creates an instance in the first of several ways that the cloud accepts.

The ways differ in instance type, in how the instance is paid for, and in the categories of disks
that the operator did not choose. One series of ClientTokens serves them all, so that a repeated
call finds the instance of an earlier one without searching for it. Each token was used with one
way's request at most:

- ``IdempotentFailed``: that request was refused; the next token is tried.
- ``IdempotentParameterMismatch``: another way's request was sent with it; the next way is tried.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from alicloud_cpi.aliyun import errors
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.cloud_properties.schema import InvalidProperty
from alicloud_cpi.services.disk_categories import CATEGORY_REFUSED

if TYPE_CHECKING:
    from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest

    from alicloud_cpi.cloud_properties.disk import DiskProperties
    from alicloud_cpi.cloud_properties.vm import ChargeProperties, VmProperties
    from alicloud_cpi.services import Services

logger = logging.getLogger(__name__)


class InstanceCreation:
    """The creation of one instance."""

    def __init__(
        self,
        agent_id: str,
        variants: Sequence[VmProperties],
        request_for: Callable[[VmProperties], CreateInstanceRequest],
        services: Services,
    ) -> None:
        """Prepare a creation.

        :param variants: the ways to create the instance, the preferred one first
        :param request_for: returns the request for one of them, without its ClientToken
        """
        self._variants = list(variants)
        self._request_for = request_for
        self._services = services
        self._tokens = client_tokens(agent_id, [request_for(one) for one in variants])
        self._number = 0
        # Why a variant was given up, for the error.
        self._refused: dict[str, str] = {}
        self._asked: list[ChargeProperties] = []

    @property
    def taken(self) -> VmProperties:
        """The way in which the instance was created last."""
        return self._variants[self._number]

    @property
    def is_exhausted(self) -> bool:
        """Whether no further request can be sent."""
        return self._tokens.exhausted

    def create(self) -> str:
        """Create the instance, or find the one of an earlier call; returns its id.

        :raises ApiError: the cloud refused every way, or one for a reason that no other changes
        :raises InvalidProperty: the instance type does not accept a disk category that was chosen
        """
        while True:
            variant = self.taken
            try:
                instance_id = self._services.instances.create(
                    self._request_for(variant), variant.region, self._tokens
                )
            except ApiError as error:
                self._choose_next(variant, error)
            else:
                logger.info("VM '%s': %s", instance_id, variant.offer)
                return instance_id

    def discard(self) -> None:
        """Go on with the next ClientToken: the instance of the current one was deleted."""
        self._tokens.advance()
        self._number = 0

    def _choose_next(self, variant: VmProperties, error: ApiError) -> None:
        """Go on to the next token or way.

        :raises ApiError: there is none
        """
        if self.is_exhausted:
            raise error
        if error.code == errors.IDEMPOTENT_FAILED:
            self._number = 0
        elif error.code in errors.PARAMETER_MISMATCH:
            self._skip(variant)
        elif error.code == CATEGORY_REFUSED:
            self._change_categories(variant, error)
        elif error.code in errors.NO_CAPACITY:
            self._drop(variant, error)
        else:
            raise error

    def _skip(self, variant: VmProperties) -> None:
        """Try the next way with the same token, at last with the categories of a fallback."""
        if self._number + 1 < len(self._variants):
            self._number += 1
            return
        adapted = self._adapted(variant)
        if adapted is None or adapted in self._variants:
            self.discard()
            return
        self._variants.append(adapted)
        self._number += 1

    def _drop(self, variant: VmProperties, error: ApiError) -> None:
        """Give up a way for want of capacity, and those that the zone does not sell either."""
        self._refused[variant.offer] = error.code
        del self._variants[self._number]
        self._number = 0
        if not self._variants:
            if len(self._refused) > 1:
                tried = ", ".join(f"{offer} ({why})" for offer, why in self._refused.items())
                error.append(f"Tried in this order: {tried}")
            raise error
        logger.info("%s is not available: %s", variant.offer, error.message)
        self._drop_sold_out(variant)

    def _drop_sold_out(self, variant: VmProperties) -> None:
        """Ask once per way of payment which of the remaining types the zone sells.

        What the account has reserved does not depend on that.
        """
        if variant.placement.takes_own_capacity:
            return
        charge = variant.charge
        rest = [one for one in self._variants if one.charge == charge]
        if len(rest) < 2 or charge in self._asked:  # noqa: PLR2004 - the next one is tried anyway
            return
        self._asked.append(charge)
        try:
            sold = self._services.instance_types.sold(
                variant.region, variant.availability_zone, charge
            )
        except ApiError as error:
            logger.warning("what the zone sells cannot be read: %s", error.message)
            return
        for one in rest:
            if one.instance_type not in sold and len(self._variants) > 1:
                self._refused[one.offer] = "sold out in the zone"
                self._variants.remove(one)

    def _change_categories(self, variant: VmProperties, error: ApiError) -> None:
        """Go on with disk categories that the instance type accepts.

        :raises InvalidProperty: the operator chose one that is not accepted
        """
        adapted = self._adapted(variant)
        if adapted is None or adapted in self._variants:
            # A type that accepts nothing is not sold here now.
            self._drop(variant, error)
            return
        self._variants[self._number] = adapted
        self._number = 0

    def _adapted(self, variant: VmProperties) -> VmProperties | None:
        """Replace disk categories that are defaults by those that the type accepts."""
        accepted = self._services.disk_categories.accepted(
            variant.region, variant.availability_zone, variant.instance_type
        )
        if not accepted:
            return None

        def adapted(name: str, disk: DiskProperties) -> DiskProperties:
            if disk.category in accepted:
                return disk
            if disk.category_is_named:
                raise InvalidProperty(
                    f"cloud_properties.{name}.category must be one that instance type "
                    f"{variant.instance_type} accepts in zone {variant.availability_zone}: "
                    f"{', '.join(accepted)}, not {disk.category}"
                )
            return disk.with_category(accepted[0])

        system = adapted("system_disk", variant.system_disk)
        ephemeral = variant.ephemeral_disk
        if ephemeral.size_gib:
            ephemeral = adapted("ephemeral_disk", ephemeral)
        changed = replace(variant, system_disk=system, ephemeral_disk=ephemeral)
        return None if changed == variant else changed


def client_tokens(agent_id: str, requests: Sequence[CreateInstanceRequest]) -> ClientTokens:
    """Return the tokens for this agent and these requests.

    The same call always gets the same tokens: a repeat after a lost response finds its VM.
    """
    parameters = [request.get_query_params() for request in requests]
    return ClientTokens(json.dumps([agent_id, *parameters], sort_keys=True), shared=True)
