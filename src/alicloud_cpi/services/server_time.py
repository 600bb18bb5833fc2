"""The cloud's clock, for the tools: requests that are signed by a wrong one are refused."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest

from alicloud_cpi.aliyun.endpoints import Endpoints
from alicloud_cpi.aliyun.transport import Transport, TransportError

_TIMEOUT = 20.0


def server_time(transport: Transport, endpoints: Endpoints, region: str) -> float:
    """Return the seconds since 1970 that the endpoint of ECS states in any response.

    :raises TransportError: it cannot be reached, or states no time
    """
    endpoint = endpoints.of(DescribeInstancesRequest(), region)
    response = transport.request(endpoint, "GET", "/", {}, b"", _TIMEOUT)
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        raise TransportError("the response has no date") from None
