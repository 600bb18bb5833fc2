"""What an error code means: come back later, look what happened, or do not."""

from __future__ import annotations

import pytest

from alicloud_cpi.aliyun.errors import ADDRESS_IN_USE, LOST_RESPONSE, UNREACHABLE, ApiError

# Every code that the API reference calls "after-wait", but those that need more than patience.
SOMETHING_ELSE_IS_GOING_ON = [
    "BackendServer.configuring",
    "BackendServerProcessing",
    "Conflict.Lock",
    "DependencyViolation.RouteEntry",
    "DependencyViolation.SLBConfiguring",
    "DiskCreatingSnapshot",
    "DiskError",
    "IdempotenceProcessing",
    "IdempotentProcessing",
    "IncorrectDiskStatus",
    "IncorrectDiskStatus.CreatingSnapshot",
    "IncorrectDiskStatus.Initializing",
    "IncorrectEipStatus",
    "IncorrectInstanceStatus",
    "IncorrectInstanceStatus.Initializing",
    "IncorrectRouteEntryStatus",
    "IncorrectStatus",
    "IncorrectStatus.Eni",
    "IncorrectStatus.RSByPassToas",
    "IncorrectStatus.ServerGroup",
    "IncorrectStatus.serverGroup",
    "IncorrectVSwitchStatus",
    "IncorrectVpcStatus",
    "InstanceNotReady",
    "InvalidAction.Denied",
    "InvalidBindingStatus",
    "InvalidOperation.Conflict",
    "InvalidOperation.InvalidEcsState",
    "InvalidOperation.InvalidEniState",
    "InvalidSnapshotId.NotReady",
    "InvalidStatus.EcsStatusNotSupport",
    "InvalidStatus.EniStatusNotSupport",
    "InvalidStatus.Upgrading",
    "LastOrderProcessing",
    "LastTokenProcessing",
    "LocationServiceTimeout",
    "OperationBusy",
    "OperationConflict",
    "OperationDenied.OtherSubnetCreating",
    "OperationDenied.OtherSubnetProcessing",
    "OperationFailed.DistibuteLock",
    "OperationFailed.EcsMigrating",
    "OperationFailed.IdempotentTokenProcessing",
    "OperationFailed.ResourceIsConfiguring",
    "OperationFailed.ServiceGroupProcessing",
    "OperationFailed.SystemBusy",
    "ResourceInConfiguring",
    "ResourceInConfiguring.BackendServer",
    "ServiceIsConfiguring",
    "ServiceIsStopping",
    "SystemBusy",
    "TaskConflict",
    "VServerGroupProcessing",
    "VpcSystemBusy",
]

# "after-wait" too, but the wait is for something that this request's caller has to do or to see.
NEEDS_MORE_THAN_PATIENCE = [
    "DiskInCoolingPeriod",
    "DiskStillAttached",
    "ImageIsExporting",
    "ImageStatus.NotAvailable",
    "IncorrectImageStatus",
    "LbStatusNotSupport",
    "SnapshotCreatedImage",
]


def failure(code: str, status: int = 400) -> ApiError:
    """Make a failed request."""
    return ApiError(action="A", subject="", region="r", code=code, text="", status=status)


@pytest.mark.parametrize("code", SOMETHING_ELSE_IS_GOING_ON)
@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_a_busy_resource_is_a_refusal_that_passes(code: str, status: int) -> None:
    """Nothing was done, whatever the status: it may be sent again without a look."""
    found = failure(code, status)
    assert found.is_retryable
    assert found.ok_to_retry
    assert not found.effect_unknown


@pytest.mark.parametrize("code", NEEDS_MORE_THAN_PATIENCE)
def test_what_only_somebody_else_can_change_is_not_repeated(code: str) -> None:
    """The service that gets it knows what to wait for."""
    assert not failure(code).is_retryable


@pytest.mark.parametrize(
    "code",
    [
        "OperationDenied",
        "InvalidInstanceId.NotFound",
        "Forbidden",
        "ThrottlingNot"[:9],
        "NoStock",
        "InternalErrors",
        "MyInternalErrorCode",
        "HTTP 404",
        "busy",
        "",
    ],
)
def test_codes_are_compared_whole(code: str) -> None:
    """A code that only resembles another is none of it."""
    assert not failure(code).is_retryable


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_a_server_error_leaves_the_effect_open(status: int) -> None:
    """Also with a code that nobody knows."""
    assert failure("SomethingNew", status).effect_unknown
    assert failure("SomethingNew", status).is_retryable


def test_501_is_a_refusal_for_good() -> None:
    """What is not offered will not be in two minutes."""
    assert not failure("SomethingNew", 501).is_retryable


def test_a_lost_answer_leaves_the_effect_open_and_an_unreachable_endpoint_does_not() -> None:
    """Sent or not: that is the difference."""
    assert failure(LOST_RESPONSE, 0).effect_unknown
    assert failure(LOST_RESPONSE, 0).is_retryable
    assert not failure(UNREACHABLE, 0).effect_unknown
    assert failure(UNREACHABLE, 0).is_retryable


@pytest.mark.parametrize("code", sorted(ADDRESS_IN_USE))
def test_an_address_in_use_passes(code: str) -> None:
    """The VM that had it was just deleted."""
    assert failure(code).is_retryable


@pytest.mark.parametrize("code", ["OperationDenied.NoStock", "Zone.NotOnSale"])
def test_no_stock_is_for_the_caller_to_repeat(code: str) -> None:
    """Not for this call: stock comes back in hours, in another zone or type at once."""
    assert failure(code).ok_to_retry
    assert not failure(code).is_retryable


def test_our_failures_are_nothing_of_the_sdks() -> None:
    """Foreign exceptions are translated at the edge: what leaves is the Director's own type."""
    assert all(kind.__module__.startswith(("alicloud_cpi.", "builtins")) for kind in ApiError.mro())
    assert failure("x").type == "Bosh::Clouds::CloudError"
