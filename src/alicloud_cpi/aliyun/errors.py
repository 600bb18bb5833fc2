"""ApiError, and what the cloud's error codes mean: retry later, or do not.

Source of the codes: the API reference's error tables (errors.json, real-cloud.md). A decision is
made by code, never by message text, and by HTTP status only where there is no known code: one code
has several statuses.
"""

from __future__ import annotations

from collections.abc import Mapping

from alicloud_cpi.errors import CloudError


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Codes of our own, for requests without an error code of the cloud.
UNREACHABLE = "Unreachable"  # nothing was sent
LOST_RESPONSE = "LostResponse"  # sent; no complete, well-formed response came back
MALFORMED = "MalformedResponse"  # a response without a member that it must have, or of another type

# The resource is busy with an earlier operation; the request had no effect.
BUSY = _words(
    """
    DISK_HAS_CREATING_SNAPSHOT DependencyViolation.RouteEntry DependencyViolation.SLBConfiguring
    DiskCreatingSnapshot DiskError DiskId.StatusNotSupported DisksDetachingOnEcsExceeded
    Forbidden.InstanceIsBeingCreated ImageIsImporting IncorrectDiskStatus
    IncorrectDiskStatus.CreatingSnapshot IncorrectDiskStatus.Initializing
    IncorrectDiskStatus.Transferring IncorrectEipStatus IncorrectInstanceStatus
    IncorrectInstanceStatus.Initializing IncorrectRouteEntryStatus IncorrectStatus
    IncorrectStatus.Eni IncorrectStatus.NatGateway IncorrectStatus.ServerGroup
    IncorrectStatus.cbnStatus IncorrectVSwitchStatus IncorrectVolumeStatus IncorrectVpcStatus
    InstanceNotReady InvalidAction.Denied InvalidBindingStatus InvalidEniState
    InvalidOperation.Conflict InvalidOperation.InvalidEcsState InvalidOperation.InvalidEniState
    InvalidOperation.RelatedSnapshotNotFinished InvalidSnapshot.NotReady
    InvalidSnapshotId.NotReady InvalidStatus.DiskNotReady InvalidStatus.EcsStatusNotSupport
    InvalidStatus.EniOrInstanceIsBeingCreated InvalidStatus.EniStatusNotSupport
    InvalidStatus.RouteEntry InvalidStatus.SnatOrDnat InvalidStatus.Upgrading
    LastOrderProcessing LastRequestProcessing LocationServiceTimeout Operation.Conflict
    OperationConflict OperationDenied.CreatingConflict OperationDenied.HostRepairing
    OperationDenied.ImageCopying OperationDenied.OtherSubnetCreating
    OperationDenied.OtherSubnetProcessing OperationFailed.DistibuteLock
    OperationFailed.EcsMigrating OperationFailed.NotifyCenCreate
    OperationFailed.ResourceIsConfiguring OperationFailed.SystemBusy ResourceInConfiguring
    ResourceInConfiguring.BackendServer TaskConflict
    """
)

# A load balancer takes one change at a time, so parallel deployments queue up.
LOCKED = _words(
    """
    BackendServer.configuring BackendServerProcessing Conflict.Lock IncorrectStatus.RSByPassToas
    IncorrectStatus.serverGroup OperationBusy OperationFailed.ServiceGroupProcessing
    ServiceIsConfiguring ServiceIsStopping SystemBusy VServerGroupProcessing VpcSystemBusy
    """
)

# The private address, or the prefix, of a VM that was just deleted stays taken for a while.
ADDRESS_IN_USE = frozenset(
    {
        "InvalidIPAddress.AlreadyUsed",
        "InvalidIp.IpAssigned",
        "InvalidIp.IpPrefixNotAvailable",
        "InvalidPrivateIpAddress.Duplicated",
    }
)

# The first request with this ClientToken is still running: its outcome is unknown.
TOKEN_PROCESSING = _words(
    """
    Idempotence.Processing IdempotenceProcessing IdempotentProcessing LastTokenProcessing
    OperationFailed.IdempotentTokenProcessing OperationFailed.LastTokenProcessing
    """
)

# The ClientToken was used by a request that was refused, or by one with other parameters.
IDEMPOTENT_FAILED = "IdempotentFailed"
PARAMETER_MISMATCH = frozenset(
    {"IdempotentParameterMismatch", "IdempotenceParamNotMatch", "IdempotenceSignatureMismatch"}
)
TOKEN_SPENT = frozenset({IDEMPOTENT_FAILED, *PARAMETER_MISMATCH})

# The request was not processed: signed again, it can succeed.
STALE_SIGNATURE = frozenset(
    {"SignatureNonceUsed", "InvalidTimeStamp.Expired", "RequestTimeTooSkewed"}
)

# The STS credentials expired (an expired STS key id is no longer found).
EXPIRED_CREDENTIALS = frozenset({"InvalidSecurityToken.Expired", "InvalidAccessKeyId.NotFound"})

# What has to be corrected: a region or a zone that does not exist, a quota that is used up.
_CHECK_REGION = "alicloud.region or alicloud.cross_regions must be ids of regions"
_RESERVE = (
    "A prefix must be in a reserved CIDR block of the vSwitch: add one in the VPC console "
    "(CreateVSwitchCidrReservation)"
)
_ADVICE = {
    "InvalidZoneId.NotFound": (
        "cloud_properties.availability_zone or alicloud.availability_zone must be a zone of this "
        "region"
    ),
    "InvalidRegionId.NotFound": _CHECK_REGION,
    "InvalidRegion.NotFound": _CHECK_REGION,
    "InvalidRegionId": _CHECK_REGION,
    "InvalidIp.IpPrefixMustInReserveSegment": _RESERVE,
    "InvalidOperation.VSwitchCidrReservationNotExist": _RESERVE,
    "QuotaExceed.DeploymentSetInstanceQuotaFull": (
        "The deployment set has as many VMs in this zone as it may: use another one, or none "
        "(anti_affinity none), or raise the quota"
    ),
    "InvalidOperation.DeletionProtection": (
        "Turn off the deletion protection of the instance, then repeat"
    ),
    "DEPLOYMENTSET.QUOTA_FULL": (
        "The account has as many deployment sets in this region as it may: delete unused ones, or "
        "raise the quota"
    ),
}

_NO_STOCK = frozenset({"OperationDenied.NoStock", "Zone.NotOnSale", "ResourceNotAvailable"})

# This instance type cannot be had here, now or in this way of payment; another may.
NO_CAPACITY = _NO_STOCK | frozenset(
    _words(
        """
        InstanceType.Offline Invalid.PrivatePoolOptions.NoStock
        InvalidInstanceType.ValueNotSupported InvalidInstanceType.ZoneNotSupported
        InvalidResourceType.NotSupported
        InvalidSpotPriceLimit.LowerThanPublicPrice LackResource NoAvaliableDedicatedHost
        OperationDenied.PaygNotAvailable QuotaExceed.ElasticQuota SpotNotSupported
        """
    )
)

# The vSwitch has no free address; another may.
NO_ADDRESSES = frozenset({"InvalidVSwitchId.IpNotEnough", "QuotaExceeded.PrivateIpAddress"})

# The zone does not have the category of a disk; it has others.
CATEGORY_NOT_SOLD = frozenset(
    _words(
        """
        InvalidDataDiskCategory.NotSupported InvalidDataDiskCategory.ValueNotSupported
        InvalidDiskCategory.NotSupported InvalidDiskCategory.ValueNotSupported
        InvalidZoneId.DiskCategoryUnsupported
        """
    )
)

# ``HTTP 429`` is our own name for a response without a code, such as a gateway's page.
_OTHER_THROTTLING = frozenset({"Rejected.Throttling", "HTTP 429"})

# Failures of the cloud itself: the request may or may not have had its effect.
_SERVER_ERRORS = ("InternalError", "UnknownError", "ServiceUnavailable", "RequestTimeout")

_SERVER_ERROR, _NOT_IMPLEMENTED = 500, 501

# SignatureDoesNotMatch messages include the string to sign, that is, all parameters.
_REVEALING = ("SignatureDoesNotMatch", "IncompleteSignature")

_MAX_MESSAGE = 400
_MAX_WORD = 128

# Parameters that a message may show: ids, and names of kinds of resources.
_SHOWN = _words(
    """
    InstanceId InstanceIds DiskId DiskIds SnapshotId SnapshotIds ImageId ImageName
    DestinationImageName NetworkInterfaceId SecurityGroupId SecurityGroupIds VSwitchId
    AllocationId EipAddress AssociatedInstanceId LoadBalancerId VServerGroupId ServerGroupId
    ServerIds JobId JobIds TaskId
    ResourceId ResourceIds InstanceType InstanceTypes ZoneId KeyPairName RamRoleName
    PrivateIpAddress VpcId CidrBlock DeploymentSetId DeploymentSetIds DeploymentSetName
    DedicatedHostId diskIds autoSnapshotPolicyId
    """
)


class ApiError(CloudError):
    """The cloud refused a request, or no usable response came.

    ``code`` is the cloud's own, or ``Unreachable``, ``LostResponse``, ``MalformedResponse`` or
    ``HTTP <status>``.
    ``ok_to_retry`` is true where a repetition of the whole CPI call can succeed.
    """

    def __init__(  # noqa: PLR0913 - the parts of an API error
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
        permanent: bool = False,
        unknown_region: bool = False,
    ) -> None:
        """Make an error.

        :param subject: the resources, as ``describe_subject`` words them
        :param text: the message, already redacted
        :param retry_after: seconds that the cloud asks to wait
        :param permanent: for ``Unreachable``: the next connection would fail likewise
        :param unknown_region: for ``Unreachable``: the SDK does not know the region either
        """
        self.action = action
        self.text = text
        self.code = code[:_MAX_WORD]
        self.status = status
        self.request_id = request_id[:_MAX_WORD]
        self.retry_after = retry_after
        self.permanent = permanent
        if code.startswith(_REVEALING):
            text = "the access key's secret is not the one that belongs to its id"
        request = f"RequestId {self.request_id}, " if request_id else ""
        advice = _CHECK_REGION if unknown_region else _ADVICE.get(code, "")
        super().__init__(
            f"{action}{subject} failed: {self.code}: {text[:_MAX_MESSAGE].rstrip('. ')} "
            f"({request}region {region}){'. ' if advice else ''}{advice}",
            ok_to_retry=self.is_retryable or code in _NO_STOCK,
        )

    @property
    def is_throttling(self) -> bool:
        """Requests come too fast; this one was not processed."""
        return self.code.startswith("Throttling") or self.code in _OTHER_THROTTLING

    @property
    def is_refusal(self) -> bool:
        """The request had no effect, and the same request can succeed later."""
        return (
            self.is_throttling
            or self.code in BUSY
            or self.code in LOCKED
            or self.code in ADDRESS_IN_USE
            or self.code in TOKEN_PROCESSING
            or self.code in STALE_SIGNATURE
        )

    @property
    def spends_token(self) -> bool:
        """The cloud judged the request and refused it: its ClientToken cannot be used again."""
        if self.is_throttling or self.code in TOKEN_PROCESSING or self.code in STALE_SIGNATURE:
            return False
        return self.code != UNREACHABLE and not self.effect_unknown

    @property
    def effect_unknown(self) -> bool:
        """The request may have had its effect."""
        # Refusals come with any status: throttling with 400, 403, 429 and 503.
        return not self.is_refusal and (self.code == LOST_RESPONSE or self._is_server_error)

    @property
    def is_retryable(self) -> bool:
        """The same request can succeed later."""
        if self.code == UNREACHABLE:
            return not self.permanent
        return self.is_refusal or self.effect_unknown

    @property
    def _is_server_error(self) -> bool:
        by_status = self.status >= _SERVER_ERROR and self.status != _NOT_IMPLEMENTED
        return by_status or any(
            self.code == name or self.code.startswith(f"{name}.") or self.code.endswith(f".{name}")
            for name in _SERVER_ERRORS
        )


def describe_subject(parameters: Mapping[str, str]) -> str:
    """Return the resources that a request is about, to follow the action in a message.

    Of a list, such as ``ResourceId.N``, the first one.
    """
    values = {name: parameters.get(name) or parameters.get(f"{name}.1") for name in _SHOWN}
    shown = [f"{name} {str(value)[:200]}" for name, value in values.items() if value]
    return f" of {', '.join(shown)}" if shown else ""
