"""Every request names an action and parameters that Alibaba Cloud's SDK can send.

The CPI words its requests itself, and the simulator might share a mistake in them; the SDK shares
none. What the CPI sends is recorded while it makes every kind of call, and read in its source for
what hardly ever happens, such as taking an import back.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any, NamedTuple

import pytest

from alicloud_cpi import leftovers
from alicloud_cpi.cloud.wire.signing import Service
from faults.matrix_scenarios import SCENARIOS, Bench, Request
from support.cpi import SOURCE
from support.stemcells import properties
from support.world import REGION, ZONE
from transport import the_sdk

SERVICES = {service.name: service for service in the_sdk.PACKAGES}

_PARAMETER = re.compile("[A-Z][A-Za-z]+")

# The names of each action's parameters.
Sent = dict[tuple[Service, str], set[str]]


def _paid_ahead(bench: Bench) -> Request:
    disk = {"size": 20480, "category": "cloud_essd", "performance_level": "PL1"}
    wanted: dict[str, Any] = {
        "charge_type": "PrePaid",
        "charge_period": 1,
        "auto_renew": True,
        "auto_renew_period": 1,
        "key_pair_name": bench.names.key_pair,
        "ram_role_name": "bosh-instance",
        "instance_name": "web",
        "system_disk": {"category": "cloud_essd", "performance_level": "PL1"},
        "ephemeral_disk": {**disk, "encrypted": True, "kms_key_id": bench.names.kms_key},
    }
    return Request("create_vm", bench.vms.arguments(**wanted))


def _spot(bench: Bench) -> Request:
    wanted: dict[str, Any] = {"spot_strategy": "SpotWithPriceLimit", "spot_price_limit": 9.5}
    return Request("create_vm", bench.vms.arguments(**wanted))


def _encrypted_disk(bench: Bench) -> Request:
    level = {"category": "cloud_essd", "performance_level": "PL1"}
    key = {"encrypted": True, "kms_key_id": bench.names.kms_key}
    wanted = {**level, **key, "name": "data-0", "availability_zone": ZONE}
    return Request("create_disk", [20480, wanted, None])


def _encrypted_stemcell(bench: Bench) -> Request:
    bench.cpi.configure(encrypted=True, kms_key_id=bench.names.kms_key)
    return Request("create_stemcell", ["", {"image_id": {REGION: bench.names.image}}])


def _arm_stemcell(bench: Bench) -> Request:
    return Request("create_stemcell", [bench.tarball, properties(architecture="arm64")])


# With the fault matrix's, all that a call of the CPI can ask for.
OPTIONS = (_paid_ahead, _spot, _encrypted_disk, _encrypted_stemcell, _arm_stemcell)


@pytest.fixture(scope="module")
def sent() -> Sent:
    """Make every kind of call, and the command that lists leftovers; give what was sent."""
    found: Sent = {}
    with Bench() as bench:
        for scenario in (*SCENARIOS.values(), *OPTIONS):
            bench.reset()
            method, arguments = scenario(bench)
            bench.cpi.ok(method, *arguments)
            assert leftovers.run(str(bench.cpi.path), bench.cpi.clock) == 0
            for call in bench.sim.calls():
                service = SERVICES.get(call["service"])
                if service:
                    names = {re.sub(r"\.\d+(?=\.|$)", ".N", name) for name in call["params"]}
                    found.setdefault((service, call["action"]), set()).update(names)
    return found


class Call(NamedTuple):
    """A call in the CPI's source that spells an action, and names of its parameters."""

    action: str
    names: set[str]


@cache
def _nodes() -> list[ast.AST]:
    """Return the source of all that speaks to the cloud's RPC services."""
    paths = (SOURCE / "alicloud_cpi").rglob("*.py")
    own = [path for path in paths if not {"wire", "oss"} & set(path.parts)]
    return [node for path in own for node in ast.walk(ast.parse(path.read_text()))]


def _spelled_calls() -> list[Call]:
    """Return what asks for an action by its name, of an Api or of a method that asks one."""
    found = []
    for node in _nodes():
        if isinstance(node, ast.Call):
            names = {word.arg for word in node.keywords if word.arg and word.arg[0].isupper()}
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            asks = names or (isinstance(node.func, ast.Attribute) and node.func.attr == "call")
            words = [text for text in texts if isinstance(text, str) and text[:1].isupper()]
            found += [Call(word, names) for word in words if asks]
    return found


def _spelled_names() -> set[str]:
    """Return what the source spells like a parameter, in calls and in dictionaries."""
    found: set[Any] = set()
    for node in _nodes():
        if isinstance(node, ast.keyword):
            found.add(node.arg)
        elif isinstance(node, ast.Dict):
            found |= {key.value for key in node.keys if isinstance(key, ast.Constant)}
    return {text for text in found if isinstance(text, str) and _PARAMETER.fullmatch(text)}


def _knowing(action: str) -> list[Service]:
    return [service for service in SERVICES.values() if the_sdk.knows(service, action)]


def test_every_action_is_the_sdks_in_the_same_version_of_the_api(sent: Sent) -> None:
    """The SDK's class of that name asks for it under the CPI's version of the service's API."""
    for service, action in sent:
        request = the_sdk.request(service, action)
        assert (request.get_action_name(), request.get_version()) == (action, service.version)


def test_every_parameter_sent_is_one_that_the_sdk_can_send(sent: Sent) -> None:
    """Deep ones too: ``DiskDeviceMapping.1.OSSBucket``. Who asks for a page may ask for more."""
    unknown = {}
    for (service, action), names in sent.items():
        wanted = names | ({"NextToken"} if "MaxResults" in names else set())
        unknown[service.name, action] = wanted - the_sdk.names(service, action)
    assert {asked: names for asked, names in unknown.items() if names} == {}


def test_every_parameter_spelled_in_a_call_is_one_that_the_sdk_can_send() -> None:
    """Requests too that no kind of call makes as long as all goes well."""
    for action, spelled in _spelled_calls():
        services = _knowing(action)
        assert services, action
        known = {name for service in services for name in the_sdk.names(service, action)}
        assert spelled <= {name.partition(".")[0] for name in known}, action


def test_nothing_spelled_in_the_source_has_escaped(sent: Sent) -> None:
    """Each action and each name of a parameter has been looked at by one of the tests above."""
    calls = _spelled_calls()
    looked_at = {word for names in sent.values() for name in names for word in name.split(".")}
    looked_at |= {name for call in calls for name in call.names}
    assert _spelled_names() - looked_at == set()
    actions = {action for _, action in sent} | {call.action for call in calls}
    texts = {node.value for node in _nodes() if isinstance(node, ast.Constant)}
    assert {text for text in texts if isinstance(text, str) and _knowing(text)} <= actions
