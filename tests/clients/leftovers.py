"""What a client has left in the cloud after it took its environment down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_sim.pytest_plugin import SimulatedCloud

PASSING = ("held_address",)
"""Kinds of records that go by themselves."""
WAITING = ("DeleteVSwitch", "DependencyViolation")
"""What a vSwitch answers while released instances still hold addresses of it."""


def ids(cloud: SimulatedCloud) -> set[str]:
    """List the ids of everything in the cloud."""
    records = cloud.state()["records"]
    return {one for kind, rows in records.items() if kind not in PASSING for one in rows}


def errors(cloud: SimulatedCloud) -> list[tuple[str, str]]:
    """List the calls that were refused, apart from waits: action and code."""
    refused = [(call["action"], call["code"]) for call in cloud.calls() if call["status"] != 200]
    return [one for one in refused if one != WAITING]
