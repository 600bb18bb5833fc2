"""NLB 2022-04-30, network load balancers: importing it registers every simulated action."""

from . import records, server_groups
from .service import nlb

__all__ = ["nlb", "records", "server_groups"]
