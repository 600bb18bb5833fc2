"""Creates an instance in the first of several ways that the cloud accepts.

The ways differ in instance type, in how the instance is paid for, in the vSwitch, and in the
categories of disks that the operator did not choose. One series of ClientTokens serves them all, so
that a repeated call finds the instance of an earlier one without searching for it. Each token was
used with one way's request at most:

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
from alicloud_cpi.services.interface_creation import tried

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
        self._accepted: dict[str, tuple[str, ...]] = {}
        # Why the disk categories that a type accepts are unknown.
        self._unread = ""

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
                place = f" in {variant.vswitch_id}" if variant.vswitch_id else ""
                logger.info("VM '%s': %s%s", instance_id, variant.offer, place)
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
            self._skip()
        elif error.code == CATEGORY_REFUSED:
            self._change_categories(variant, error)
        elif error.code in errors.NO_CAPACITY:
            self._drop(variant, error)
        elif error.code in errors.NO_ADDRESSES and variant.vswitch_id:
            self._drop_vswitch(variant, error)
        else:
            raise error

    def _skip(self) -> None:
        """Try the next way with the same token, at last with the categories of fallbacks."""
        if self._number + 1 == len(self._variants):
            self._variants += self._fallbacks()
        if self._number + 1 == len(self._variants):
            self.discard()
        else:
            self._number += 1

    def _fallbacks(self) -> list[VmProperties]:
        """Return the ways with other disk categories that an earlier call may have taken."""
        found: list[VmProperties] = []
        for one in self._variants:
            try:
                adapted = self._adapted(one)
            except InvalidProperty:
                continue
            if adapted is not None and adapted not in (*self._variants, *found):
                found.append(adapted)
        return found

    def _drop(self, variant: VmProperties, error: ApiError) -> None:
        """Give up an offer for want of capacity, and those that the zone does not sell either."""
        self._refused[variant.offer] = error.code
        self._keep([one for one in self._variants if one.offer != variant.offer], error)
        logger.info("%s is not available: %s", variant.offer, error.message)
        self._drop_sold_out(variant)

    def _drop_vswitch(self, variant: VmProperties, error: ApiError) -> None:
        """Give up a vSwitch that has no free address."""
        full = variant.vswitch_id
        self._refused[full] = error.code
        self._keep([one for one in self._variants if one.vswitch_id != full], error)
        logger.info("trying the next vSwitch: %s", error.message)

    def _keep(self, rest: list[VmProperties], error: ApiError) -> None:
        """Go on with the ways that are left.

        :raises ApiError: none is left
        """
        self._variants = rest
        self._number = 0
        if self._variants:
            return
        if len(self._refused) > 1:
            error.append(tried(self._refused))
        if self._unread:
            error.append(f"What the instance type accepts is unknown: {self._unread}")
        raise error

    def _drop_sold_out(self, variant: VmProperties) -> None:
        """Ask once per way of payment which of the remaining types the zone sells.

        What the account has reserved does not depend on that.
        """
        if variant.placement.takes_own_capacity:
            return
        charge = variant.charge
        rest = [one for one in self._variants if one.charge == charge]
        if len({one.offer for one in rest}) < 2 or charge in self._asked:  # noqa: PLR2004 - the next one is tried anyway
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
        if adapted is None:
            # A type that accepts nothing is not sold here now.
            self._drop(variant, error)
            return
        if adapted in self._variants:
            self._variants.remove(variant)
            self._number = 0
            return
        # The vSwitch makes no difference to it.
        self._variants = [
            replace(one, system_disk=adapted.system_disk, ephemeral_disk=adapted.ephemeral_disk)
            if one.offer == variant.offer
            else one
            for one in self._variants
        ]
        self._number = 0

    def _adapted(self, variant: VmProperties) -> VmProperties | None:
        """Replace disk categories that are defaults by those that the type accepts."""
        accepted = self._accepted_categories(variant)
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

    def _accepted_categories(self, variant: VmProperties) -> tuple[str, ...]:
        kind = variant.instance_type
        if kind not in self._accepted:
            try:
                self._accepted[kind] = self._services.disk_categories.read(
                    variant.region, variant.availability_zone, kind
                )
            except ApiError as error:
                self._unread = error.message
                return ()
        return self._accepted[kind]


def client_tokens(agent_id: str, requests: Sequence[CreateInstanceRequest]) -> ClientTokens:
    """Return the tokens for this agent and these requests, in whichever order they are tried.

    The same call always gets the same tokens: a repeat after a lost response finds its VM.
    """
    parameters = sorted(json.dumps(one.get_query_params(), sort_keys=True) for one in requests)
    return ClientTokens(json.dumps([agent_id, *parameters]), shared=True)
