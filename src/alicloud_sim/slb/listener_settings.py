"""What a listener can be set to, per protocol: the parameters' names and their usual values.

The calls and the answers have the same names, but for two: a TCP or UDP call says
healthCheckInterval and HealthCheckSwitch where the answer says HealthCheckInterval and
HealthCheck. Access control lists are not simulated: AclStatus can be off only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.errors import UnsupportedError

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

EVERY: dict[str, Any] = {"AclStatus": "off"}
LAYER4: dict[str, Any] = {
    "HealthyThreshold": 3,
    "UnhealthyThreshold": 3,
    "HealthCheckConnectTimeout": 5,
    "HealthCheckConnectPort": None,
    "healthCheckInterval": 2,
    "HealthCheckSwitch": "on",
    "ProxyProtocolV2Enabled": False,
}
LAYER7: dict[str, Any] = {
    "XForwardedFor": "on",
    "XForwardedFor_SLBIP": "off",
    "XForwardedFor_SLBID": "off",
    "XForwardedFor_proto": "off",
    "XForwardedFor_SLBPORT": "off",
    "XForwardedFor_ClientSrcPort": "off",
    "StickySession": "off",
    "StickySessionType": None,
    "CookieTimeout": None,
    "Cookie": None,
    "HealthCheck": "on",
    "HealthCheckMethod": "head",
    "HealthCheckDomain": None,
    "HealthCheckURI": "/",
    "HealthyThreshold": 3,
    "UnhealthyThreshold": 3,
    "HealthCheckTimeout": 5,
    "HealthCheckConnectPort": None,
    "HealthCheckInterval": 2,
    "HealthCheckHttpCode": "http_2xx",
    "Gzip": "on",
    "IdleTimeout": 15,
    "RequestTimeout": 60,
}
USUAL: dict[str, dict[str, Any]] = {
    "tcp": {
        **EVERY,
        **LAYER4,
        "PersistenceTimeout": 0,
        "EstablishedTimeout": 900,
        "HealthCheckType": "tcp",
        "HealthCheckDomain": None,
        "HealthCheckURI": None,
        "HealthCheckHttpCode": None,
        "ConnectionDrain": "off",
        "ConnectionDrainTimeout": None,
    },
    "udp": {**EVERY, **LAYER4, "healthCheckReq": None, "healthCheckExp": None},
    "http": {**EVERY, **LAYER7, "ListenerForward": "off"},
    "https": {
        **EVERY,
        **LAYER7,
        "ServerCertificateId": None,
        "EnableHttp2": "on",
        "TLSCipherPolicy": "tls_cipher_policy_1_0",
    },
}
ANSWERS = {
    "healthCheckInterval": "HealthCheckInterval",
    "healthCheckReq": "HealthCheckReq",
    "healthCheckExp": "HealthCheckExp",
    "HealthCheckSwitch": "HealthCheck",
}
SWITCHES = ("AclStatus", "HealthCheck", "HealthCheckSwitch", "StickySession", "ListenerForward")
SCHEDULERS = {"tcp": ("wrr", "rr", "sch", "tch"), "udp": ("wrr", "rr", "sch", "tch", "qch")}
SCHEDULERS_OF_LAYER7 = ("wrr", "rr")


def names(protocol: str) -> str:
    """Name the settings of a protocol, for a handler's declaration."""
    return " ".join(USUAL[protocol])


def read(ctx: Ctx, p: Params, protocol: str) -> dict[str, Any]:
    """Read the settings of a new listener, by the names that answers have.

    :raises ApiError: a value that is none
    """
    found = {}
    for name, usual in USUAL[protocol].items():
        value = _value(ctx, p, name)
        if name in SWITCHES and value not in (None, "on", "off"):
            raise ctx.error("InvalidParameter", message=f"{name} is on or off.")
        found[ANSWERS.get(name, name)] = usual if value is None else value
    for name in ("AclStatus", "ListenerForward"):
        if found.get(name) == "on":
            raise UnsupportedError(f"{name}=on")
    return found


def _value(ctx: Ctx, p: Params, name: str) -> Any:
    """Read one setting with the type that the catalogue has for it; None is absent."""
    if not p.given(name):
        return None
    kind = ctx.spec.request[name]["type"]
    if kind == "bool":
        return p.flag(name)
    return p.integer(name) if kind.startswith("int") else p.text(name)


def scheduler(ctx: Ctx, p: Params, protocol: str) -> str:
    """Read how requests are spread over the servers.

    :raises ApiError: a way that the protocol does not have
    """
    known = SCHEDULERS.get(protocol, SCHEDULERS_OF_LAYER7)
    value = p.text("Scheduler", known[0])
    if value not in known:
        raise ctx.error("InvalidParameter", message=f"Scheduler is one of {', '.join(known)}.")
    return value
