"""Dedicated hosts of the account."""

from __future__ import annotations

from dataclasses import dataclass

from aliyunsdkecs.request.v20140526.DescribeDedicatedHostsRequest import (
    DescribeDedicatedHostsRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.pagination import json_ids
from alicloud_cpi.aliyun.response import Fields

_PATH = ("DedicatedHosts", "DedicatedHost")


@dataclass(frozen=True, slots=True)
class DedicatedHost:
    """One dedicated host, as DescribeDedicatedHosts returns it."""

    id: str
    zone: str
    status: str

    @classmethod
    def from_api(cls, fields: Fields) -> DedicatedHost:
        """Read a record of DescribeDedicatedHosts."""
        return cls(
            id=fields.resource_id("DedicatedHostId"),
            zone=fields.text("ZoneId"),
            status=fields.text("Status"),
        )


class DedicatedHosts:
    """Looks at dedicated hosts; the CPI neither allocates nor releases any."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def find(self, region: str, host_id: str) -> DedicatedHost | None:
        """Return the host, or None where the region does not have it."""
        request = DescribeDedicatedHostsRequest()
        request.set_DedicatedHostIds(json_ids(host_id))
        response = self._client.send(request, region, expect=_PATH)
        return next((DedicatedHost.from_api(one) for one in response.records(*_PATH)), None)
