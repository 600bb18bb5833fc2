"""Location 2015-06-12: importing it registers every action that is simulated."""

from . import endpoints
from .service import location

__all__ = ["endpoints", "location"]
