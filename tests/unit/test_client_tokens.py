"""The ClientTokens of CreateInstance: a repeated create_vm finds the VM of the first one."""

from __future__ import annotations

from typing import Any

import pytest
from aliyunsdkecs.request.v20140526.CreateInstanceRequest import CreateInstanceRequest

from alicloud_cpi.services.instance_creation import client_tokens

PARAMETERS: dict[str, Any] = {
    "ImageId": "m-1",
    "SystemDiskSize": 40,
    "Tags": [{"Key": "a", "Value": "b"}],
}
# The Director calls create_vm five times; a call may use several tokens.
MINIMUM = 20


def request(parameters: dict[str, Any]) -> CreateInstanceRequest:
    """Return a request with these parameters."""
    made = CreateInstanceRequest()
    for name, value in parameters.items():
        getattr(made, f"set_{name}")(value)
    return made


def tokens(agent_id: str = "agent-1", **changes: Any) -> list[str]:
    """Return all tokens of a request."""
    series = client_tokens(agent_id, [request({**PARAMETERS, **changes})])
    found = []
    while not series.exhausted:
        found.append(series.current)
        series.advance()
    return found


def test_the_same_request_has_the_same_tokens() -> None:
    """They depend on agent and parameters only, not on the order in which these were set."""
    assert tokens() == tokens()
    reordered = client_tokens("agent-1", [request(dict(reversed(PARAMETERS.items())))])
    assert reordered.current == tokens()[0]


@pytest.mark.parametrize(
    "other",
    [
        {"agent_id": "agent-2"},
        {"ImageId": "m-2"},
        {"SystemDiskSize": 41},
        {"Tags": [{"Key": "a", "Value": "c"}]},
        {"PrivateIpAddress": "10.0.1.10"},
    ],
)
def test_another_request_has_other_tokens(other: dict[str, Any]) -> None:
    """The cloud refuses a token that was used with other parameters."""
    assert not set(tokens()) & set(tokens(**other))


def test_tokens_are_accepted_by_the_cloud() -> None:
    """At most 64 ASCII characters, also for an agent id of other characters."""
    for token in tokens(agent_id="агент" * 100):
        assert token.isascii()
        assert len(token) <= 64


def test_there_are_enough_tokens() -> None:
    """Every refusal uses one up; no two are the same."""
    found = tokens()
    assert len(set(found)) == len(found) >= MINIMUM
