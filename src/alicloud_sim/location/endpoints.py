"""DescribeEndpoints and DescribeEndpoint: where the services of a region are.

Host names as the reference has them (actions.json, endpoints). With the world's setting
"location.endpoint" ("127.0.0.1:8443") every service of a region is there instead, so that
clients which ask for their endpoints stay with the simulator. Codes and texts of refusals
are those aliyun-python-sdk-core compares (semantics.md section 1). Not in the reference: the
type is openAPI when none is given, innerAPI knows only OSS, others nothing, and the single
answer is refused like an unknown service when there is no endpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .service import location

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

OPEN = "openAPI"
INNER = "innerAPI"
USUAL = "{service}.{region}.aliyuncs.com"
HOSTS = dict.fromkeys(("ecs", "slb", "vpc", "nlb", "alb", "sts"), USUAL)
HOSTS["oss"] = "oss-{region}.aliyuncs.com"
INNER_HOSTS = {"oss": "oss-{region}-internal.aliyuncs.com"}
EXCEPTIONS = {
    ("ecs", "cn-hangzhou"): "ecs-cn-hangzhou.aliyuncs.com",
    ("vpc", "cn-hangzhou"): "vpc.aliyuncs.com",
    ("slb", "cn-hangzhou"): "slb.aliyuncs.com",
    ("slb", "cn-beijing"): "slb.aliyuncs.com",
}


def _host(ctx: Ctx, region: str, service: str, kind: str) -> str | None:
    """Find where a service of a region is.

    :raises ApiError: no such region, or no such service
    """
    if region not in ctx.world.regions:
        raise ctx.error("InvalidRegionId", message="The specified region does not exist.")
    if service not in HOSTS:
        raise ctx.error("Illegal Parameter", message="Please check the parameters")
    table = {OPEN: HOSTS, INNER: INNER_HOSTS}.get(kind, {})
    if service not in table:
        return None
    own = ctx.world.settings.get("location.endpoint")
    if own:
        return str(own)
    usual = table[service].format(service=service, region=region)
    return EXCEPTIONS.get((service, region), usual) if kind == OPEN else usual


def _endpoint(region: str, service: str, kind: str, host: str) -> dict[str, Any]:
    """Write one endpoint; the misspelt name is the real one."""
    return {
        "Id": region,
        "SerivceCode": service,
        "Type": kind,
        "Namespace": "",
        "Endpoint": host,
        "Protocols": {"Protocols": ["HTTP", "HTTPS"]},
    }


@location.action("DescribeEndpoints", params="Id ServiceCode Type")
def describe_endpoints(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List the endpoints of a service in a region: one or none."""
    region, service, kind = p.text("Id"), p.text("ServiceCode").lower(), p.text("Type", OPEN)
    host = _host(ctx, region, service, kind)
    found = [_endpoint(region, service, kind, host)] if host else []
    return {"Success": True, "Endpoints": {"Endpoint": found}}


@location.action("DescribeEndpoint", params="Id ServiceCode")
def describe_endpoint(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell the endpoint of a service in a region."""
    region, service = p.text("Id"), p.text("ServiceCode").lower()
    host = _host(ctx, region, service, OPEN)
    if host is None:
        raise ctx.error("Illegal Parameter", message="Please check the parameters")
    return _endpoint(region, service, OPEN, host)
