"""How far a slow change is: the progress of snapshots, images and tasks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.records import Record

NOT_QUITE = 99
"""The status says when something is done, not the progress."""


def of(ctx: Ctx, record: Record) -> tuple[str, int]:
    """Tell the percentage and the seconds left of the change that a record waits for."""
    for job in ctx.world.jobs.all():
        if (record.kind, record.id) in job.watched:
            share = (ctx.now - job.began) / (job.due - job.began) if job.due > job.began else 0.0
            left = math.ceil(max(0.0, job.due - ctx.now))
            return f"{min(NOT_QUITE, int(100 * share))}%", left
    return "0%", 0
