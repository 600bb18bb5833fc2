"""DescribeTasks, DescribeTaskAttribute, CancelTask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import LONG, add_disk, images, start_import, store, task_attribute, tasks
from sim.support import OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.mark.parametrize(("removes", "left"), [("", ["CreateFailed"]), ("yes", [])])
def test_cancel(cloud: Cloud, sim: Simulator, removes: str, left: list[str]) -> None:
    """A cancelled import ends as CreateFailed, to be deleted, or vanishes if it is set so."""
    store(sim)
    sim.seed({"settings": {"image.cancel_removes": bool(removes)}})
    made, task = start_import(cloud)
    cloud.ok("CancelTask", TaskId=task)
    sim.advance(LONG)
    assert [shown["Status"] for shown in images(cloud, made)] == left
    shown = task_attribute(cloud, task)
    assert (shown["TaskStatus"], shown["SupportCancel"]) == ("Failed", "false")
    again = cloud.call("CancelTask", TaskId=task)
    assert (again.code, again.status) == ("InvalidTaskId.IncorrectTaskStatus", 403)
    assert cloud.call("DeleteImage", ImageId=made).code == (
        "" if left else "InvalidImageId.NotFound"
    )


def test_cancel_refusals(cloud: Cloud, sim: Simulator) -> None:
    """Unknown tasks, others' tasks and those that cannot be cancelled are refused."""
    store(sim)
    _, task = start_import(cloud)
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    for caller, one in ((cloud, "t-2zenothing"), (other, task)):
        for action in ("CancelTask", "DescribeTaskAttribute"):
            refused = caller.call(action, TaskId=one)
            assert (refused.code, refused.status) == ("InvalidTaskId.NotFound", 400)
    assert cloud.call("CancelTask").code == "MissingParameter"
    change = cloud.ok("ModifyDiskSpec", DiskId=add_disk(sim), DiskCategory="cloud_auto")
    refused = cloud.call("CancelTask", TaskId=change["TaskId"])
    assert refused.code == "InvalidTaskId.TaskActionNotSupport"


def test_task_filters(cloud: Cloud, sim: Simulator) -> None:
    """Tasks are listed by id, action, status, resource and time, the newest first."""
    store(sim)
    made, task = start_import(cloud)
    began = sim.state()["clock"]["now"]
    sim.advance(LONG)
    change = cloud.ok("ModifyDiskSpec", DiskId=add_disk(sim), DiskCategory="cloud_auto")["TaskId"]

    def ids(**params: Any) -> list[str]:
        return [shown["TaskId"] for shown in tasks(cloud, **params)]

    assert ids() == [change, task]
    assert ids(TaskIds=f"{task},t-unknown") == [task]
    assert ids(TaskAction="ImportImage") == ids(ResourceIds__1=made) == [task]
    assert ids(TaskStatus="Failed") == []
    assert ids(EndTime=began) == [task]
    assert ids(StartTime=began[:16] + "Z", PageSize=1, PageNumber=2) == [task]
    assert cloud.call("DescribeTasks", StartTime="soon").code == "InvalidParameter"
    many = ",".join(f"t-{number}" for number in range(101))
    assert cloud.call("DescribeTasks", TaskIds=many).code == "InvalidParameter"
    assert json.dumps(tasks(cloud)).count("CreationTime") == 2
