"""The simulator's own pytest plugin gives these tests their cloud."""

from __future__ import annotations

from alicloud_sim.pytest_plugin import alicloud, alicloud_pace, alicloud_server

__all__ = ["alicloud", "alicloud_pace", "alicloud_server"]
