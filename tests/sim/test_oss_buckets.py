"""OSS: buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.oss_support import BUCKET, RawOss, Sdk, code_of, element, oss2, refused
from sim.support import KEY_ID, OTHER_KEY_ID, OTHER_KEY_SECRET

if TYPE_CHECKING:
    from alicloud_sim import Simulator


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_life_of_a_bucket(oss: Sdk, version: str) -> None:
    """A bucket is made, described, listed and deleted, by either signature."""
    auth = oss.auth(version=version)
    bucket = oss.bucket(auth=auth)
    bucket.create_bucket(oss2.BUCKET_ACL_PUBLIC_READ, oss2.models.BucketCreateConfig("IA"))
    info = bucket.get_bucket_info()
    assert (info.name, info.location, info.storage_class) == (BUCKET, "oss-cn-beijing", "IA")
    assert info.extranet_endpoint == "oss-cn-beijing.aliyuncs.com"
    assert info.intranet_endpoint == "oss-cn-beijing-internal.aliyuncs.com"
    assert (info.acl.grant, info.owner.id) == ("public-read", "1100000000000001")
    assert bucket.get_bucket_location().location == "oss-cn-beijing"
    assert bucket.get_bucket_acl().acl == "public-read"
    assert [b.name for b in oss.service(auth).list_buckets().buckets] == [BUCKET]
    bucket.delete_bucket()
    assert refused(bucket.get_bucket_info) == (404, "NoSuchBucket")


@pytest.mark.parametrize("name", ["ab", "-abc", "abc-", "Abc", "a_b", "a" * 64])
def test_names(raw: RawOss, name: str) -> None:
    """A name has 3-63 of a-z 0-9 -, and a letter or digit at both ends."""
    assert raw.code("PUT", f"/{name}/") == (400, "InvalidBucketName")


def test_names_are_unique_in_all_of_oss(oss: Sdk, bucket: Any) -> None:
    """An own bucket may be put again as it is; somebody else's name is taken."""
    bucket.create_bucket(oss2.BUCKET_ACL_PUBLIC_READ)
    assert bucket.get_bucket_acl().acl == "public-read"
    changed = oss2.models.BucketCreateConfig("IA")
    assert refused(lambda: bucket.create_bucket(None, changed)) == (409, "BucketAlreadyExists")
    assert refused(oss.others().create_bucket) == (409, "BucketAlreadyExists")


def test_quota(sim: Simulator, oss: Sdk) -> None:
    """There are so many buckets per account and region; hangzhou's do not count here."""
    sim.seed({"quotas": {"oss.buckets": 1}})
    sim.seed({"oss_bucket": [{"id": "elsewhere", "region": "cn-hangzhou"}]})
    oss.bucket("one").create_bucket()
    assert refused(oss.bucket("two").create_bucket) == (400, "TooManyBuckets")


def test_delete_needs_an_empty_bucket(bucket: Any) -> None:
    """Neither objects nor unfinished uploads may be in a bucket that is deleted."""
    bucket.put_object("a", b"1")
    assert refused(bucket.delete_bucket) == (409, "BucketNotEmpty")
    bucket.delete_object("a")
    upload_id = bucket.init_multipart_upload("b").upload_id
    assert refused(bucket.delete_bucket) == (409, "BucketNotEmpty")
    bucket.abort_multipart_upload("b", upload_id)
    bucket.delete_bucket()


def test_buckets_of_others(oss: Sdk, bucket: Any) -> None:
    """A private bucket is closed to other accounts; public-read opens reading only."""
    bucket.put_object("a", b"1")
    other = oss.others()
    for call in (
        lambda: other.get_object("a"),
        lambda: other.put_object("b", b""),
        lambda: other.delete_object("a"),
        other.list_objects,
        other.get_bucket_info,
        other.get_bucket_location,
        other.delete_bucket,
        lambda: other.init_multipart_upload("b"),
    ):
        assert refused(call) == (403, "AccessDenied")
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    assert other.get_object("a").read() == b"1"
    assert [o.key for o in other.list_objects().object_list] == ["a"]
    assert refused(lambda: other.put_object("b", b"")) == (403, "AccessDenied")
    assert refused(other.get_bucket_info) == (403, "AccessDenied")


def test_anonymous(raw: RawOss, bucket: Any) -> None:
    """Nobody reads public objects; without a signature nothing else is allowed."""
    bucket.put_object("a", b"1")
    assert raw.code("GET", f"/{BUCKET}/a", sign=False) == (403, "AccessDenied")
    assert raw.code("PUT", "/newbucket/", sign=False) == (403, "AccessDenied")
    assert raw.code("GET", f"/{BUCKET}/?bucketInfo", sign=False) == (403, "AccessDenied")
    bucket.put_bucket_acl(oss2.BUCKET_ACL_PUBLIC_READ)
    assert raw.send("GET", f"/{BUCKET}/a", sign=False).body == b"1"


def test_virtual_hosts(raw: RawOss, bucket: Any) -> None:
    """The host may name the bucket; on the cloud's own names it has to."""
    bucket.put_object("dir/a", b"1")
    for host in (
        f"{BUCKET}.oss-cn-beijing.aliyuncs.com",
        f"{BUCKET}.oss-cn-beijing-internal.aliyuncs.com",
        f"{BUCKET}.oss-cn-beijing.localhost:{raw.sim.port}",
        f"{BUCKET}.localhost:{raw.sim.port}",
        f"{BUCKET}.127.0.0.1:{raw.sim.port}",
    ):
        headers = raw.signed("GET", f"/{BUCKET}/dir/a", {"Host": host})
        assert raw.send("GET", "/dir/a", headers=headers, sign=False).body == b"1"
    cloud = {"Host": "oss-cn-beijing.aliyuncs.com"}
    code = raw.code("GET", f"/{BUCKET}/dir/a", headers=cloud)
    assert code == (403, "SecondLevelDomainForbidden")
    listed = raw.send("GET", "/", headers=cloud)
    assert element(listed, "Name") == BUCKET


def test_region_of_the_endpoint(raw: RawOss, bucket: Any) -> None:
    """A bucket is reached at its region's endpoint only, and a new one is made there."""
    bucket.put_object("a", b"1")
    host = {"Host": f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com"}
    headers = raw.signed("GET", f"/{BUCKET}/a", host)
    answer = raw.send("GET", "/a", headers=headers, sign=False)
    assert (answer.status, code_of(answer)) == (403, "AccessDenied")
    assert element(answer, "Endpoint") == "oss-cn-beijing.aliyuncs.com"
    made = {"Host": "faraway.oss-cn-hangzhou.aliyuncs.com"}
    headers = raw.signed("PUT", "/faraway/", made)
    assert raw.send("PUT", "/", headers=headers, sign=False).status == 200
    located = raw.send("GET", "/faraway/?location")
    assert element(located, "LocationConstraint") == "oss-cn-hangzhou"


def test_region_of_the_signature(oss: Sdk) -> None:
    """At an endpoint without a region that of a V4 signature counts."""
    auth = oss.auth(version="v4")
    oss.bucket("south", auth, region="cn-hangzhou").create_bucket()
    info = oss.bucket("south", auth, region="cn-hangzhou").get_bucket_info()
    assert info.location == "oss-cn-hangzhou"
    wrong = oss.bucket("south", auth, region="cn-beijing")
    assert refused(wrong.get_bucket_info) == (403, "AccessDenied")


def test_location_constraint(raw: RawOss, sim: Simulator) -> None:
    """The configuration may name the region; one that does not exist is refused."""
    body = "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint>"
    body += "</CreateBucketConfiguration>"
    assert raw.send("PUT", "/south/", body.format("oss-cn-hangzhou").encode()).status == 200
    assert sim.state()["records"]["oss_bucket"]["south"]["region"] == "cn-hangzhou"
    nowhere = body.format("oss-cn-nowhere").encode()
    assert raw.code("PUT", "/north/", nowhere) == (400, "InvalidLocationConstraint")
    assert raw.code("PUT", "/north/", b"<No") == (400, "MalformedXML")
    assert raw.code("PUT", "/north/", b"<Other/>") == (400, "MalformedXML")


def test_list_buckets(oss: Sdk) -> None:
    """Buckets of one account are listed by name, in pages, by prefix."""
    for name in ("b-two", "a-one", "b-three"):
        oss.bucket(name).create_bucket()
    oss.others("b-other").create_bucket()
    service = oss.service()
    assert [b.name for b in service.list_buckets().buckets] == ["a-one", "b-three", "b-two"]
    page = service.list_buckets(prefix="b-", max_keys=1)
    assert ([b.name for b in page.buckets], page.is_truncated) == (["b-three"], True)
    rest = service.list_buckets(prefix="b-", marker=page.next_marker)
    assert [b.name for b in rest.buckets] == ["b-two"]


def test_head_bucket(raw: RawOss, bucket: Any) -> None:
    """HEAD tells whether a bucket is there; refusals of HEAD have their document in a header."""
    assert bucket.bucket_name == BUCKET
    answer = raw.send("HEAD", f"/{BUCKET}/")
    assert (answer.status, answer.headers["x-oss-bucket-region"]) == (200, "cn-beijing")
    assert raw.code("HEAD", "/nobucket/") == (404, "NoSuchBucket")
    other = RawOss(raw.sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    assert other.code("HEAD", f"/{BUCKET}/") == (403, "AccessDenied")


def test_what_is_not_simulated(raw: RawOss, bucket: Any) -> None:
    """What OSS can do and the simulator cannot is 501, be it a sub-resource or a header."""
    bucket.put_object("a", b"1")
    assert raw.send("GET", f"/{BUCKET}/?cors").status == 501
    assert raw.send("GET", f"/{BUCKET}/a?tagging").status == 501
    tagging = {"x-oss-tagging": "a=b"}
    assert raw.send("PUT", f"/{BUCKET}/b", b"1", tagging).status == 501
    assert raw.code("PATCH", f"/{BUCKET}/a") == (405, "MethodNotAllowed")


def test_denied_actions(sim: Simulator, bucket: Any) -> None:
    """A key can be denied actions by name; PutObject covers uploads in parts as RAM has it."""
    sim.change_key(KEY_ID, denied=["oss:PutObject", "DeleteBucket"])
    assert refused(lambda: bucket.put_object("a", b"")) == (403, "AccessDenied")
    assert refused(lambda: bucket.init_multipart_upload("a")) == (403, "AccessDenied")
    assert refused(bucket.delete_bucket) == (403, "AccessDenied")
    assert bucket.list_objects().object_list == []
