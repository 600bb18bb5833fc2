"""Which changes the credentials may make: for ``doctor``, by dry runs with ids that do not exist.

The cloud checks permissions before it looks for a resource. Since no id exists, the requests would
change nothing even without DryRun.
"""

from __future__ import annotations

from typing import Any

from aliyunsdkalb.request.v20200616.AddServersToServerGroupRequest import (
    AddServersToServerGroupRequest as AddServersToAlbGroupRequest,
)
from aliyunsdkalb.request.v20200616.RemoveServersFromServerGroupRequest import (
    RemoveServersFromServerGroupRequest as RemoveServersFromAlbGroupRequest,
)
from aliyunsdkecs.request.v20140526.CopyImageRequest import CopyImageRequest
from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest
from aliyunsdkecs.request.v20140526.DeleteImageRequest import DeleteImageRequest
from aliyunsdkecs.request.v20140526.DeleteInstanceRequest import DeleteInstanceRequest
from aliyunsdkecs.request.v20140526.ImportImageRequest import ImportImageRequest
from aliyunsdkecs.request.v20140526.ModifyDiskSpecRequest import ModifyDiskSpecRequest
from aliyunsdkecs.request.v20140526.ModifyImageAttributeRequest import ModifyImageAttributeRequest
from aliyunsdkecs.request.v20140526.RebootInstanceRequest import RebootInstanceRequest
from aliyunsdkecs.request.v20140526.StartInstanceRequest import StartInstanceRequest
from aliyunsdkecs.request.v20140526.StopInstanceRequest import StopInstanceRequest
from aliyunsdknlb.request.v20220430.AddServersToServerGroupRequest import (
    AddServersToServerGroupRequest as AddServersToNlbGroupRequest,
)
from aliyunsdknlb.request.v20220430.RemoveServersFromServerGroupRequest import (
    RemoveServersFromServerGroupRequest as RemoveServersFromNlbGroupRequest,
)
from aliyunsdkvpc.request.v20160428.DeleteVSwitchRequest import DeleteVSwitchRequest

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError

_DENIED = (
    *("Forbidden", "Forbidden.RAM", "Forbidden.SubUser", "Forbidden.Unauthorized", "Forbbiden"),
    *("Forbidden.NoPermission", "NoPermission"),
)

_VM = {"InstanceId": "i-doctor"}
_IMAGE = {"ImageId": "m-doctor"}
_NEW_VM = {**_IMAGE, "InstanceType": "ecs.g6.large"}
_OBJECT = [{"OSSBucket": "bosh-stemcell-doctor", "OSSObject": "doctor", "Format": "RAW"}]
_SERVERS = [{"ServerId": "i-doctor", "ServerType": "Ecs", "Port": 80}]
_GROUP = {"ServerGroupId": "sgp-doctor", "Servers": _SERVERS}
# The setter of this one parameter has another name in aliyunsdknlb.
_NLB_GROUP = {"ServerGroupId": "sgp-doctor", "Serverss": _SERVERS}

# By RAM's name: the request of an action that takes DryRun, and its parameters.
_TRIALS: dict[str, tuple[Any, dict[str, Any]]] = {
    "ecs:CreateInstance": (CreateInstanceRequest, _NEW_VM),
    "ecs:StartInstance": (StartInstanceRequest, _VM),
    "ecs:StopInstance": (StopInstanceRequest, _VM),
    "ecs:RebootInstance": (RebootInstanceRequest, _VM),
    "ecs:DeleteInstance": (DeleteInstanceRequest, _VM),
    "ecs:ModifyDiskSpec": (ModifyDiskSpecRequest, {"DiskId": "d-doctor"}),
    "ecs:DeleteImage": (DeleteImageRequest, _IMAGE),
    "ecs:ModifyImageAttribute": (ModifyImageAttributeRequest, _IMAGE),
    "ecs:ImportImage": (ImportImageRequest, {"DiskDeviceMappings": _OBJECT}),
    "ecs:CopyImage": (CopyImageRequest, _IMAGE),
    "vpc:DeleteVSwitch": (DeleteVSwitchRequest, {"VSwitchId": "vsw-doctor"}),
    "nlb:AddServersToServerGroup": (AddServersToNlbGroupRequest, _GROUP),
    "nlb:RemoveServersFromServerGroup": (RemoveServersFromNlbGroupRequest, _NLB_GROUP),
    "alb:AddServersToServerGroup": (AddServersToAlbGroupRequest, _GROUP),
    "alb:RemoveServersFromServerGroup": (RemoveServersFromAlbGroupRequest, _GROUP),
}

TESTABLE = frozenset(_TRIALS)


class Permissions:
    """Tries changes of the account's resources."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def may(self, region: str, action: str) -> bool:
        """Whether the credentials allow an action, one of ``TESTABLE``.

        :raises ApiError: the cloud could not be reached
        """
        request_class, parameters = _TRIALS[action]
        request = request_class()
        for name, value in parameters.items():
            getattr(request, f"set_{name}")(value)
        request.set_DryRun(True)
        try:
            self._client.send(request, region, idempotent=True)
        except ApiError as error:
            if error.is_retryable:
                raise
            return error.code not in _DENIED
        return True
