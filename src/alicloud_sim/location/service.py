"""The Location service; it is one for all regions."""

from alicloud_sim.registry import rpc_service

location = rpc_service("Location", regional=False)
