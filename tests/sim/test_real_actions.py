"""Actions that the cloud has and the simulator does not are told from those nobody has."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

from alicloud_sim import catalogue
from alicloud_sim.registry import RPC_SERVICES
from sim.support import ECS, Cloud

REQUESTS = {
    "Alb": "aliyunsdkalb.request.v20200616",
    "Ecs": "aliyunsdkecs.request.v20140526",
    "Nlb": "aliyunsdknlb.request.v20220430",
    "Ram": "aliyunsdkram.request.v20150501",
    "Slb": "aliyunsdkslb.request.v20140515",
    "Sts": "aliyunsdksts.request.v20150401",
    "Vpc": "aliyunsdkvpc.request.v20160428",
}
"""The packages of the SDK that have a module <Action>Request for each action."""
MODELS = {
    "Ecs": "alibabacloud_ecs20140526.models",
    "Ram": "alibabacloud_ram20150501.models",
    "Slb": "alibabacloud_slb20140515.models",
    "Vpc": "alibabacloud_vpc20160428.models",
}
"""Those of the newer SDK."""


@pytest.mark.parametrize("product", list(REQUESTS))
def test_the_list_has_every_action_of_the_sdk(product: str) -> None:
    """What is missing has to be added to src/alicloud_sim/api/names.json."""
    package = import_module(REQUESTS[product])
    known = {
        module.name.removesuffix("Request")
        for module in pkgutil.iter_modules(package.__path__)
        if module.name.endswith("Request")
    }
    assert len(known) > 3
    assert sorted(known - catalogue.load().names(product)) == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("product", list(MODELS))
def test_the_list_has_every_action_of_the_newer_sdk(product: str) -> None:
    """Its models of requests are named <Action>Request."""
    models = dir(import_module(MODELS[product]))
    requests = [name for name in models if name.endswith("Request") and "Shrink" not in name]
    known = {name.removesuffix("Request") for name in requests}
    assert len(known) > 50
    assert sorted(known - catalogue.load().names(product)) == []


@pytest.mark.parametrize("product", sorted(RPC_SERVICES))
def test_the_list_has_every_action_that_is_simulated(product: str) -> None:
    """No action is simulated that the service does not have."""
    assert sorted(RPC_SERVICES[product].actions.keys() - catalogue.load().names(product)) == []


@pytest.mark.parametrize(
    ("version", "action", "named"),
    [
        (ECS, "CreateLaunchTemplate", "Ecs.CreateLaunchTemplate"),
        ("2016-04-28", "CreateNatGateway", "Vpc.CreateNatGateway"),
        ("2014-05-15", "CreateRules", "Slb.CreateRules"),
        ("2015-05-01", "CreateUser", "Ram.CreateUser"),
    ],
)
def test_a_real_action_is_refused_as_not_simulated(
    cloud: Cloud, version: str, action: str, named: str
) -> None:
    """501 with the action's name and where it is told how to add it; never 404."""
    answer = cloud.call(action, Version=version)
    assert (answer.status, answer.code) == (501, f"SimulatorUnsupported.{named}")
    assert named in answer.json["Message"]
    assert "docs/add-a-method.md" in answer.json["Message"]


@pytest.mark.parametrize("action", ["CreateDisc", "CreateRules", "createdisk"])
def test_an_action_that_the_service_does_not_have_is_not_found(cloud: Cloud, action: str) -> None:
    """An action of another service is none of this one."""
    answer = cloud.call(action)
    assert (answer.status, answer.code) == (404, "InvalidAction.NotFound")
