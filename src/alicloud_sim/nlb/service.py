"""The NLB service that the modules of this package register their actions with."""

from alicloud_sim.registry import rpc_service

nlb = rpc_service(
    "Nlb",
    mismatch_codes=("IdempotenceSignatureMismatch",),
    denied_code="Forbidden.NoPermission",
)
