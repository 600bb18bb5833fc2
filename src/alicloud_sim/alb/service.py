"""The ALB service that the modules of this package register their actions with."""

from alicloud_sim.registry import rpc_service

alb = rpc_service(
    "Alb",
    mismatch_codes=("IdempotenceParamNotMatch",),
    processing_codes=("IdempotenceProcessing",),
)
