"""Metadata of any kind becomes tags that the cloud takes: a refusal would cost a VM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from alicloud_sim.ecs.instances.record import Instance
from support.hostile import TEXTS, VALUES, judged

if TYPE_CHECKING:
    from faults.matrix_scenarios import Bench

MOST_TAGS = 20
KEYS = st.one_of(
    TEXTS, st.sampled_from(["name", "job", "index", "id", "aliyun", "acs:x", "http://x", "A"])
)
METADATA = st.dictionaries(KEYS, VALUES, max_size=30)


@given(metadata=METADATA)
def test_of_a_vm(bench: Bench, metadata: dict[str, Any]) -> None:
    """set_vm_metadata never fails, and the cloud refuses no tag."""
    bench.reset()
    vm = bench.storage.vm()
    answer = judged(bench.cpi.call("set_vm_metadata", vm, metadata))
    assert answer.error is None, answer.error
    assert "not set" not in answer.stderr, answer.stderr
    assert len(bench.storage.get(Instance, vm).tags) <= MOST_TAGS


@given(metadata=METADATA)
def test_of_a_disk(bench: Bench, metadata: dict[str, Any]) -> None:
    """set_disk_metadata never fails."""
    bench.reset()
    disk = bench.storage.disk()
    answer = judged(bench.cpi.call("set_disk_metadata", disk, metadata))
    assert answer.error is None, answer.error
    assert len(bench.storage.found(disk).tags) <= MOST_TAGS


@given(metadata=st.one_of(st.none(), METADATA))
def test_of_a_snapshot(bench: Bench, metadata: dict[str, Any] | None) -> None:
    """A snapshot is taken, whatever it is called."""
    bench.reset()
    disk = bench.storage.attached(bench.storage.vm())
    answer = judged(bench.cpi.call("snapshot_disk", disk, metadata))
    assert answer.error is None, answer.error
