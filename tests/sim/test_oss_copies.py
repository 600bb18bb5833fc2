"""OSS: copies of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.oss_support import BUCKET, Sdk, refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator

DATA = bytes(range(250)) * 4


def test_copy(oss: Sdk, bucket: Any, sim: Simulator) -> None:
    """A copy has the bytes and, unless it replaces them, the metadata of its source."""
    meta = {"x-oss-meta-a": "1", "Content-Type": "text/x"}
    bucket.put_object("dir/ü", DATA, headers=meta)
    oss.bucket("target").create_bucket()
    target = oss.bucket("target")
    copied = target.copy_object(BUCKET, "dir/ü", "copy")
    assert copied.etag == bucket.head_object("dir/ü").etag
    got = target.get_object("copy")
    assert (got.read(), got.headers["x-oss-meta-a"]) == (DATA, "1")
    assert got.headers["Content-Type"] == "text/x"
    replace = {"x-oss-metadata-directive": "REPLACE", "x-oss-meta-b": "2"}
    target.copy_object(BUCKET, "dir/ü", "copy", headers=replace)
    headers = target.head_object("copy").headers
    assert (headers.get("x-oss-meta-a"), headers["x-oss-meta-b"]) == (None, "2")
    bucket.delete_object("dir/ü")
    assert target.get_object("copy").read() == DATA
    assert sim.world.blobs.blocks == 1


def test_copy_refusals(oss: Sdk, bucket: Any, sim: Simulator) -> None:
    """A source has to be there, readable, in the same region, and at most 1 GB."""
    bucket.put_object("a", DATA)
    rows = [
        {"id": "faraway", "region": "cn-hangzhou"},
        {"id": "foreign", "account": "1200000000000002"},
    ]
    sim.seed({"oss_bucket": rows})
    objects = [("faraway", "a", 1), ("foreign", "a", 1), (BUCKET, "big", 2**30 + 1)]
    sim.seed(
        {
            "oss_object": [
                {"id": f"{name}/{key}", "bucket": name, "key": key, "size": size}
                for name, key, size in objects
            ]
        }
    )
    for name, key, code in (
        ("faraway", "a", (403, "AccessDenied")),
        ("foreign", "a", (403, "AccessDenied")),
        ("nobucket", "a", (404, "NoSuchBucket")),
        (BUCKET, "nokey", (404, "NoSuchKey")),
        (BUCKET, "big", (400, "EntityTooLarge")),
    ):
        assert refused(lambda n=name, k=key: bucket.copy_object(n, k, "c")) == code
    unlike = {"x-oss-copy-source-if-match": "other"}
    code = refused(lambda: bucket.copy_object(BUCKET, "a", "c", headers=unlike))
    assert code == (412, "PreconditionFailed")
    assert oss.service().list_buckets().buckets[-1].name == BUCKET
