"""Elastic network interfaces: their record, and one module per group of actions.

Only the record is imported here, so that other resources can use it without a circle; the
package ecs imports the modules that register actions.
"""

from .record import Eni

__all__ = ["Eni"]
