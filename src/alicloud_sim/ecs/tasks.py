"""Tasks of slow changes: DescribeTasks, DescribeTaskAttribute, CancelTask (semantics.md 7).

Statuses: Processing, Finished, Failed. Whoever starts a slow change begins a task and ends
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import newest_first, page
from alicloud_sim.records import Record

from . import progress
from .service import ecs

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

OPEN = "Processing"
CANCELLED = "TaskCancelled"
LONGEST_ID_FILTER = 100
TIME_FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ")
CANCELS: dict[str, Callable[[Ctx, Task], None]] = {}
"""What to undo when a task of an action is cancelled; actions not in here cannot be."""


@dataclass
class Task(Record):
    """A slow change; error code and text are set when it failed."""

    kind: ClassVar[str] = "task"
    prefix: ClassVar[str] = "t"

    status: str = "Processing"
    action: str = ""
    resource_id: str = ""
    resource_name: str = "ResourceId"
    finished: float = 0.0
    error_code: str = ""
    error_text: str = ""

    @property
    def can_be_cancelled(self) -> bool:
        """Whether CancelTask takes it."""
        return self.status == OPEN and self.action in CANCELS


def begin(ctx: Ctx, action: str, resource: Record, name: str) -> Task:
    """Make the task of a slow change; `name` is what answers call the resource's id."""
    task = Task(ctx.new_id(Task), ctx.account, ctx.region, action=action)
    task.resource_id, task.resource_name = resource.id, name
    return ctx.add(task)


def end(task: Task, now: float, error_code: str = "", error_text: str = "") -> None:
    """Finish a task, or let it fail when an error code is given."""
    task.status = "Failed" if error_code else "Finished"
    task.error_code, task.error_text = error_code, error_text
    task.finished = now


@ecs.action(
    "DescribeTasks",
    params="RegionId TaskIds TaskAction TaskStatus StartTime EndTime ResourceIds PageNumber"
    " PageSize",
)
def describe_tasks(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List tasks, the newest first; TaskIds is a text of ids with commas between.

    Reading a task counts as seeing its resource change. A status that does not exist
    matches nothing (not in the reference).
    """
    ids = [text for text in p.text("TaskIds").split(",") if text]
    if len(ids) > LONGEST_ID_FILTER:
        raise ctx.error("InvalidParameter", message="TaskIds takes at most 100 ids.")
    resources = p.texts("ResourceIds")
    start, end_ = _moment(ctx, p.text("StartTime")), _moment(ctx, p.text("EndTime"))
    rows = [
        task
        for task in ctx.visible(Task)
        if (not ids or task.id in ids)
        and p.text("TaskAction") in ("", task.action)
        and p.text("TaskStatus") in ("", task.status)
        and (not resources or task.resource_id in resources)
        and (start is None or int(task.created) >= start)
        and (end_ is None or int(task.created) <= end_)
    ]
    shown = page(ctx, p, newest_first(rows))
    tasks = [_task(task) for task in shown.rows]
    return {"RegionId": ctx.region, "TaskSet": {"Task": tasks}, **shown.fields}


def _moment(ctx: Ctx, text: str) -> float | None:
    """Read a time with or without seconds; the moment counts itself."""
    if not text:
        return None
    for form in TIME_FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    raise ctx.error("InvalidParameter", message=f"{text} is no time.")


def _task(task: Task) -> dict[str, Any]:
    return {
        "TaskId": task.id,
        "TaskAction": task.action,
        "TaskStatus": task.status,
        "ResourceId": task.resource_id,
        "SupportCancel": str(task.can_be_cancelled).lower(),
        "CreationTime": iso_seconds(task.created),
        "FinishedTime": iso_seconds(task.finished) if task.finished else "",
    }


@ecs.action("DescribeTaskAttribute", params="RegionId TaskId")
def describe_task_attribute(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Tell how far one task is, and why it failed."""
    task = ctx.view(Task, p.text("TaskId"))
    if task is None:
        raise ctx.error("InvalidTaskId.NotFound", message="The specified TaskId does not exist.")
    failed = task.status == "Failed"
    operation = {
        "OperationStatus": "Success" if task.status == "Finished" else task.status,
        "ErrorCode": task.error_code,
        "ErrorMsg": task.error_text,
        "RelatedItemSet": {
            "RelatedItem": [{"Name": task.resource_name, "Value": task.resource_id}]
        },
    }
    brief = _task(task)
    del brief["ResourceId"]
    return {
        **brief,
        "RegionId": ctx.region,
        "TaskProcess": progress.of(ctx, task)[0] if task.status == OPEN else "100%",
        "TotalCount": 1,
        "SuccessCount": int(task.status == "Finished"),
        "FailedCount": int(failed),
        "OperationProgressSet": {"OperationProgress": [operation]},
    }


@ecs.action("CancelTask", params="RegionId TaskId")
def cancel_task(ctx: Ctx, p: Params) -> None:
    """End a task that supports it (SupportCancel true): it fails, its change is undone."""
    task = ctx.need(Task, p.text("TaskId"), "InvalidTaskId.NotFound")
    cancel = CANCELS.get(task.action)
    if cancel is None:
        raise ctx.error(
            "InvalidTaskId.TaskActionNotSupport",
            message=f"A task {task.action} cannot be cancelled.",
        )
    if task.status != OPEN:
        raise ctx.error("InvalidTaskId.IncorrectTaskStatus", message=f"The task is {task.status}.")
    cancel(ctx, task)
    end(task, ctx.now, CANCELLED, "The task was cancelled.")
