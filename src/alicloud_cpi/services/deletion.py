"""Deletes a resource that the cloud deletes only when it is empty."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from alicloud_cpi.aliyun.client import Client
from alicloud_cpi.aliyun.errors import ApiError
from alicloud_cpi.aliyun.waiter import wait_for

_DEPENDENCY = "DependencyViolation"
_DELETED = "deleted"

# Seconds.
DELETE_TIMEOUT = 300.0


def delete_when_empty(
    client: Client, request: Any, region: str, *, what: str, gone: Collection[str]
) -> None:
    """Request a deletion until the cloud accepts it.

    Interfaces of deleted VMs vanish late, so a resource that is not empty yet is tried again.

    :param what: the resource with its id, for the log and the error
    :param gone: error codes which mean that it is deleted already
    :raises WaitTimeout: something still depends on it
    """

    def send() -> str:
        """Send the request once; returns what keeps the resource, or that it is deleted."""
        try:
            client.send(request, region, idempotent=True, ignore_codes=gone)
        except ApiError as error:
            if error.code.partition(".")[0] != _DEPENDENCY:
                raise
            return error.code
        return _DELETED

    wait_for(
        f"{what} to be empty and deleted",
        send,
        lambda state: state == _DELETED,
        state=str,
        timeout=DELETE_TIMEOUT,
        clock=client.clock,
    )
