"""OSS: which data a key and an endpoint give access to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.oss_support import BUCKET, RawOss, Sdk, refused

if TYPE_CHECKING:
    from alicloud_sim import Simulator

FORBIDDEN = (400, "PublicEndpointForbidden")


@pytest.fixture
def new_account(sim: Simulator, bucket: Any) -> Any:
    """Give the bucket of an account that is new to OSS, with an object."""
    bucket.put_object("a", b"bytes")
    sim.seed({"settings": {"oss.public_endpoint_forbidden": True}})
    return bucket


def test_a_new_account_has_no_data_at_the_public_endpoint(new_account: Any) -> None:
    """Each operation on an object is refused; the public endpoint is that of the bucket."""
    for call in (
        lambda: new_account.get_object("a"),
        lambda: new_account.put_object("b", b""),
        lambda: new_account.init_multipart_upload("b"),
        lambda: new_account.delete_object("a"),
        lambda: new_account.copy_object(BUCKET, "a", "b"),
    ):
        assert refused(call) == FORBIDDEN


def test_the_refusal_has_its_number(new_account: Any, raw: RawOss) -> None:
    """EC 0048-00000401, in the document and in the header."""
    assert new_account is not None
    answer = raw.send("GET", f"/{BUCKET}/a")
    assert answer.headers["x-oss-ec"] == "0048-00000401"
    assert b"<EC>0048-00000401</EC>" in answer.body


def test_buckets_themselves_are_open(new_account: Any, oss: Sdk) -> None:
    """Made, listed and deleted as ever."""
    other = oss.bucket("another-bucket")
    other.create_bucket()
    assert {found.name for found in oss.service().list_buckets().buckets} >= {BUCKET}
    other.delete_bucket()
    assert new_account.list_objects().object_list


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("stemcells.oss-cn-beijing.aliyuncs.com", 400),
        ("stemcells.oss-cn-beijing-internal.aliyuncs.com", 200),
    ],
)
def test_the_internal_endpoint_is_open(
    new_account: Any, raw: RawOss, host: str, status: int
) -> None:
    """Requests from inside the region go on as before."""
    assert new_account is not None
    headers = {"Host": host, **raw.signed("GET", f"/{BUCKET}/a")}
    assert raw.send("GET", "/a", headers=headers, sign=False).status == status


@pytest.mark.parametrize(("region", "open_"), [("cn-hongkong", True), ("cn-hangzhou", False)])
def test_only_mainland_regions_are_closed(
    sim: Simulator,
    raw: RawOss,
    region: str,
    open_: bool,  # noqa: FBT001
) -> None:
    """Hong Kong and regions abroad have open public endpoints."""
    sim.seed(
        {
            "settings": {"oss.public_endpoint_forbidden": True},
            "oss_bucket": [{"id": "far", "region": region}],
            "oss_object": [{"id": "far/a", "bucket": "far", "key": "a", "size": 1}],
        }
    )
    assert raw.send("GET", "/far/a").status == (200 if open_ else 400)


@pytest.mark.parametrize("action", ["oss:GetObject", "GetObject"])
def test_a_copy_needs_the_right_to_read_its_source(
    sim: Simulator, bucket: Any, oss: Sdk, action: str
) -> None:
    """UploadPartCopy and CopyObject read: a key without oss:GetObject cannot copy."""
    bucket.put_object("zeros", bytes(1000))
    sim.add_key("LTAIwriter", "writers-own-secret-1", denied=[action])
    writer = oss.bucket(BUCKET, oss.auth("LTAIwriter", "writers-own-secret-1"))
    upload_id = writer.init_multipart_upload("big").upload_id
    for copy in (
        lambda: writer.upload_part_copy(BUCKET, "zeros", (0, 99), "big", upload_id, 1),
        lambda: writer.copy_object(BUCKET, "zeros", "copy"),
    ):
        assert refused(copy) == (403, "AccessDenied")
    assert writer.upload_part("big", upload_id, 1, bytes(100)).status == 200
