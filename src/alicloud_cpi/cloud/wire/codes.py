"""What the cloud's error codes mean for a caller: come back later, or do not.

Source: the API reference's error tables (codes, HTTP statuses and what public clients repeat).
Matching is by code, never by message text or HTTP status: one code has several statuses.
"""

from __future__ import annotations

# Nothing was done, and nothing is wrong: something else is still going on with the same resource.
BUSY = frozenset(
    {
        "DISK_HAS_CREATING_SNAPSHOT",
        "DependencyViolation.RouteEntry",
        "DependencyViolation.SLBConfiguring",
        "DiskCreatingSnapshot",
        "DiskError",
        "DiskId.StatusNotSupported",
        "DisksDetachingOnEcsExceeded",
        "Forbidden.InstanceIsBeingCreated",
        "Idempotence.Processing",
        "IdempotenceProcessing",
        "IdempotentProcessing",
        "ImageIsImporting",
        "IncorrectDiskStatus",
        "IncorrectDiskStatus.CreatingSnapshot",
        "IncorrectDiskStatus.Initializing",
        "IncorrectDiskStatus.Transferring",
        "IncorrectEipStatus",
        "IncorrectInstanceStatus",
        "IncorrectInstanceStatus.Initializing",
        "IncorrectRouteEntryStatus",
        "IncorrectStatus",
        "IncorrectStatus.Eni",
        "IncorrectStatus.NatGateway",
        "IncorrectStatus.ServerGroup",
        "IncorrectStatus.cbnStatus",
        "IncorrectVSwitchStatus",
        "IncorrectVolumeStatus",
        "IncorrectVpcStatus",
        "InstanceNotReady",
        "InvalidAction.Denied",
        "InvalidBindingStatus",
        "InvalidIPAddress.AlreadyUsed",
        "InvalidIp.IpAssigned",
        "InvalidOperation.Conflict",
        "InvalidOperation.InvalidEcsState",
        "InvalidOperation.InvalidEniState",
        "InvalidOperation.RelatedSnapshotNotFinished",
        "InvalidPrivateIpAddress.Duplicated",
        "InvalidSnapshot.NotReady",
        "InvalidSnapshotId.NotReady",
        "InvalidStatus.DiskNotReady",
        "InvalidStatus.EcsStatusNotSupport",
        "InvalidStatus.EniOrInstanceIsBeingCreated",
        "InvalidStatus.EniStatusNotSupport",
        "InvalidStatus.RouteEntry",
        "InvalidStatus.SnatOrDnat",
        "InvalidStatus.Upgrading",
        "LastOrderProcessing",
        "LastRequestProcessing",
        "LastTokenProcessing",
        "LocationServiceTimeout",
        "Operation.Conflict",
        "OperationConflict",
        "OperationDenied.CreatingConflict",
        "OperationDenied.HostRepairing",
        "OperationDenied.ImageCopying",
        "OperationDenied.OtherSubnetCreating",
        "OperationDenied.OtherSubnetProcessing",
        "OperationFailed.DistibuteLock",
        "OperationFailed.EcsMigrating",
        "OperationFailed.IdempotentTokenProcessing",
        "OperationFailed.NotifyCenCreate",
        "OperationFailed.ResourceIsConfiguring",
        "OperationFailed.SystemBusy",
        "ResourceInConfiguring",
        "ResourceInConfiguring.BackendServer",
        "TaskConflict",
    }
)

# The address of a VM that was just deleted stays taken for a while.
ADDRESS_IN_USE = frozenset(
    {"InvalidIPAddress.AlreadyUsed", "InvalidIp.IpAssigned", "InvalidPrivateIpAddress.Duplicated"}
)

# The request was not judged at all: signed anew it can succeed.
STALE_SIGNATURE = frozenset({"SignatureNonceUsed", "InvalidTimeStamp.Expired"})

# The cloud's own trouble: the request may or may not have been carried out.
_SERVER_TROUBLE = ("InternalError", "UnknownError", "ServiceUnavailable", "RequestTimeout")

# Temporary keys have died since they were fetched (an expired STS key id is not found any more).
EXPIRED_KEYS = frozenset({"InvalidSecurityToken.Expired", "InvalidAccessKeyId.NotFound"})

# One change of a load balancer or of its groups at a time: parallel deploys queue up here.
LOCKED = frozenset(
    {
        "BackendServer.configuring",
        "BackendServerProcessing",
        "Conflict.Lock",
        "IncorrectStatus.RSByPassToas",
        "IncorrectStatus.serverGroup",
        "OperationBusy",
        "OperationFailed.ServiceGroupProcessing",
        "ServiceIsConfiguring",
        "ServiceIsStopping",
        "SystemBusy",
        "VServerGroupProcessing",
        "VpcSystemBusy",
    }
)

_SERVER_ERROR, _NEVER_OFFERED = 500, 501

# The last one is our own name for an answer without a code, such as a proxy's or gateway's page.
_OTHER_THROTTLING = frozenset({"Rejected.Throttling", "HTTP 429"})

_NO_STOCK = frozenset({"OperationDenied.NoStock", "Zone.NotOnSale", "ResourceNotAvailable"})


def is_throttling(code: str) -> bool:
    """Whether the code says that calls come too fast; the request was not carried out."""
    return code.startswith("Throttling") or code in _OTHER_THROTTLING


def is_refusal(code: str) -> bool:
    """Whether the cloud surely did nothing and a later repeat can succeed."""
    return is_throttling(code) or code in BUSY or code in LOCKED or code in STALE_SIGNATURE


def is_trouble(code: str, status: int) -> bool:
    """Whether the cloud failed in a way that leaves open if the request was carried out."""
    return (status >= _SERVER_ERROR and status != _NEVER_OFFERED) or any(
        code == word or code.startswith(f"{word}.") or code.endswith(f".{word}")
        for word in _SERVER_TROUBLE
    )


def is_out_of_stock(code: str) -> bool:
    """Whether the zone has no such instance at the moment."""
    return code in _NO_STOCK
