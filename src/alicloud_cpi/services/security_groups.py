"""Security groups that the CPI creates for managed networks, and deletes with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aliyunsdkecs.request.v20140526.CreateSecurityGroupRequest import CreateSecurityGroupRequest
from aliyunsdkecs.request.v20140526.DeleteSecurityGroupRequest import DeleteSecurityGroupRequest
from aliyunsdkecs.request.v20140526.DescribeSecurityGroupsRequest import (
    DescribeSecurityGroupsRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.client_token import ClientTokens
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import paginate
from alicloud_cpi.aliyun.response import Fields
from alicloud_cpi.services.deletion import delete_when_empty
from alicloud_cpi.services.tags import MARK, for_creation

_PATH = ("SecurityGroups", "SecurityGroup")
_GONE = ("InvalidSecurityGroupId.NotFound", "InvalidSecurityGroup.NotFound")


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """One security group, as DescribeSecurityGroups returns it."""

    id: str
    name: str
    created: str

    @classmethod
    def from_api(cls, fields: Fields) -> SecurityGroup:
        """Read a record of DescribeSecurityGroups."""
        return cls(
            id=fields.resource_id("SecurityGroupId"),
            name=fields.text("SecurityGroupName"),
            created=fields.text("CreationTime"),
        )


class SecurityGroups:
    """Security groups of the account."""

    def __init__(self, client: Client, resource_group_id: str) -> None:
        self._client = client
        self._resource_group_id = resource_group_id

    def ours(self, region: str) -> Iterator[SecurityGroup]:
        """Yield the security groups of a region that the CPI created."""
        key, value = MARK
        request = DescribeSecurityGroupsRequest()
        request.set_Tags([{"Key": key, "Value": value}])
        for fields in paginate(self._client, request, region, *_PATH):
            yield SecurityGroup.from_api(fields)

    def create(self, region: str, vpc_id: str, name: str, tags: Mapping[str, Any]) -> str:
        """Create a group without rules, and return its id."""
        request = CreateSecurityGroupRequest()
        request.set_VpcId(vpc_id)
        request.set_SecurityGroupName(name)
        request.set_ResourceGroupId(self._resource_group_id)
        request.set_Tags(for_creation(tags, reserved=0))
        try:
            response = self._client.send(
                request, region, tokens=ClientTokens(), returns_id="SecurityGroupId"
            )
        except ApiError as error:
            if error.effect_unknown:
                error.append(f"A security group named '{name}' may have been created")
            raise
        return response.resource_id("SecurityGroupId")

    def delete(self, region: str, group_id: str) -> None:
        """Delete the group; one that is gone already is a success.

        Interfaces of deleted VMs leave it late, so one that has members is tried again.

        :raises WaitTimeout: it still has members
        """
        request = DeleteSecurityGroupRequest()
        request.set_SecurityGroupId(group_id)
        what = f"security group '{group_id}'"
        delete_when_empty(self._client, request, region, what=what, gone=_GONE)
