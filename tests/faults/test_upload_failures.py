"""A full stemcell that fails leaves nothing behind, or names it; trouble that passes costs none."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.images.record import Image
from alicloud_sim.oss.records import Bucket, Upload
from support.stemcells import KIB, MIB, ended_well, image, left, properties, tarball
from support.storage import refused

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Answer, Cpi
    from support.storage import Storage

# What create_stemcell asks of OSS and ECS for an encrypted stemcell of one part of data and one of
# zeros, and how often. The two parts travel side by side: their order is not certain.
UPLOADING = [
    ("PutBucket", 1),
    ("InitiateMultipartUpload", 1),
    ("PutObject", 1),
    ("UploadPart", 1),
    ("UploadPartCopy", 1),
    ("CompleteMultipartUpload", 1),
    ("HeadObject", 1),
]
IMPORTING = [("ImportImage", 1), ("DescribeImages", 3)]
REMOVING = [("DeleteObject", 2), ("DeleteBucket", 1)]
COPYING = [("CopyImage", 1), ("DescribeImages", 2), ("ModifyImageAttribute", 1)]
DISCARDING = [
    ("DescribeImages", 1),
    ("DeleteImage", 1),
    ("DescribeImages", 2),
    ("DeleteSnapshot", 1),
    ("DescribeSnapshots", 2),
]
MARKING = [("TagResources", 1)]
CALLS = [*UPLOADING, *IMPORTING, *REMOVING, *MARKING, *COPYING, *DISCARDING, *MARKING]


def _steps(calls: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """List every call as action and occurrence of that action."""
    actions = [action for action, times in calls for _ in range(times)]
    return [(action, actions[: n + 1].count(action)) for n, action in enumerate(actions)]


STEPS = _steps(CALLS)
# Without these the call can end well all the same: zeros can be sent, what is superfluous can stay.
NOT_NEEDED = ("UploadPartCopy", "HeadObject", "DeleteObject", "DeleteBucket", "TagResources")
NOT_NEEDED_ANY_MORE = _steps(CALLS)[-sum(times for _, times in [*DISCARDING, *MARKING]) :]


@pytest.fixture
def create(cpi: Cpi, tmp_path: Path) -> Any:
    """Give a function that makes the encrypted stemcell."""
    cpi.configure(encrypted=True)
    path = tarball(tmp_path, image(300 * KIB, -2 * MIB))

    def create() -> Answer:
        return cpi.call("create_stemcell", path, properties(nvme_support="supported"))

    return create


def nothing_unnamed(storage: Storage, answer: Answer) -> None:
    """Expect that whatever is left is named as left behind, in the message or in the log."""
    told = answer.message + "".join(
        line for line in answer.stderr.splitlines() if "LEFT BEHIND" in line or "WARNING" in line
    )
    result = storage.get(Image, answer.result) if answer.result else None
    for name in left(storage):
        if result is None or name not in (result.id, *result.snapshot_ids):
            assert name.partition("/")[0] in told or _belongs(storage, name, told), name


def _belongs(storage: Storage, name: str, told: str) -> bool:
    """Whether something that is named tells of this: an upload's bucket, an image's name."""
    uploads = [row.bucket for row in storage.all(Upload) if row.id == name]
    images = [row for row in storage.all(Image) if name in (row.id, *row.snapshot_ids)]
    owners = [*uploads, *(row.id for row in images), *(row.name for row in images)]
    return any(owner in told for owner in owners)


def test_the_steps_are_these(create: Any, sim: Simulator) -> None:
    """The steps that are made to fail below are all the steps there are."""
    assert create().error is None
    actions = [call["action"] for call in sim.calls()]
    parts = slice(2, 5)
    actions[parts] = ["PutObject", *sorted(a for a in actions[parts] if a != "PutObject")]
    assert [(action, len(list(calls))) for action, calls in groupby(actions)] == CALLS


PASSING: dict[str, dict[str, Any]] = {
    "lost after": {"kind": "lost"},
    "lost before": {"kind": "lost", "effect": False},
    "reset": {"kind": "reset"},
    "truncated": {"kind": "truncated"},
    "empty": {"kind": "empty"},
    "html": {"kind": "html"},
    "unavailable": {"kind": "error", "code": "ServiceUnavailable", "status": 503, "count": 3},
    "throttled": {"kind": "error", "code": "Throttling.User", "status": 503, "count": 2},
    "slow down": {"kind": "status", "status": 503, "headers": {"x-oss-qos-delay-time": "1500"}},
    "slow down, no number": {
        "kind": "status",
        "status": 503,
        "headers": {"x-oss-qos-delay-time": "9" * 400},
    },
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_passing_trouble(
    create: Any,
    sim: Simulator,
    storage: Storage,
    action: str,
    nth: int,
    fault: dict[str, Any],
) -> None:
    """Trouble that passes costs no stemcell, at any step, and leaves nothing behind."""
    sim.add_fault(action=action, nth=nth, **fault)
    ended_well(storage, create())


@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_refused_once(create: Any, sim: Simulator, storage: Storage, action: str, nth: int) -> None:
    """Whichever step is refused, everything is taken back, or the step was not needed."""
    code = {"code": "AccessDenied"} if _of_oss(action) else {"code": "Forbidden.RAM"}
    sim.add_fault(kind="error", action=action, nth=nth, status=403, **code)
    answer = create()
    if action in NOT_NEEDED or (action, nth) in NOT_NEEDED_ANY_MORE:
        assert answer.error is None
        nothing_unnamed(storage, answer)
        return
    refused(answer, "CloudError", action, *code.values())
    assert "LEFT BEHIND" not in answer.message
    assert left(storage) == []


@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_refused_for_good(
    create: Any, sim: Simulator, storage: Storage, action: str, nth: int
) -> None:
    """A permission that is missing altogether leaves nothing behind that is not named."""
    code = {"code": "AccessDenied"} if _of_oss(action) else {"code": "Forbidden.RAM"}
    sim.add_fault(kind="error", action=action, nth=nth, count=0, status=403, **code)
    nothing_unnamed(storage, create())


@pytest.mark.parametrize("fault", [{"kind": "lost"}, {"kind": "lost", "effect": False}])
@pytest.mark.parametrize(("action", "nth"), STEPS)
def test_unreachable_for_good(
    create: Any, sim: Simulator, storage: Storage, action: str, nth: int, fault: dict[str, Any]
) -> None:
    """Trouble that does not pass ends the call in time, and leaves nothing that is not named."""
    sim.add_fault(action=action, nth=nth, count=0, **fault)
    before = sim.world.clock.now()
    nothing_unnamed(storage, create())
    assert sim.world.clock.now() - before < 3 * 3600


def _of_oss(action: str) -> bool:
    return any(action == name for name, _ in [*UPLOADING, *REMOVING])


# OSS


def test_message_of_a_refusal(create: Any, sim: Simulator) -> None:
    """A refusal of OSS is told with bucket, key, code, RequestId and region."""
    sim.add_fault(kind="error", action="UploadPart", code="AccessDenied", status=403)
    answer = create()
    found = re.match(
        r"UploadPart of (bosh-stemcell-[0-9a-f-]{36})/stemcell\.raw failed: AccessDenied: .*"
        r"\(RequestId [0-9A-F]+, region cn-beijing\)\. Cleaned up: bucket '\1'$",
        answer.message,
    )
    assert found, answer.message


def test_bucket_that_stays(create: Any, sim: Simulator, storage: Storage) -> None:
    """A bucket that cannot be deleted after a failure is named in the message."""
    sim.add_fault(kind="error", action="UploadPart", code="AccessDenied", status=403)
    sim.add_fault(kind="error", action="DeleteBucket", code="AccessDenied", status=403, count=0)
    answer = create()
    (bucket,) = storage.all(Bucket)
    assert f"LEFT BEHIND, delete by hand: bucket '{bucket.id}' (DeleteBucket" in answer.message
    assert left(storage) == [bucket.id]


def test_bucket_that_stays_after_success(create: Any, sim: Simulator, storage: Storage) -> None:
    """A bucket that cannot be deleted in the end costs no stemcell: the log names it."""
    sim.add_fault(kind="error", action="DeleteBucket", code="AccessDenied", status=403, count=0)
    answer = create()
    (bucket,) = storage.all(Bucket)
    assert answer.error is None
    assert f"LEFT BEHIND, delete by hand: bucket '{bucket.id}'" in answer.stderr


def test_what_can_go_goes(create: Any, sim: Simulator, storage: Storage) -> None:
    """An upload that may not be aborted keeps nothing else of the bucket from being deleted."""
    refusal: dict[str, Any] = {"kind": "error", "code": "AccessDenied", "status": 403, "count": 0}
    sim.add_fault(action="CompleteMultipartUpload", **refusal)
    sim.add_fault(action="AbortMultipartUpload", **refusal)
    answer = create()
    (bucket,), (upload,) = storage.all(Bucket), storage.all(Upload)
    assert f"LEFT BEHIND, delete by hand: bucket '{bucket.id}' (AbortMultipart" in answer.message
    assert left(storage) == [bucket.id, upload.id]


def test_no_bucket_was_made(create: Any, sim: Simulator) -> None:
    """Where OSS refuses to make a bucket, none is said to be cleaned up or left."""
    sim.add_fault(kind="error", action="PutBucket", code="TooManyBuckets", status=400)
    answer = create()
    refused(answer, "CloudError", "PutBucket", "TooManyBuckets")
    assert "bucket '" not in answer.message


def test_upload_whose_id_never_came(create: Any, sim: Simulator, storage: Storage) -> None:
    """An upload whose id was lost on the way is found in the bucket and aborted."""
    sim.add_fault(kind="lost", action="InitiateMultipartUpload")
    ended_well(storage, create())
    assert len(sim.calls("ListMultipartUploads")) == 1


def test_zeros_that_may_not_be_read(
    cpi: Cpi, sim: Simulator, storage: Storage, tmp_path: Path
) -> None:
    """Where the right to read is missing, zeros are sent like data; a warning says so once."""
    sim.add_fault(kind="error", action="UploadPartCopy", code="AccessDenied", status=403, count=0)
    path = tarball(tmp_path, image(300 * KIB, -40 * MIB))
    answer = cpi.call("create_stemcell", path, properties())
    (made,) = storage.own_images()
    assert answer.result == made.id
    assert answer.stderr.count("zeros are sent like data") >= 1
    assert left(storage) == [made.id, *made.snapshot_ids]


@pytest.mark.parametrize("header", ["Content-MD5", "ETag"])
def test_damage_on_the_way(create: Any, sim: Simulator, storage: Storage, header: str) -> None:
    """A part that arrives damaged is sent again."""
    if header == "Content-MD5":
        sim.add_fault(kind="error", action="UploadPart", code="InvalidDigest", status=400)
    else:
        wrong = {"ETag": '"00000000000000000000000000000000"'}
        sim.add_fault(kind="status", action="UploadPart", status=200, headers=wrong)
    ended_well(storage, create())
    assert len(sim.calls("UploadPart")) == 2


def test_many_failing_parts(cpi: Cpi, sim: Simulator, storage: Storage, tmp_path: Path) -> None:
    """When parts fail by turns, each is sent until it arrives; the image is whole."""
    for nth in range(1, 40, 3):
        sim.add_fault(kind="lost", action="UploadPart", nth=nth, effect=bool(nth % 2))
    answer = cpi.call("create_stemcell", tarball(tmp_path, image(40 * MIB)), properties())
    assert answer.error is None
    (made,) = storage.own_images()
    assert left(storage) == [made.id, *made.snapshot_ids]


@pytest.mark.parametrize("broken", [1, 24])
def test_a_broken_connection_costs_its_part(
    cpi: Cpi, sim: Simulator, storage: Storage, tmp_path: Path, broken: int
) -> None:
    """The upload goes on with the part that was under way: no other part is sent again.

    24 broken connections are an outage, for each of eight threads and three attempts.
    """
    sim.add_fault(kind="reset", action="UploadPart", nth=3, count=broken)
    answer = cpi.call("create_stemcell", tarball(tmp_path, image(40 * MIB)), properties())
    assert answer.error is None, answer.error
    sent = Counter(call["params"]["partNumber"] for call in sim.calls("UploadPart"))
    assert sum(sent.values()) == len(sent) + broken
    for action in ("PutBucket", "InitiateMultipartUpload", "CompleteMultipartUpload"):
        assert len(sim.calls(action)) == 1
    (made,) = storage.own_images()
    assert left(storage) == [made.id, *made.snapshot_ids]


def test_first_failure_stops_all(cpi: Cpi, sim: Simulator, tmp_path: Path) -> None:
    """After a refusal no further part is begun."""
    sim.add_fault(kind="error", action="UploadPart", code="AccessDenied", status=403, count=0)
    answer = cpi.call("create_stemcell", tarball(tmp_path, image(80 * MIB)), properties())
    refused(answer, "CloudError", "UploadPart")
    assert len(sim.calls("UploadPart")) <= 12


def test_failure_while_the_zeros_are_sent(create: Any, sim: Simulator) -> None:
    """A part that fails while something else waits is what the call tells of."""
    sim.add_fault(kind="delay", action="PutObject", seconds=0.3)
    sim.add_fault(kind="status", action="PutObject", status=503)
    sim.add_fault(kind="error", action="UploadPart", code="AccessDenied", status=403)
    refused(create(), "CloudError", "UploadPart of", "AccessDenied", "Cleaned up: bucket")


def test_image_that_turns_out_damaged(cpi: Cpi, storage: Storage, tmp_path: Path) -> None:
    """A tarball whose damage shows at its end only ends the call, and leaves nothing."""
    path = tarball(tmp_path, image(20 * MIB))
    with (tmp_path / "image").open("r+b") as file:
        file.seek(-6, 2)
        file.write(b"\0\0")
    answer = cpi.call("create_stemcell", path, properties())
    refused(answer, "CloudError", "damaged", "Cleaned up: bucket")
    assert left(storage) == []


@pytest.mark.parametrize(
    ("code", "status"), [("InvalidAccessKeyId", 403), ("SignatureDoesNotMatch", 403)]
)
def test_wrong_key(create: Any, sim: Simulator, code: str, status: int) -> None:
    """A key that OSS does not take is an error that holds no key."""
    sim.add_fault(kind="error", action="PutBucket", code=code, status=status, count=0)
    refused(create(), "CloudError", "PutBucket", code)
    assert len(sim.calls("PutBucket")) == 1
