"""Attributes of instances, which change at once: name, security groups, deletion protection."""

from __future__ import annotations

from collections.abc import Sequence

from aliyunsdkecs.request.v20140526.ModifyInstanceAttributeRequest import (
    ModifyInstanceAttributeRequest,
)

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.errors import CloudError
from alicloud_cpi.services.instance import RETURNED_AGAIN, Instance

_NOT_FOUND = "InvalidInstanceId.NotFound"


class InstanceAttributes:
    """Changes attributes of instances."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def rename(self, region: str, instance_id: str, name: str) -> bool:
        """Give the instance a name; returns whether the region has it."""
        request = ModifyInstanceAttributeRequest()
        request.set_InstanceId(instance_id)
        request.set_InstanceName(name)
        try:
            self._client.send(request, region, idempotent=True)
        except ApiError as error:
            if error.code != _NOT_FOUND:
                raise
            return False
        return True

    def mark_returned_again(self, vm: Instance) -> None:
        """Protect an instance that another call started and this one returns, and describe it so.

        Both in one request: the cloud decides whether it or a deletion by the other call is first.

        :raises CloudError: the other call has deleted it
        """
        if vm.is_returned_again:
            return
        request = ModifyInstanceAttributeRequest()
        request.set_InstanceId(vm.id)
        request.set_Description(vm.description + RETURNED_AGAIN)
        if vm.may_be_protected:
            request.set_DeletionProtection(True)
        try:
            self._client.send(request, vm.region, idempotent=True)
        except ApiError as error:
            if error.code != _NOT_FOUND:
                raise
            raise CloudError(
                f"VM '{vm.id}' was deleted by the call that started it", ok_to_retry=True
            ) from error

    def protect(self, region: str, instance_id: str, *, on: bool) -> None:
        """Turn the deletion protection of an instance on or off; one that is gone has none."""
        request = ModifyInstanceAttributeRequest()
        request.set_InstanceId(instance_id)
        request.set_DeletionProtection(on)
        self._client.send(request, region, idempotent=True, ignore_codes=(_NOT_FOUND,))

    def set_security_groups(self, vm: Instance, group_ids: Sequence[str]) -> None:
        """Make the instance a member of exactly these security groups."""
        request = ModifyInstanceAttributeRequest()
        request.set_InstanceId(vm.id)
        request.set_SecurityGroupIdss(list(group_ids))
        self._client.send(request, vm.region, idempotent=True)
