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
RENAMED = {"healthCheckInterval": "HealthCheckInterval"}
"""Settings that the call for a change spells otherwise than the one that makes a listener."""
FIXED = ("ListenerForward",)
"""Settings that cannot be changed."""
ANSWERS = {
    "healthCheckInterval": "HealthCheckInterval",
    "healthCheckReq": "HealthCheckReq",
    "healthCheckExp": "HealthCheckExp",
    "HealthCheckSwitch": "HealthCheck",
}
SWITCHES = ("AclStatus", "HealthCheck", "HealthCheckSwitch", "StickySession", "ListenerForward")
UNSUPPORTED = ("AclStatus", "ListenerForward")
SCHEDULERS = {"tcp": ("wrr", "rr", "sch", "tch"), "udp": ("wrr", "rr", "sch", "tch", "qch")}
SCHEDULERS_OF_LAYER7 = ("wrr", "rr")


def names(protocol: str) -> str:
    """Name the settings of a protocol, for a handler's declaration."""
    return " ".join(USUAL[protocol])


def read(ctx: Ctx, p: Params, protocol: str) -> dict[str, Any]:
    """Read the settings of a new listener, by the names that answers have.

    :raises ApiError: a value that is none
    """
    given = {name: _value(ctx, p, name) for name in USUAL[protocol] if p.given(name)}
    every = {**USUAL[protocol], **given}
    return {ANSWERS.get(name, name): value for name, value in every.items()}


def names_of_change(protocol: str) -> str:
    """Name the settings of a protocol that can be changed, as that call spells them."""
    return " ".join(RENAMED.get(name, name) for name in USUAL[protocol] if name not in FIXED)


def read_change(ctx: Ctx, p: Params, protocol: str) -> dict[str, Any]:
    """Read the settings that a call changes, by the names that answers have.

    :raises ApiError: a value that is none
    """
    given = names_of_change(protocol).split()
    return {ANSWERS.get(n, n): _value(ctx, p, n) for n in given if p.given(n)}


def _value(ctx: Ctx, p: Params, name: str) -> Any:
    """Read one setting that is given, with the type that the catalogue has for it."""
    kind = ctx.spec.request[name]["type"]
    if kind == "bool":
        return p.flag(name)
    value = p.integer(name) if kind.startswith("int") else p.text(name)
    if name in SWITCHES and value not in ("on", "off"):
        raise ctx.error("InvalidParameter", message=f"{name} is on or off.")
    if name in UNSUPPORTED and value == "on":
        raise UnsupportedError(f"{name}=on")
    return value


def scheduler(ctx: Ctx, p: Params, protocol: str, usual: str = "wrr") -> str:
    """Read how requests are spread over the servers.

    :raises ApiError: a way that the protocol does not have
    """
    known = SCHEDULERS.get(protocol, SCHEDULERS_OF_LAYER7)
    value = p.text("Scheduler", usual)
    if value not in known:
        raise ctx.error("InvalidParameter", message=f"Scheduler is one of {', '.join(known)}.")
    return value
