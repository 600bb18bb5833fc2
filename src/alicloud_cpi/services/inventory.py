"""Which of the resources that operators name exist: for the tools, no call of the CPI asks that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aliyunsdkalb.request.v20200616.ListServerGroupsRequest import (
    ListServerGroupsRequest as ListAlbServerGroupsRequest,
)
from aliyunsdkecs.request.v20140526.CopyImageRequest import CopyImageRequest
from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest
from aliyunsdkecs.request.v20140526.DescribeAccountAttributesRequest import (
    DescribeAccountAttributesRequest,
)
from aliyunsdkecs.request.v20140526.DescribeAutoSnapshotPolicyExRequest import (
    DescribeAutoSnapshotPolicyExRequest,
)
from aliyunsdkecs.request.v20140526.DescribeKeyPairsRequest import DescribeKeyPairsRequest
from aliyunsdkecs.request.v20140526.DescribeSecurityGroupsRequest import (
    DescribeSecurityGroupsRequest,
)
from aliyunsdknlb.request.v20220430.ListServerGroupsRequest import (
    ListServerGroupsRequest as ListNlbServerGroupsRequest,
)
from aliyunsdkslb.request.v20140515.DescribeLoadBalancerAttributeRequest import (
    DescribeLoadBalancerAttributeRequest,
)
from aliyunsdkslb.request.v20140515.DescribeVServerGroupAttributeRequest import (
    DescribeVServerGroupAttributeRequest,
)
from aliyunsdksts.request.v20150401.GetCallerIdentityRequest import GetCallerIdentityRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.pagination import json_ids
from alicloud_cpi.errors import CloudError

# Most ids of a list request.
_MOST_GROUPS = 20
_MOST_SECURITY_GROUPS = 100

# What SLB answers for a load balancer and a vServer group that do not exist.
_MISSING = ("InvalidLoadBalancerId.NotFound", "InvalidParameter")

_NUMBER = re.compile("[0-9]{1,18}")
_DRY_RUN_PASSED = "DryRunOperation"


class Inventory:
    """Looks for resources of the account by their ids; returns those that there are."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def caller(self, region: str) -> str:
        """Return the ARN of the identity that the credentials are of."""
        return self._client.send(GetCallerIdentityRequest(), region).text("Arn")

    def security_groups(self, region: str, ids: list[str]) -> set[str]:
        """Return the ids of security groups that exist."""
        found: set[str] = set()
        for part in _parts(ids, _MOST_SECURITY_GROUPS):
            request = DescribeSecurityGroupsRequest()
            request.set_SecurityGroupIds(json_ids(*part))
            request.set_MaxResults(_MOST_SECURITY_GROUPS)
            path = ("SecurityGroups", "SecurityGroup")
            response = self._client.send(request, region, expect=path)
            found |= {one.text("SecurityGroupId") for one in response.records(*path)}
        return found

    def key_pairs(self, region: str, names: list[str]) -> set[str]:
        """Return the names of key pairs that exist."""
        found = set()
        path = ("KeyPairs", "KeyPair")
        for name in names:
            request = DescribeKeyPairsRequest()
            request.set_KeyPairName(name)
            response = self._client.send(request, region, expect=path)
            if any(one.text("KeyPairName") == name for one in response.records(*path)):
                found.add(name)
        return found

    def snapshot_policies(self, region: str, ids: list[str]) -> set[str]:
        """Return the ids of automatic snapshot policies that exist."""
        found = set()
        path = ("AutoSnapshotPolicies", "AutoSnapshotPolicy")
        for one in ids:
            request = DescribeAutoSnapshotPolicyExRequest()
            request.set_AutoSnapshotPolicyId(one)
            response = self._client.send(request, region, expect=path)
            if response.record_of("AutoSnapshotPolicyId", one, *path):
                found.add(one)
        return found

    def quotas(self, region: str, names: list[str]) -> dict[str, int]:
        """Return the account's quotas and usage figures of these names, where it has them."""
        request = DescribeAccountAttributesRequest()
        request.set_AttributeNames(names)
        path = ("AccountAttributeItems", "AccountAttributeItem")
        found = {}
        for item in self._client.send(request, region, expect=path).records(*path):
            values = item.fields("AttributeValues").records("ValueItem")
            if values and _NUMBER.fullmatch(values[0].text("Value")):
                found[item.text("AttributeName")] = int(values[0].text("Value"))
        return found

    def nlb_groups(self, region: str, ids: list[str]) -> set[str]:
        """Return the ids of server groups of network load balancers that exist."""
        found: set[str] = set()
        for part in _parts(ids, _MOST_GROUPS):
            request = ListNlbServerGroupsRequest()
            request.set_ServerGroupIdss(part)
            found |= self._groups(request, region)
        return found

    def alb_groups(self, region: str, ids: list[str]) -> set[str]:
        """Return the ids of server groups of application load balancers that exist."""
        found: set[str] = set()
        for part in _parts(ids, _MOST_GROUPS):
            request = ListAlbServerGroupsRequest()
            request.set_ServerGroupIds(part)
            found |= self._groups(request, region)
        return found

    def load_balancers(self, region: str, ids: list[str]) -> set[str]:
        """Return the ids of classic load balancers that exist."""
        found = set()
        for one in ids:
            request = DescribeLoadBalancerAttributeRequest()
            request.set_LoadBalancerId(one)
            if self._exists(request, region):
                found.add(one)
        return found

    def vserver_groups(self, region: str, ids: list[str]) -> set[str]:
        """Return the ids of vServer groups that exist."""
        found = set()
        for one in ids:
            request = DescribeVServerGroupAttributeRequest()
            request.set_VServerGroupId(one)
            if self._exists(request, region):
                found.add(one)
        return found

    def refusal(self, request: CreateInstanceRequest, region: str) -> str:
        """Return why the cloud would refuse to create an instance; empty if it would not."""
        error = self._dry_run(request, region)
        return error.message if error else ""

    def copy_refusal(
        self, region: str, image_id: str, *, kms_key_id: str = "", resource_group_id: str = ""
    ) -> ApiError | None:
        """Return why the cloud would refuse an encrypted copy of an image, if it would.

        The CPI has no permission to list keys or resource groups.
        """
        request = CopyImageRequest()
        request.set_ImageId(image_id)
        request.set_DestinationRegionId(region)
        request.set_DestinationImageName("bosh-validate")
        request.set_Encrypted(True)
        request.set_KMSKeyId(kms_key_id)
        request.set_ResourceGroupId(resource_group_id)
        return self._dry_run(request, region)

    def _dry_run(self, request: Any, region: str) -> ApiError | None:
        """With DryRun the cloud checks everything and creates nothing."""
        request.set_DryRun(True)
        try:
            self._client.send(request, region, idempotent=True)
        except ApiError as error:
            if error.code == _DRY_RUN_PASSED:
                return None
            if error.is_retryable:
                raise
            return error
        raise CloudError(f"The dry run of {request.get_action_name()} has no result")

    def _groups(self, request: Any, region: str) -> set[str]:
        request.set_MaxResults(_MOST_GROUPS)
        response = self._client.send(request, region, expect=("ServerGroups",))
        return {one.text("ServerGroupId") for one in response.records("ServerGroups")}

    def _exists(self, request: Any, region: str) -> bool:
        try:
            self._client.send(request, region)
        except ApiError as error:
            if error.code in _MISSING:
                return False
            raise
        return True


def _parts(ids: list[str], most: int) -> Iterable[list[str]]:
    return (ids[start : start + most] for start in range(0, len(ids), most))
