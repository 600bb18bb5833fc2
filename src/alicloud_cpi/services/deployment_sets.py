"""Deployment sets: groups of VMs that the cloud spreads over hosts, or keeps close together.

Names are not unique in the cloud. Here a name means the oldest set that has it, so that all calls
agree. The API has no tags for deployment sets: those of this CPI are known by their description.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from aliyunsdkecs.request.v20140526.CreateDeploymentSetRequest import CreateDeploymentSetRequest
from aliyunsdkecs.request.v20140526.DescribeDeploymentSetsRequest import (
    DescribeDeploymentSetsRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import json_ids, numbered_pages
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.aliyun.waiter import WaitTimeout, wait_for
from alicloud_cpi.errors import CloudError
from alicloud_cpi.rollback import Rollback
from alicloud_cpi.services.instances import LISTED_TIMEOUT

logger = logging.getLogger(__name__)

CREATED_BY_CPI = "BOSH deployment set"

_PATH = ("DeploymentSets", "DeploymentSet")
_STRATEGIES = ("Availability", "AvailabilityGroup", "LowLatency")


@dataclass(frozen=True, slots=True)
class DeploymentSet:
    """One deployment set, as DescribeDeploymentSets returns it.

    ``strategy`` is empty where the API gives it another name, such as LooseDispersion.
    """

    id: str
    name: str
    strategy: str
    description: str
    vms: int
    created: str

    @classmethod
    def from_api(cls, fields: Fields) -> DeploymentSet:
        """Read a record of DescribeDeploymentSets."""
        strategy = fields.text("DeploymentStrategy") or fields.text("Strategy")
        return cls(
            id=fields.resource_id("DeploymentSetId"),
            name=fields.text("DeploymentSetName"),
            strategy=strategy if strategy in _STRATEGIES else "",
            description=fields.text("DeploymentSetDescription"),
            vms=fields.integer("InstanceAmount"),
            created=fields.text("CreationTime"),
        )

    @property
    def is_ours(self) -> bool:
        """Whether this CPI created it."""
        return self.description == CREATED_BY_CPI


class DeploymentSets:
    """Deployment sets of the account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, region: str, set_id: str) -> DeploymentSet | None:
        """Return the set, or None where the region does not have it."""
        request = DescribeDeploymentSetsRequest()
        request.set_DeploymentSetIds(json_ids(set_id))
        return next((one for one in self._described(request, region) if one.id == set_id), None)

    def find_named(self, region: str, name: str) -> DeploymentSet | None:
        """Return the oldest set with exactly this name."""
        request = DescribeDeploymentSetsRequest()
        request.set_DeploymentSetName(name)
        found = [
            DeploymentSet.from_api(fields)
            for fields in numbered_pages(self._client, request, region, *_PATH)
            if fields.required_text("DeploymentSetName") == name
        ]
        return min(found, key=lambda one: (one.created, one.id), default=None)

    def in_region(self, region: str) -> Iterator[DeploymentSet]:
        """Yield all sets of a region."""
        return self._described(DescribeDeploymentSetsRequest(), region)

    def create(self, region: str, name: str, strategy: str, rollback: Rollback) -> str:
        """Create a set and return its id; it is kept if the call fails.

        The ClientToken follows from the name, so that simultaneous calls create one set. It still
        returns the id of a set that was deleted: then the next one is used.
        """
        request = CreateDeploymentSetRequest()
        request.set_DeploymentSetName(name)
        request.set_Strategy(strategy)
        request.set_Description(CREATED_BY_CPI)
        tokens = ClientTokens(json.dumps([region, request.get_query_params()], sort_keys=True))
        send = partial(self._send, request, region, tokens)
        while not tokens.exhausted:
            set_id = rollback.create_kept("deployment set", send, region)
            if self._is_listed(region, set_id):
                logger.info("deployment set '%s' is '%s' (%s)", name, set_id, strategy)
                return set_id
            logger.info("deployment set '%s' was deleted", set_id)
            rollback.forget_kept(set_id)
            tokens.advance()
        raise CloudError(f"None of the deployment sets created as '{name}' was ever listed")

    def _send(self, request: CreateDeploymentSetRequest, region: str, tokens: ClientTokens) -> str:
        try:
            response = self._client.send(
                request, region, tokens=tokens, returns_id="DeploymentSetId"
            )
        except ApiError as error:
            if error.effect_unknown:
                error.append("A deployment set may have been created: a retry finds it")
            raise
        return response.resource_id("DeploymentSetId")

    def _is_listed(self, region: str, set_id: str) -> bool:
        if self.find(region, set_id) is not None:
            return True
        try:
            wait_for(
                f"deployment set '{set_id}' to be listed",
                lambda: self.find(region, set_id),
                lambda found: found is not None,
                state=lambda found: "listed" if found else "not listed",
                timeout=LISTED_TIMEOUT,
                clock=self._client.clock,
                read_before=True,
            )
        except WaitTimeout:
            return False
        return True

    def _described(
        self, request: DescribeDeploymentSetsRequest, region: str
    ) -> Iterator[DeploymentSet]:
        for fields in numbered_pages(self._client, request, region, *_PATH):
            yield DeploymentSet.from_api(fields)
