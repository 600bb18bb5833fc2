"""Where a service answers for a region: as configured, else as the SDK's own tables say."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from aliyunsdkcore.endpoint.endpoint_resolver_rules import EndpointResolverRules
from aliyunsdkcore.endpoint.resolver_endpoint_request import ResolveEndpointRequest

from alicloud_cpi.config import Config
from alicloud_cpi.endpoint import Endpoint

_HTTPS = 443


class Endpoints:
    """The endpoints of one account's regions."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def _rules(self) -> EndpointResolverRules:
        return EndpointResolverRules()

    def knows(self, request: Any, region: str) -> bool:
        """Whether an endpoint is configured for a request object, or the SDK has the region."""
        return request.get_product().lower() in self._config.endpoints or is_known(region)

    def of(self, request: Any, region: str) -> Endpoint:
        """Return where to send an SDK request object for a region.

        A configured endpoint is the home region's. For another region its host is used with that
        region's name in place of the home region's; a host that names no region serves them all.
        """
        configured = self._config.endpoints.get(request.get_product().lower())
        if configured is not None:
            return replace(configured, host=configured.host.replace(self._config.region, region))
        query = ResolveEndpointRequest(region, request.get_product(), "", "")
        query.endpoint_map = request.endpoint_map
        query.endpoint_regional = request.endpoint_regional
        # The SDK resolves no region whose name begins unlike those it knows, such as na-south-1.
        host = self._rules.resolve(query) or f"{query.product_code_lower}.{region}.aliyuncs.com"
        return Endpoint(host, _HTTPS)


def is_known(region: str) -> bool:
    """Whether the SDK's tables have a region; new ones may be missing."""
    # Loaded for an error message only.
    from aliyunsdkcore.endpoint.local_config_regional_endpoint_resolver import (
        LocalConfigRegionalEndpointResolver,
    )
    from aliyunsdkecs.endpoint import endpoint_data

    listed = LocalConfigRegionalEndpointResolver().get_valid_region_ids_by_product("ecs")
    return region in listed or region in endpoint_data.getEndpointMap()
