"""The SLB service that the modules of this package register their actions with."""

from alicloud_sim.registry import rpc_service

slb = rpc_service("Slb")
