"""ALB 2020-06-16, application load balancers: importing it registers every simulated action."""

from . import records, server_groups
from .service import alb

__all__ = ["alb", "records", "server_groups"]
