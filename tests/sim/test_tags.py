"""Tags of resources of several kinds, by the newer and the older actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import GROUP, IMAGE, eni, free_eni, instance, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud


def tag(number: int, key: str, value: str = "v") -> dict[str, str]:
    """Write one tag as parameters."""
    return {f"Tag.{number}.Key": key, f"Tag.{number}.Value": value}


def many(amount: int) -> dict[str, str]:
    """Write several tags as parameters."""
    return {k: v for n in range(1, amount + 1) for k, v in tag(n, f"k{n}").items()}


def listed(cloud: Cloud, kind: str, *ids: str, **params: Any) -> dict[str, dict[str, str]]:
    """List the tags of resources, by id."""
    given = {f"ResourceId.{n}": i for n, i in enumerate(ids, 1)}
    rows = cloud.ok("ListTagResources", ResourceType=kind, **given, **params)
    found: dict[str, dict[str, str]] = {}
    for row in rows["TagResources"]["TagResource"]:
        found.setdefault(row["ResourceId"], {})[row["TagKey"]] = row["TagValue"]
    return found


def test_kinds(cloud: Cloud, sim: Simulator) -> None:
    """Instances, disks, snapshots, images, groups and interfaces take tags."""
    sim.seed({"image": [{"id": "m-own"}], "snapshot": [{"id": "s-own"}]})
    resources = {
        "instance": stopped(cloud),
        "disk": cloud.settled_disk(),
        "snapshot": "s-own",
        "image": "m-own",
        "securitygroup": GROUP,
        "eni": free_eni(cloud),
    }
    for kind, resource_id in resources.items():
        given = {"ResourceType": kind, "ResourceId.1": resource_id}
        cloud.ok("TagResources", **given, **tag(1, "a", "1"))
        assert listed(cloud, kind, resource_id) == {resource_id: {"a": "1"}}
        cloud.ok("UntagResources", **given, TagKey__1="a")
        assert listed(cloud, kind, resource_id) == {}


def test_tags_show(cloud: Cloud) -> None:
    """Tags show in the resource's own list; a present key gets the new value."""
    instance_id, disk_id, eni_id = stopped(cloud), cloud.settled_disk(), free_eni(cloud)
    for kind, resource_id in (("instance", instance_id), ("disk", disk_id), ("eni", eni_id)):
        for value in ("1", "2"):
            given = {"ResourceType": kind, "ResourceId.1": resource_id}
            cloud.ok("TagResources", **given, **tag(1, "a", value))
    shown = [instance(cloud, instance_id), cloud.disks(disk_id)[0], eni(cloud, eni_id)]
    wanted = {"Tag": [{"TagKey": "a", "TagValue": "2"}]}
    assert [row["Tags"] for row in shown] == [wanted] * 3


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"ResourceType": "planet"}, "InvalidResourceType.NotFound"),
        ({"ResourceId.1": "d-none"}, "InvalidResourceId.NotFound"),
        ({"ResourceType": None}, "MissingParameter.ResourceType"),
        ({"ResourceId.1": None}, "MissingParameter"),
        ({f"ResourceId.{n}": f"d-{n}" for n in range(1, 52)}, "NumberExceed.ResourceIds"),
        (tag(2, "acs:x"), "InvalidTagKey.Malformed"),
        (tag(2, "aliyun-x"), "InvalidTagKey.Malformed"),
        (tag(2, "k" * 129), "InvalidTagKey.Malformed"),
        (tag(2, "xhttp://x"), "InvalidTagKey.Malformed"),
        (tag(2, "x", "v" * 129), "InvalidTagValue.Malformed"),
        (tag(2, "x", "https://x"), "InvalidTagValue.Malformed"),
        (tag(2, "BASE"), "Duplicate.TagKey"),
        (many(21), "NumberExceed.Tags"),
    ],
)
def test_refusals(cloud: Cloud, given: dict[str, Any], code: str) -> None:
    """Unknown resources, malformed tags and too many of either are refused."""
    disk_id = cloud.settled_disk()
    params = {"ResourceType": "disk", "ResourceId.1": disk_id, **tag(1, "base"), **given}
    assert cloud.call("TagResources", **params).code.startswith(code)
    assert cloud.disks(disk_id)[0]["Tags"]["Tag"] == []


def test_limit_of_a_resource(cloud: Cloud) -> None:
    """A resource has at most 20 tags; a refused call tags none of its resources."""
    first, second = cloud.settled_disk(), cloud.settled_disk()
    given = {"ResourceType": "disk", "ResourceId.1": second}
    cloud.ok("TagResources", **given, **many(20))
    both = {"ResourceType": "disk", "ResourceId.1": first, "ResourceId.2": second}
    refused = cloud.call("TagResources", **both, **tag(1, "one-more"))
    assert (refused.code, refused.status) == ("QuotaExceed.Tags", 403)
    assert listed(cloud, "disk", first) == {}
    assert cloud.call("TagResources", **given, **tag(1, "k1", "new")).status == 200


def test_case_of_keys(cloud: Cloud) -> None:
    """A key that differs from a present one by case only is refused."""
    given = {"ResourceType": "disk", "ResourceId.1": cloud.settled_disk()}
    cloud.ok("TagResources", **given, **tag(1, "Name"))
    refused = cloud.call("TagResources", **given, **tag(1, "name"))
    assert (refused.code, refused.status) == ("TagKey.Duplication", 403)


def test_shared_images(cloud: Cloud) -> None:
    """An image that another account shares cannot be tagged."""
    given = {"ResourceType": "image", "ResourceId.1": IMAGE, **tag(1, "a")}
    assert cloud.call("TagResources", **given).code == "InvalidResourceId.NotFound"


def test_untag(cloud: Cloud) -> None:
    """Keys or All=true, one of the two; absent keys are ignored."""
    disk_id = cloud.settled_disk(**tag(1, "a"), **tag(2, "b"), **tag(3, "c"))
    given = {"ResourceType": "disk", "ResourceId.1": disk_id}
    cloud.ok("UntagResources", **given, TagKey__1="a", TagKey__2="none")
    assert listed(cloud, "disk", disk_id)[disk_id].keys() == {"b", "c"}
    refused = cloud.call("UntagResources", **given, TagKey__1="b", All="true")
    assert refused.code == "Param.Conflict"
    assert cloud.call("UntagResources", **given).code == "MissingParameter.Tags"
    cloud.ok("UntagResources", **given, All="true")
    assert listed(cloud, "disk", disk_id) == {}


def test_list(cloud: Cloud) -> None:
    """Lists go by ids, by tags that all have to fit, or by filters with several values."""
    first = cloud.settled_disk(**tag(1, "a", "1"), **tag(2, "b", "1"))
    second = cloud.settled_disk(**tag(1, "a", "2"))
    assert listed(cloud, "disk", first, "d-none").keys() == {first}
    assert listed(cloud, "disk", **tag(1, "a", "")).keys() == {first, second}
    assert listed(cloud, "disk", **tag(1, "a", "2")).keys() == {second}
    assert listed(cloud, "disk", **tag(1, "a", ""), **tag(2, "b", "")).keys() == {first}
    either = {"TagFilter.1.TagKey": "a", "TagFilter.1.TagValues.1": "2"}
    assert listed(cloud, "disk", **either).keys() == {second}
    refused = cloud.call("ListTagResources", ResourceType="disk")
    assert (refused.code, refused.status) == ("BothEmpty.TagsAndResources", 403)


def test_list_pages(cloud: Cloud) -> None:
    """Fifty tags come at once, the rest with the token."""
    for _ in range(6):
        cloud.settled_disk(**many(10))
    given = {"ResourceType": "disk", "Tag.1.Key": "k1"}
    first = cloud.ok("ListTagResources", **given)
    second = cloud.ok("ListTagResources", **given, NextToken=first["NextToken"])
    sizes = [len(page["TagResources"]["TagResource"]) for page in (first, second)]
    assert sizes == [50, 10]
    assert second["NextToken"] == ""
    refused = cloud.call("ListTagResources", **given, NextToken="?")
    assert refused.code == "Invalid.NextToken"


def test_older_actions(cloud: Cloud) -> None:
    """AddTags overwrites, RemoveTags takes off by key or by key and value."""
    disk_id = cloud.settled_disk(**tag(1, "a", "1"))
    given = {"ResourceType": "disk", "ResourceId": disk_id}
    cloud.ok("AddTags", **given, **tag(1, "a", "2"), **tag(2, "b", "1"))
    assert listed(cloud, "disk", disk_id) == {disk_id: {"a": "2", "b": "1"}}
    cloud.ok("RemoveTags", **given, **tag(1, "a", "1"), **tag(2, "b", ""))
    assert listed(cloud, "disk", disk_id) == {disk_id: {"a": "2"}}
    assert cloud.call("RemoveTags", **given).code == "InvalidTagCount"
    unknown = {"ResourceType": "disk", "ResourceId": "d-none", **tag(1, "a")}
    assert cloud.call("AddTags", **unknown).code == "InvalidResourceId.NotFound"


def test_tags_in_use(cloud: Cloud) -> None:
    """DescribeTags counts the resources of each kind that have a tag."""
    stopped(cloud, **tag(1, "a", "1"))
    cloud.settled_disk(**tag(1, "a", "1"), **tag(2, "b", "1"))
    rows = cloud.ok("DescribeTags", Tag__1__Key="a")["Tags"]["Tag"]
    (row,) = rows
    assert (row["TagKey"], row["TagValue"]) == ("a", "1")
    assert row["ResourceTypeCount"] == {"Instance": 1, "Disk": 2, "Eni": 1}
    page = cloud.ok("DescribeTags", ResourceType="disk", PageSize=1, PageNumber=2)
    assert (page["TotalCount"], len(page["Tags"]["Tag"])) == (2, 1)
    refused = cloud.call("DescribeTags", ResourceType="planet")
    assert refused.code == "InvalidResourceType.NotFound"
