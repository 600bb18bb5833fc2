"""OSS: scripted faults and delays."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING, Any

import pytest

from sim.oss_support import BUCKET, MIB, RawOss, refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator


def test_faults_by_action(sim: Simulator, bucket: Any) -> None:
    """Errors hit the actions they name, in OSS's own envelope, before or after the effect."""
    sim.add_fault(kind="error", action="UploadPart", nth=2, code="ServiceUnavailable")
    upload_id = bucket.init_multipart_upload("a").upload_id
    bucket.upload_part("a", upload_id, 1, b"1")
    second = lambda: bucket.upload_part("a", upload_id, 2, b"2" * MIB)  # noqa: E731
    assert refused(second) == (503, "ServiceUnavailable")
    assert [p.part_number for p in bucket.list_parts("a", upload_id).parts] == [1]
    sim.add_fault(
        kind="error",
        service="oss",
        action="PutObject",
        params={"key": "b"},
        effect=True,
        code="Made.Up",
        status=418,
        headers={"x-oss-qos-delay-time": "100"},
    )
    bucket.put_object("a", b"")
    assert refused(lambda: bucket.put_object("b", b"1")) == (418, "Made.Up")
    assert bucket.get_object("b").read() == b"1"


@pytest.mark.parametrize(
    ("kind", "raised", "kept"),
    [
        ("reset", (ConnectionResetError, BrokenPipeError), False),
        ("lost", http.client.RemoteDisconnected, True),
        ("stall", http.client.RemoteDisconnected, False),
    ],
)
def test_lost_answers(
    raw: RawOss, sim: Simulator, bucket: Any, kind: str, raised: Any, *, kept: bool
) -> None:
    """An upload may be reset before its effect, or its answer may be lost after it."""
    sim.add_fault(kind=kind, action="PutObject", seconds=0.05)
    with pytest.raises(raised):
        raw.send("PUT", f"/{BUCKET}/a", b"1" * (4 * MIB))
    assert bucket.object_exists("a") == kept


def test_truncated_downloads(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """A download may end halfway."""
    bucket.put_object("a", b"1" * (4 * MIB))
    sim.add_fault(kind="truncated", action="GetObject")
    with pytest.raises(http.client.IncompleteRead) as error:
        raw.send("GET", f"/{BUCKET}/a")
    assert len(error.value.partial) == 2 * MIB


def test_delays(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """A fault or the pace key oss.call delays requests; other services are not slowed."""
    bucket.put_object("a", b"1")
    sim.add_fault(kind="delay", action="GetObject", seconds=0.05)
    sim.set_pace(oss__call=0.05)
    started = time.monotonic()
    assert raw.send("GET", f"/{BUCKET}/a").status == 200
    assert time.monotonic() - started >= 0.1
