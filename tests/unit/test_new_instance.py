"""What CreateInstance is asked, and the tokens that make a repeat find its VM."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from alicloud_cpi.cloud.new_instance import client_tokens

REQUEST: dict[str, Any] = {"ImageId": "m-1", "SystemDisk": {"Size": 40}, "Tag": [{"Key": "a"}]}


def tokens(agent_id: str = "agent-1", **changes: Any) -> list[str]:
    """List all tokens of a request."""
    return list(client_tokens(agent_id, {**REQUEST, **changes}))


def test_the_same_request_has_the_same_tokens() -> None:
    """Tokens follow from agent and request alone, whatever the order of its parameters."""
    assert tokens() == tokens()
    assert list(client_tokens("agent-1", dict(reversed(REQUEST.items())))) == tokens()


@pytest.mark.parametrize(
    "other",
    [
        {"agent_id": "agent-2"},
        {"ImageId": "m-2"},
        {"SystemDisk": {"Size": 41}},
        {"PrivateIpAddress": "10.0.1.10"},
    ],
)
def test_another_request_has_others(other: dict[str, Any]) -> None:
    """Whatever differs, no token is the same: the cloud refuses one with other parameters."""
    assert not set(tokens()) & set(tokens(**other))


def test_what_the_cloud_takes_for_a_token() -> None:
    """At most 64 ASCII characters, also for an agent with a strange name."""
    for token in tokens(agent_id="агент" * 100):
        assert token.isascii()
        assert len(token) <= 64


def test_enough_for_all_tries_of_the_director() -> None:
    """The Director makes five tries: each that failed has used up a token."""
    found = tokens()
    assert len(set(found)) == len(found) >= 5
    assert all(first != second for first, second in pairwise(found))
