"""OSS: objects."""

from __future__ import annotations

import base64
import hashlib
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim import oss as stored
from sim.oss_support import BUCKET, RawOss, Sdk, refused
from sim.support import OTHER_KEY_ID

if TYPE_CHECKING:
    from alicloud_sim import Simulator

DATA = bytes(range(250)) * 4


def md5_of(data: bytes) -> str:
    """Give the MD5 as Content-MD5 has it."""
    return base64.b64encode(hashlib.md5(data).digest()).decode()  # noqa: S324


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("key", ["plain", "dir/sub/x", "spaces and +%&=", "umlaut-ü/图片", "a//b"])
def test_life_of_an_object(oss: Sdk, bucket: Any, version: str, key: str) -> None:
    """Any key can be put, read and deleted; a delete of nothing is 204 too."""
    signed = oss.bucket(bucket.bucket_name, oss.auth(version=version))
    put = signed.put_object(key, DATA)
    assert put.etag == hashlib.md5(DATA).hexdigest().upper()  # noqa: S324
    assert signed.get_object(key).read() == DATA
    assert signed.head_object(key).content_length == len(DATA)
    assert [o.key for o in signed.list_objects().object_list] == [key]
    assert signed.delete_object(key).status == 204
    assert signed.delete_object(key).status == 204
    assert refused(lambda: signed.get_object(key)) == (404, "NoSuchKey")


def test_headers_of_answers(raw: RawOss, bucket: Any) -> None:
    """Answers tell tag, checksums, time and ids; headers of the upload come back."""
    assert bucket.bucket_name == BUCKET
    given = {
        "Content-Type": "application/x-raw",
        "Cache-Control": "no-cache",
        "x-oss-meta-Made-By": "tests",
        "x-oss-storage-class": "IA",
        "x-oss-server-side-encryption": "AES256",
    }
    put = raw.send("PUT", f"/{BUCKET}/a", b"123456789", given)
    assert put.headers["etag"] == '"25F9E794323B453885F5181F1B624D0B"'
    assert put.headers["x-oss-hash-crc64ecma"] == str(0x995DC9BBDF1939FA)
    assert put.headers["content-md5"] == md5_of(b"123456789")
    assert put.headers["server"] == "AliyunOSS"
    assert len(put.headers["x-oss-request-id"]) == 24
    assert put.headers["x-oss-server-side-encryption"] == "AES256"
    got = raw.send("GET", f"/{BUCKET}/a").headers
    assert (got["content-type"], got["cache-control"]) == ("application/x-raw", "no-cache")
    assert (got["x-oss-meta-made-by"], got["x-oss-storage-class"]) == ("tests", "IA")
    assert (got["x-oss-object-type"], got["accept-ranges"]) == ("Normal", "bytes")
    now = raw.sim.world.clock.now()
    assert got["last-modified"] == formatdate(now, usegmt=True)
    changed = raw.send("GET", f"/{BUCKET}/a?response-content-type=text/x")
    assert changed.headers["content-type"] == "text/x"


def test_checksums(raw: RawOss, bucket: Any) -> None:
    """A body that does not fit its Content-MD5 or CRC is refused and not kept."""
    for digest in (md5_of(b"other"), "no base64!", base64.b64encode(b"short").decode()):
        code = raw.code("PUT", f"/{BUCKET}/a", DATA, {"Content-MD5": digest})
        assert code == (400, "InvalidDigest")
    code = raw.code("PUT", f"/{BUCKET}/a", DATA, {"x-oss-hash-crc64ecma": "1"})
    assert code == (400, "InvalidCRC64")
    assert bucket.list_objects().object_list == []
    assert raw.send("PUT", f"/{BUCKET}/a", DATA, {"Content-MD5": md5_of(DATA)}).status == 200
    assert raw.sim.world.blobs.blocks == 1


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=990-", 206, slice(990, 1000)),
        ("bytes=-10", 206, slice(990, 1000)),
        ("bytes=990-1005", 200, slice(None)),
        ("bytes=1000-", 200, slice(None)),
        ("bytes=-2000", 200, slice(None)),
        ("bytes=9-0", 200, slice(None)),
        ("bytes=0-1,3-4", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
    ],
)
def test_ranges(raw: RawOss, bucket: Any, asked: str, status: int, part: slice) -> None:
    """One range comes with 206; whatever makes no sense brings the whole object with 200."""
    bucket.put_object("a", DATA)
    answer = raw.send("GET", f"/{BUCKET}/a", headers={"Range": asked})
    assert (answer.status, answer.body) == (status, DATA[part])
    assert ("content-range" in answer.headers) == (status == 206)


def test_ranges_of_the_standard(raw: RawOss, bucket: Any) -> None:
    """With x-oss-range-behavior: standard a range is cut, or refused with 416."""
    bucket.put_object("a", DATA)
    standard = {"x-oss-range-behavior": "standard"}
    cut = raw.send("GET", f"/{BUCKET}/a", headers={"Range": "bytes=990-2000", **standard})
    assert (cut.status, cut.headers["content-range"]) == (206, "bytes 990-999/1000")
    beyond = {"Range": "bytes=1000-", **standard}
    assert raw.code("GET", f"/{BUCKET}/a", headers=beyond) == (416, "InvalidRange")


def test_conditions(raw: RawOss, sim: Simulator, bucket: Any) -> None:
    """Conditions that do not hold are 412, what the client has already is 304."""
    tag = bucket.put_object("a", DATA).etag
    then = formatdate(sim.world.clock.now(), usegmt=True)
    sim.advance(100)
    before = formatdate(sim.world.clock.now() - 200, usegmt=True)
    for header, value, status in (
        ("If-Match", tag, 200),
        ("If-Match", '"other"', 412),
        ("If-None-Match", "other", 200),
        ("If-None-Match", f'"{tag}"', 304),
        ("If-Modified-Since", before, 200),
        ("If-Modified-Since", then, 304),
        ("If-Unmodified-Since", then, 200),
        ("If-Unmodified-Since", before, 412),
    ):
        answer = raw.send("GET", f"/{BUCKET}/a", headers={header: value})
        assert answer.status == status, (header, value)
    code = raw.code("PUT", f"/{BUCKET}/a", b"", {"If-Match": tag})
    assert code == (400, "NotImplemented")


def test_keys(raw: RawOss, bucket: Any) -> None:
    """A key has at most 1023 bytes and does not begin with a slash."""
    assert bucket.put_object("k" * 1023, b"").status == 200
    assert raw.code("PUT", f"/{BUCKET}/{'k' * 1024}", b"1") == (400, "InvalidObjectName")
    assert raw.code("PUT", f"/{BUCKET}//a", b"1") == (400, "InvalidObjectName")


def test_overwriting(bucket: Any, sim: Simulator) -> None:
    """A put replaces the object unless it forbids that; the old bytes are let go."""
    bucket.put_object("a", b"old")
    bucket.put_object("a", b"new")
    assert sim.world.blobs.blocks == 1
    forbid = {"x-oss-forbid-overwrite": "true"}
    code = refused(lambda: bucket.put_object("a", b"newer", headers=forbid))
    assert code == (409, "FileAlreadyExists")
    assert bucket.get_object("a").read() == b"new"
    assert sim.world.blobs.blocks == 1


def test_archived_objects(bucket: Any) -> None:
    """An archived object can be described, not read; classes that do not exist are refused."""
    bucket.put_object("a", b"1", headers={"x-oss-storage-class": "Archive"})
    assert bucket.head_object("a").headers["x-oss-storage-class"] == "Archive"
    assert refused(lambda: bucket.get_object("a")) == (403, "InvalidObjectState")
    odd = {"x-oss-storage-class": "Tape"}
    assert refused(lambda: bucket.put_object("b", b"", headers=odd)) == (400, "InvalidArgument")


def test_object_acl(oss: Sdk, bucket: Any) -> None:
    """The ACL of an object counts before that of its bucket."""
    bucket.put_object("open", b"1", headers={"x-oss-object-acl": "public-read"})
    bucket.put_object("closed", b"1")
    assert oss.others().get_object("open").read() == b"1"
    assert refused(lambda: oss.others().get_object("closed")) == (403, "AccessDenied")


def test_delete_objects(raw: RawOss, bucket: Any) -> None:
    """Many keys are deleted at once, absent ones too; the body needs its Content-MD5."""
    for key in ("a", "b ü", "c"):
        bucket.put_object(key, b"1")
    result = bucket.batch_delete_objects(["a", "b ü", "nothing"])
    assert result.deleted_keys == ["a", "b ü", "nothing"]
    assert [o.key for o in bucket.list_objects().object_list] == ["c"]
    body = b"<Delete><Quiet>true</Quiet><Object><Key>c</Key></Object></Delete>"
    assert raw.code("POST", f"/{BUCKET}/?delete", body) == (400, "InvalidArgument")
    quiet = raw.send("POST", f"/{BUCKET}/?delete", body, {"Content-MD5": md5_of(body)})
    assert (quiet.status, quiet.body) == (200, b"")
    many = f"<Delete>{'<Object><Key>k</Key></Object>' * 1001}</Delete>".encode()
    code = raw.code("POST", f"/{BUCKET}/?delete", many, {"Content-MD5": md5_of(many)})
    assert code == (400, "MalformedXML")


def test_find_object(bucket: Any, sim: Simulator) -> None:
    """Other services find an object in its region, with its first bytes."""
    bucket.put_object("disk.raw", b"QFI\xfb" + bytes(3_000_000))
    world, account = sim.world, sim.world.account
    found = stored.find_object(world, account, "cn-beijing", BUCKET, "disk.raw")
    assert found is not None
    assert (found.size, found.head(4), found.read(4, 2)) == (3_000_004, b"QFI\xfb", b"\0\0")
    assert stored.find_object(world, account, "cn-hangzhou", BUCKET, "disk.raw") is None
    assert stored.find_object(world, account, "cn-beijing", BUCKET, "nokey") is None
    other = world.keys[OTHER_KEY_ID].account
    assert stored.find_object(world, other, "cn-beijing", BUCKET, "disk.raw") is None
    assert stored.find_bucket(world, BUCKET) is not None
    assert stored.find_bucket(world, "nobucket") is None


def test_seeded_objects(bucket: Any, sim: Simulator) -> None:
    """An object that a seed adds with a size only is so many zeros."""
    row = {"id": f"{BUCKET}/z", "bucket": BUCKET, "key": "z", "size": 5}
    sim.seed({"oss_object": [row]})
    assert bucket.get_object("z").read() == bytes(5)


def test_object_meta(bucket: Any) -> None:
    """GetObjectMeta tells size and tag only."""
    etag = bucket.put_object("a", DATA, headers={"x-oss-meta-a": "1"}).etag
    meta = bucket.get_object_meta("a")
    assert (meta.content_length, meta.etag) == (len(DATA), etag)
    assert "x-oss-meta-a" not in meta.headers
