"""Where OSS answers: as configured, else the region's internal or public endpoint.

The internal endpoint can be reached from instances of its region only. It costs nothing, and
accounts that are new to OSS cannot use a public endpoint of mainland China for objects
(real-cloud.md, "PublicEndpointForbidden").
"""

from __future__ import annotations

import logging

from alicloud_cpi.aliyun.instance_metadata import ADDRESS, InstanceMetadata
from alicloud_cpi.clock import Clock
from alicloud_cpi.config import ECS_RAM_ROLE, Config
from alicloud_cpi.endpoint import Endpoint

logger = logging.getLogger(__name__)

_HTTPS = 443


def oss_endpoint(config: Config, clock: Clock) -> Endpoint:
    """Return the endpoint for the call's region.

    :raises CloudError: the metadata service, which tells where the CPI runs, cannot be reached
    """
    configured = config.endpoints.get("oss")
    if configured is not None:
        return configured
    host = f"oss-{config.region}.aliyuncs.com"
    # Only then it is certain that the CPI runs on an instance, whose metadata service answers.
    if config.credentials.source == ECS_RAM_ROLE and _own_region(config, clock) == config.region:
        host = internal_host(config.region)
        logger.info("OSS is reached through %s, the internal endpoint of this region", host)
    return Endpoint(host, _HTTPS)


def internal_host(region: str) -> str:
    """Return the host of a region's internal endpoint."""
    return f"oss-{region}-internal.aliyuncs.com"


def _own_region(config: Config, clock: Clock) -> str:
    """Return the region of the instance that the CPI runs on; empty if that is not known."""
    metadata = InstanceMetadata(config.endpoints.get("metadata", ADDRESS), clock)
    return (metadata.get("region-id") or "").strip()
