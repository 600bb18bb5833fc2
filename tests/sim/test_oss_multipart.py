"""OSS: uploads in parts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from sim.oss_support import BUCKET, MIB, RawOss, Sdk, element, oss2, refused, upload

if TYPE_CHECKING:
    from alicloud_sim import Simulator

PART = bytes(range(256)) * 400  # 100 KB, the least that a part may have
PartInfo = oss2.models.PartInfo


def complete(raw: RawOss, key: str, upload_id: str, *parts: tuple[int, str]) -> tuple[int, str]:
    """Complete an upload that has to be refused; give status and code."""
    listed = "".join(
        f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in parts
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return raw.code("POST", f"/{BUCKET}/{key}?uploadId={upload_id}", body)


def test_life_of_an_upload(bucket: Any, sim: Simulator) -> None:
    """Parts with gaps in their numbers are joined; the tag tells their number."""
    upload_id = bucket.init_multipart_upload("big", headers={"x-oss-meta-a": "1"}).upload_id
    data = {1: PART, 5: bytes(3 * MIB), 9: b"end"}
    infos = []
    for number, part in reversed(data.items()):
        put = bucket.upload_part("big", upload_id, number, part)
        assert put.etag == hashlib.md5(part).hexdigest().upper()  # noqa: S324
        infos.append(PartInfo(number, put.etag, len(part), put.crc))
    assert refused(lambda: bucket.get_object("big")) == (404, "NoSuchKey")
    result = bucket.complete_multipart_upload("big", upload_id, infos)
    assert result.etag.endswith("-3")
    got = bucket.get_object("big")
    assert got.read() == b"".join(data.values())
    assert got.headers["x-oss-object-type"] == "Multipart"
    assert got.headers["x-oss-meta-a"] == "1"
    assert got.headers["x-oss-hash-crc64ecma"] == str(result.crc)
    assert bucket.list_multipart_uploads().upload_list == []
    again = refused(lambda: bucket.complete_multipart_upload("big", upload_id, infos))
    assert again == (404, "NoSuchUpload")
    bucket.delete_object("big")
    assert sim.world.blobs.blocks == 0


def test_crc_of_the_whole(bucket: Any) -> None:
    """The CRC of an object in parts is the one of the same bytes put at once."""
    parts = (PART, PART[::-1], b"tail")
    whole = bucket.put_object("whole", b"".join(parts)).crc
    assert upload(bucket, "parts", *parts).crc == whole


def test_parts_are_replaced(bucket: Any, sim: Simulator) -> None:
    """The same number again replaces the part; the former tag is InvalidPart then."""
    upload_id = bucket.init_multipart_upload("a").upload_id
    old = bucket.upload_part("a", upload_id, 1, b"old").etag
    new = bucket.upload_part("a", upload_id, 1, b"new").etag
    assert sim.world.blobs.blocks == 1
    stale = [PartInfo(1, old)]
    code = refused(lambda: bucket.complete_multipart_upload("a", upload_id, stale))
    assert code == (400, "InvalidPart")
    bucket.complete_multipart_upload("a", upload_id, [PartInfo(1, new)])
    assert bucket.get_object("a").read() == b"new"


def test_refusals_at_the_end(raw: RawOss, bucket: Any) -> None:
    """Order, presence and size of the parts are checked when the upload is completed."""
    upload_id = bucket.init_multipart_upload("a").upload_id
    one = bucket.upload_part("a", upload_id, 1, PART[:-1]).etag
    two = bucket.upload_part("a", upload_id, 2, PART).etag
    order = (400, "InvalidPartOrder")
    assert complete(raw, "a", upload_id, (2, two), (1, one)) == order
    assert complete(raw, "a", upload_id, (2, two), (2, two)) == order
    assert complete(raw, "a", upload_id, (2, two), (3, two)) == (400, "InvalidPart")
    assert complete(raw, "a", upload_id, (2, one)) == (400, "InvalidPart")
    assert complete(raw, "a", upload_id, (1, one), (2, two)) == (400, "EntityTooSmall")
    assert complete(raw, "a", upload_id) == (400, "MalformedXML")
    assert complete(raw, "other", upload_id, (1, one)) == (404, "NoSuchUpload")
    assert len(bucket.list_parts("a", upload_id).parts) == 2
    infos = [PartInfo(2, two)]
    bucket.complete_multipart_upload("a", upload_id, infos)
    assert bucket.get_object("a").read() == PART


@pytest.mark.parametrize("number", ["0", "10001", "x", ""])
def test_part_numbers(raw: RawOss, bucket: Any, number: str) -> None:
    """Parts have numbers from 1 to 10000."""
    upload_id = bucket.init_multipart_upload("a").upload_id
    sub = f"partNumber={number}" if number else "partNumber"
    answer = raw.send("PUT", f"/{BUCKET}/a?{sub}&uploadId={upload_id}", b"1")
    assert (answer.status, element(answer, "ArgumentName")) == (400, "partNumber")


def test_abort(bucket: Any, sim: Simulator) -> None:
    """An aborted upload is gone with its parts; unknown uploads are refused everywhere."""
    upload_id = bucket.init_multipart_upload("a").upload_id
    bucket.upload_part("a", upload_id, 1, PART)
    bucket.abort_multipart_upload("a", upload_id)
    assert sim.world.blobs.blocks == 0
    for call in (
        lambda: bucket.abort_multipart_upload("a", upload_id),
        lambda: bucket.upload_part("a", upload_id, 1, PART),
        lambda: bucket.list_parts("a", upload_id),
        lambda: bucket.upload_part_copy(BUCKET, "b", None, "a", upload_id, 1),
    ):
        assert refused(call) == (404, "NoSuchUpload")


def test_copied_parts(bucket: Any, sim: Simulator) -> None:
    """Parts come from objects too, whole or a range; a range that makes no sense is the whole."""
    source = PART + bytes(MIB)
    bucket.put_object("source", source)
    before = sim.world.blobs.blocks
    upload_id = bucket.init_multipart_upload("copy").upload_id
    infos, expected = [], b""
    wide = (0, len(source))
    for number, span in enumerate([(5, 102_404), None, wide], start=1):
        made = bucket.upload_part_copy(BUCKET, "source", span, "copy", upload_id, number)
        infos.append(PartInfo(number, made.etag))
        expected += source[5:102_405] if span == (5, 102_404) else source
    bucket.complete_multipart_upload("copy", upload_id, infos)
    assert bucket.get_object("copy").read() == expected
    assert sim.world.blobs.blocks == before
    missing = lambda: bucket.upload_part_copy(BUCKET, "no", None, "c", upload_id, 1)  # noqa: E731
    assert refused(missing) == (404, "NoSuchUpload")


def test_all_parts(raw: RawOss, bucket: Any) -> None:
    """x-oss-complete-all joins whatever was uploaded; a list besides it is refused."""
    upload_id = bucket.init_multipart_upload("a").upload_id
    bucket.upload_part("a", upload_id, 7, b"2")
    bucket.upload_part("a", upload_id, 3, PART)
    every = {"x-oss-complete-all": "yes"}
    resource = f"/{BUCKET}/a?uploadId={upload_id}"
    assert raw.code("POST", resource, b"<x/>", every) == (400, "InvalidArgument")
    assert raw.send("POST", resource, headers=every).status == 200
    assert bucket.get_object("a").read() == PART + b"2"


def test_forbidden_overwrite(bucket: Any) -> None:
    """An upload that may not overwrite is refused at the beginning and at the end."""
    forbid = {"x-oss-forbid-overwrite": "true"}
    upload_id = bucket.init_multipart_upload("a").upload_id
    info = [PartInfo(1, bucket.upload_part("a", upload_id, 1, b"1").etag)]
    bucket.put_object("a", b"there")
    code = (409, "FileAlreadyExists")
    assert refused(lambda: bucket.init_multipart_upload("a", headers=forbid)) == code
    end = lambda: bucket.complete_multipart_upload("a", upload_id, info, headers=forbid)  # noqa: E731
    assert refused(end) == code
    assert bucket.get_object("a").read() == b"there"


def test_lists(bucket: Any, sim: Simulator) -> None:
    """Parts are listed by number, uploads by key and id, both in pages."""
    first = sorted(bucket.init_multipart_upload("dir/a").upload_id for _ in range(2))
    last = bucket.init_multipart_upload("z").upload_id
    for number in (3, 1, 2):
        bucket.upload_part("z", last, number, b"1" * number)
    page = bucket.list_parts("z", last, max_parts=2)
    assert [(p.part_number, p.size) for p in page.parts] == [(1, 1), (2, 2)]
    assert page.is_truncated
    rest = bucket.list_parts("z", last, marker=page.next_marker)
    assert [p.part_number for p in rest.parts] == [3]
    whole = bucket.list_multipart_uploads()
    assert [u.upload_id for u in whole.upload_list] == [*first, last]
    head = bucket.list_multipart_uploads(max_uploads=1)
    more = bucket.list_multipart_uploads(
        key_marker=head.next_key_marker, upload_id_marker=head.next_upload_id_marker
    )
    assert [u.upload_id for u in more.upload_list] == [first[1], last]
    folded = bucket.list_multipart_uploads(delimiter="/")
    assert (folded.prefix_list, [u.key for u in folded.upload_list]) == (["dir/"], ["z"])
    assert len(sim.state()["records"]["oss_upload"]) == 3


def test_resumable_upload(oss: Sdk, bucket: Any, tmp_path: Any) -> None:
    """The SDK's own upload in parts, several at a time, gives the file's bytes."""
    data = b"".join(bytes([n]) * 300_000 for n in range(10))
    source, target = tmp_path / "image", tmp_path / "back"
    source.write_bytes(data)
    store = oss2.resumable.ResumableStore(root=str(tmp_path))
    oss2.resumable_upload(
        bucket,
        "image",
        str(source),
        store=store,
        multipart_threshold=MIB,
        part_size=MIB // 4,
        num_threads=3,
    )
    bucket.get_object_to_file("image", str(target))
    assert target.read_bytes() == data
    assert oss.bucket().head_object("image").content_length == len(data)
