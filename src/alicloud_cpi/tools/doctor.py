"""``alicloud-cpi doctor``: whether this machine, configuration and account have what the CPI needs.

Nothing is changed: permissions to change something are tried by dry runs, where the API has them.
With ``--write`` a bucket of OSS is created and deleted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from alicloud_cpi.aliyun import retry
from alicloud_cpi.aliyun.errors import LOST_RESPONSE, UNREACHABLE, ApiError
from alicloud_cpi.aliyun.proxies import proxy_for
from alicloud_cpi.aliyun.transport import TransportError
from alicloud_cpi.context import CallContext
from alicloud_cpi.endpoint import Endpoint
from alicloud_cpi.errors import CpiFailure
from alicloud_cpi.tools import rights

if TYPE_CHECKING:
    import argparse

    from alicloud_cpi.clock import Clock
    from alicloud_cpi.redaction import Secrets

OK, WARN, FAIL, SKIP = "ok", "warn", "fail", "skip"

# Seconds: requests signed by a clock that is further off are refused (real: 15 minutes).
_MOST_SKEW = 600.0
_LITTLE_SKEW = 60.0
# How long a request is repeated.
_PATIENCE = 10.0

_NETWORK = "check the endpoint, DNS, routes, env.https_proxy and alicloud.ca_cert"
_KEYS = "check access key and RAM role; docs/errors.md has the code"
_RIGHTS = "allow the action that is named: docs/ram-policies.md"
_ENDPOINT = "see docs/install.md, New accounts in mainland China"

# The check of OSS's data operations.
_OBJECTS = "OSS objects"
_NO_ACCESS = ("AccessDenied", "HTTP 403")
_PUBLIC_ENDPOINT_FORBIDDEN = "PublicEndpointForbidden"
_WITH_WRITE = "doctor --write tries it with a bucket of its own"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked; ``remedy`` is empty for what is fine."""

    status: str
    name: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Probe:
    """A request that shows that something can be used; not every installation needs it."""

    name: str
    ask: Callable[[], object]
    is_optional: bool = False


def run(options: argparse.Namespace, clock: Clock, secrets: Secrets) -> int:
    """Print all checks; returns 1 if one failed.

    :raises CpiError: the configuration cannot be read
    """
    ctx = CallContext(
        api_version=1, context={}, config_path=options.config, clock=clock, secrets=secrets
    )
    failed = False
    try:
        for check in _checks(ctx, write=options.write):
            failed = failed or check.status == FAIL
            sys.stdout.write(f"{secrets.redact(_line(check, json_lines=options.json))}\n")
            sys.stdout.flush()
    finally:
        ctx.close()
    return int(failed)


def _line(check: Check, *, json_lines: bool) -> str:
    if json_lines:
        return json.dumps(asdict(check))
    remedy = f"; {check.remedy}" if check.remedy else ""
    return f"{check.status:<5} {check.name:<27} {check.detail}{remedy}"


def _checks(ctx: CallContext, *, write: bool) -> Iterator[Check]:
    try:
        config = ctx.config
    except CpiFailure as failure:
        yield Check(FAIL, "configuration", failure.message, "see docs/configuration.md")
        return
    source = config.credentials.source
    role = f", assuming {config.credentials.role_arn}" if config.credentials.role_arn else ""
    yield Check(OK, "configuration", f"region {config.region}, credentials {source}{role}")
    yield _proxy(config.region)
    yield _clock(ctx)
    identity = _probe(ctx, _Probe("credentials", lambda: _caller(ctx)))
    yield identity
    if identity.status == FAIL and identity.remedy == _KEYS:
        return
    yield _zone(ctx)
    for probe in _probes(ctx):
        yield _probe(ctx, probe)
    yield _objects(ctx, write=write)
    for feature in rights.FEATURES:
        yield _changes(ctx, feature)


def _proxy(region: str) -> Check:
    """Say which proxy this process uses: its environment is not that of a job."""
    try:
        proxy = proxy_for(Endpoint(f"ecs.{region}.aliyuncs.com", 443))
    except CpiFailure as failure:
        return Check(FAIL, "proxy", failure.message, "correct env.https_proxy")
    return Check(OK, "proxy", f"{proxy.host}:{proxy.port}" if proxy else "none")


def _clock(ctx: CallContext) -> Check:
    try:
        offset = ctx.clock.wall() - ctx.services.server_time()
    except TransportError as error:
        return Check(FAIL, "clock", str(error), _NETWORK)
    detail = f"{offset:+.0f} s from the cloud's"
    if abs(offset) > _MOST_SKEW:
        return Check(FAIL, "clock", detail, "set the machine's clock, use NTP")
    if abs(offset) > _LITTLE_SKEW:
        return Check(WARN, "clock", detail, "use NTP: at 15 minutes the cloud refuses all requests")
    return Check(OK, "clock", detail)


def _caller(ctx: CallContext) -> str:
    return ctx.services.inventory.caller(ctx.config.region)


def _zone(ctx: CallContext) -> Check:
    zone, region = ctx.config.availability_zone, ctx.config.region
    if not zone:
        detail = "alicloud.availability_zone is not set"
        return Check(WARN, "zone", detail, "set it, or name a zone in each AZ")
    probe = _Probe("zone", lambda: _types_in(ctx, region, zone))
    return _probe(ctx, probe)


def _types_in(ctx: CallContext, region: str, zone: str) -> str:
    found = ctx.services.instance_types.on_sale(region, zone, "cloud_essd")
    if not found:
        raise NothingOnSaleError
    return f"{zone} sells {len(found)} instance types"


class NothingOnSaleError(Exception):
    """A zone has no instance types: it does not exist, or is closed to the account."""


def _probes(ctx: CallContext) -> list[_Probe]:
    """Return a reading request per part of the cloud; none of the ids exists."""
    services, region = ctx.services, ctx.config.region
    inventory = services.inventory
    return [
        _Probe("ECS instances", lambda: services.instances.find_in(region, "i-doctor")),
        _Probe("ECS disks", lambda: services.disks.find_in(region, "d-doctor")),
        _Probe("ECS snapshots", lambda: services.snapshots.find_in(region, "s-doctor")),
        _Probe("ECS images", lambda: services.images.find(region, "m-doctor")),
        _Probe("ECS interfaces", lambda: next(services.network_interfaces.primary(region), None)),
        _Probe("OSS (full stemcells)", partial(_buckets, ctx), is_optional=True),
        _Probe("elastic IP addresses", lambda: services.eips.find(region, "192.0.2.1"), True),
        _Probe("managed networks", lambda: services.vswitches.find_in(region, "vsw-doctor"), True),
        _Probe("CLB", lambda: inventory.load_balancers(region, ["lb-doctor"]), True),
        _Probe("NLB", lambda: inventory.nlb_groups(region, ["sgp-doctor"]), True),
        _Probe("ALB", lambda: inventory.alb_groups(region, ["sgp-doctor"]), True),
    ]


def _buckets(ctx: CallContext) -> None:
    """Ask OSS, whose client is loaded for this only."""
    ctx.buckets.existing()


def _objects(ctx: CallContext, *, write: bool) -> Check:
    """Try OSS's data operations, which some accounts may not use at a public endpoint."""
    probe = _Probe(_OBJECTS, lambda: _stored(ctx) if write else _read(ctx), is_optional=True)
    try:
        return _probe(ctx, probe)
    except NothingToTryError:
        region = ctx.config.region
        detail = f"not tested: region {region} has no bucket that may be read"
        return Check(SKIP, _OBJECTS, detail, _WITH_WRITE)


def _stored(ctx: CallContext) -> str:
    ctx.buckets.try_writing()
    return f"a bucket and an object created and deleted through {ctx.buckets.host}"


def _read(ctx: CallContext) -> str:
    try:
        bucket = ctx.buckets.try_reading()
    except ApiError as error:
        if error.code in _NO_ACCESS:
            raise NothingToTryError from error
        raise
    if not bucket:
        raise NothingToTryError
    return f"can be reached through {ctx.buckets.host}"


class NothingToTryError(Exception):
    """There is no resource with which to try an operation."""


def _changes(ctx: CallContext, feature: rights.Feature) -> Check:
    """Say which changes of a feature are allowed, denied, and not tested."""
    name = f"change {feature.name}"
    rest = f"not tested: {_names(feature.untested)}" if feature.untested else ""
    if not feature.tested:
        return Check(SKIP, name, rest)
    try:
        with retry.deadline(ctx.clock.now() + _PATIENCE):
            denied = rights.denied(ctx, feature)
    except ApiError as error:
        return Check(FAIL, name, error.message, _NETWORK)
    if denied:
        remedy = f"if you need this: {_RIGHTS}" if feature.is_optional else _RIGHTS
        status = WARN if feature.is_optional else FAIL
        return Check(status, name, f"may not {', '.join(denied)}", remedy)
    allowed = f"may {_names(feature.tested)}"
    return Check(OK, name, f"{allowed}; {rest}" if rest else allowed)


def _names(actions: Iterable[str]) -> str:
    """Return the actions without their products, which the feature says."""
    return ", ".join(action.partition(":")[2] for action in actions)


def _probe(ctx: CallContext, probe: _Probe) -> Check:
    """Send the request of a probe, and report the outcome."""
    started = ctx.clock.now()
    try:
        with retry.deadline(started + _PATIENCE):
            found = probe.ask()
    except ApiError as error:
        return _refused(probe, error)
    except CpiFailure as failure:
        return Check(FAIL, probe.name, failure.message, _KEYS)
    except NothingOnSaleError:
        zone = ctx.config.availability_zone
        return Check(FAIL, probe.name, f"no instance type is sold in {zone}", "correct the zone")
    seconds = ctx.clock.now() - started
    detail = f"{found}, " if isinstance(found, str) else ""
    return Check(OK, probe.name, f"{detail}{1000 * seconds:.0f} ms")


def _refused(probe: _Probe, error: ApiError) -> Check:
    if error.code in (UNREACHABLE, LOST_RESPONSE):
        return Check(FAIL, probe.name, error.message, _NETWORK)
    if "NotFound" in error.code and probe.name == "zone":
        return Check(FAIL, probe.name, error.message, "correct alicloud.availability_zone")
    if error.code == _PUBLIC_ENDPOINT_FORBIDDEN:
        return Check(WARN, probe.name, error.message, _ENDPOINT)
    if probe.is_optional:
        return Check(WARN, probe.name, error.message, f"if you need this: {_RIGHTS}")
    is_identity = probe.name == "credentials"
    return Check(FAIL, probe.name, error.message, _KEYS if is_identity else _RIGHTS)
