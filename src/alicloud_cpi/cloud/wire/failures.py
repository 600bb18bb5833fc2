"""A failed request to the cloud, in our own terms: nothing of the SDK's or a socket's leaves here.

The message says what was asked of which resource, then code, text, RequestId and region; it never
holds parameters but the ids of resources.
"""

from __future__ import annotations

from alicloud_cpi.cloud.wire import codes
from alicloud_cpi.errors import CloudError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# What may be shown of a request: ids and names, and what names a kind of resource. Of a list,
# such as ResourceId.N, the first one.
_SHOWN = (
    "InstanceId",
    "InstanceIds",
    "DiskId",
    "DiskIds",
    "SnapshotId",
    "SnapshotIds",
    "ImageId",
    "ImageName",
    "DestinationImageName",
    "NetworkInterfaceId",
    "SecurityGroupId",
    "SecurityGroupIds",
    "VSwitchId",
    "AllocationId",
    "EipAddress",
    "LoadBalancerId",
    "VServerGroupId",
    "ServerGroupId",
    "ServerIds",
    "JobId",
    "TaskId",
    "ResourceId",
    "ResourceIds",
    "InstanceType",
    "InstanceTypes",
    "ZoneId",
    "KeyPairName",
    "RamRoleName",
    "PrivateIpAddress",
)

# The cloud answers a wrong signature with the string that was to be signed: every parameter.
_TELLING_CODES = ("SignatureDoesNotMatch", "IncompleteSignature")

_LONGEST_TEXT = 400


class ApiError(CloudError):
    """The cloud refused a request, or its answer never came.

    ``code`` is the cloud's own, or one of ``Unreachable``, ``LostAnswer`` and ``HTTP <status>``
    where the cloud gave none. ``ok_to_retry`` is what a repeat of the whole call could mend.
    """

    def __init__(  # noqa: PLR0913 - what a failure consists of
        self,
        *,
        action: str,
        subject: str,
        region: str,
        code: str,
        text: str,
        status: int = 0,
        request_id: str = "",
        retry_after: float = 0.0,
        lasting: bool = False,
    ) -> None:
        self.action = action
        self.code = code
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.lasting = lasting
        if code.startswith(_TELLING_CODES):
            text = "the access key's secret is not the one that belongs to its id"
        request = f"RequestId {request_id}, " if request_id else ""
        super().__init__(
            f"{action}{subject} failed: {code}: {text[:_LONGEST_TEXT].rstrip('. ')} "
            f"({request}region {region})",
            ok_to_retry=self.passing or codes.is_out_of_stock(code),
        )

    @property
    def throttled(self) -> bool:
        """Calls come too fast."""
        return codes.is_throttling(self.code)

    @property
    def effect_unknown(self) -> bool:
        """The request may have been carried out all the same."""
        if codes.is_refusal(self.code):
            # Whatever its status: throttling comes as 400, 403, 429 and 503.
            return False
        return self.code == LOST_ANSWER or codes.is_trouble(self.code, self.status)

    @property
    def passing(self) -> bool:
        """The same request can succeed later."""
        if self.code == UNREACHABLE:
            return not self.lasting
        return self.effect_unknown or codes.is_refusal(self.code)


UNREACHABLE = "Unreachable"
LOST_ANSWER = "LostAnswer"


def subject(parameters: Mapping[str, str]) -> str:
    """Return the resources a request is about, as they follow the action in a message."""
    values = {name: parameters.get(name) or parameters.get(f"{name}.1") for name in _SHOWN}
    shown = [f"{name} {value[:200]}" for name, value in values.items() if value]
    return f" of {', '.join(shown)}" if shown else ""
