"""create_stemcell of a light stemcell: an image that is there, or an encrypted copy of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.ecs.images.record import Image
from support.storage import refused
from support.world import MARK

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage
    from support.world import Names

OTHER_ACCOUNT = "1200000000000002"
TAGS = {"tags": {"director": "bosh", "cost": 5, "none": None}}


def light(image: str, **properties: Any) -> dict[str, Any]:
    """Word a light stemcell's cloud_properties."""
    return {
        "name": "bosh-alicloud-kvm-ubuntu-jammy-go_agent",
        "version": 1.5,
        "image_id": {"cn-beijing": image, "cn-hangzhou": "m-elsewhere"},
        **properties,
    }


# An image that is there already


@pytest.mark.parametrize("env", [[], [None], [{}], [TAGS]])
def test_marked(cpi: Cpi, storage: Storage, names: Names, env: list[Any]) -> None:
    """The cid is the id of this region's image, with the mark; the image is left alone."""
    before = storage.sim.state()["records"]["image"]
    cid = cpi.ok("create_stemcell", "/none/image", light(names.image), *env)
    assert cid == f"{names.image} light"
    assert storage.sim.state()["records"]["image"] == before
    assert {call["action"] for call in storage.sim.calls()} == {"DescribeImages"}


def test_repeat(cpi: Cpi, names: Names) -> None:
    """The same call again answers the same cid."""
    cids = {cpi.ok("create_stemcell", "", light(names.image)) for _ in range(2)}
    assert cids == {f"{names.image} light"}


def test_region_of_the_call(cpi: Cpi, sim: Simulator) -> None:
    """The image is that of the call's own region, also when its context names another one."""
    there = sim.world.constants["cn-hangzhou.light_stemcell"]
    properties = light("m-here", image_id={"cn-beijing": "m-here", "cn-hangzhou": there})
    cid = cpi.ok("create_stemcell", "", properties, context={"region": "cn-hangzhou"})
    assert cid == f"{there} light"


@pytest.mark.parametrize("fields", [{}, {"account": OTHER_ACCOUNT, "is_public": True}])
def test_own_and_public_images(cpi: Cpi, storage: Storage, fields: dict[str, Any]) -> None:
    """An image of our own and a public one can be light stemcells as well."""
    image = storage.image(**fields)
    assert cpi.ok("create_stemcell", "", light(image)) == f"{image} light"


def test_region_that_is_not_offered(cpi: Cpi) -> None:
    """A stemcell without an image for this region is an error that lists those it has."""
    properties = light("m-1", image_id={"us-west-1": "m-2", "cn-hangzhou": "m-1"})
    answer = cpi.call("create_stemcell", "", properties)
    refused(answer, "CloudError", "region cn-beijing", "cn-hangzhou, us-west-1")


def test_image_that_is_not_visible(cpi: Cpi, storage: Storage) -> None:
    """An image that is not there, or not shared with us, is an error that names it."""
    foreign = storage.image(account=OTHER_ACCOUNT)
    for image in ("m-none", foreign):
        answer = cpi.call("create_stemcell", "", light(image))
        refused(answer, "CloudError", image, "not visible", "cn-beijing")


@pytest.mark.parametrize("status", ["Creating", "Waiting", "UnAvailable", "CreateFailed"])
def test_image_that_is_not_available(cpi: Cpi, storage: Storage, status: str) -> None:
    """An image that is not Available is an error that tells its status."""
    image = storage.image(status=status)
    refused(cpi.call("create_stemcell", "", light(image)), "CloudError", image, status)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"image_id": "m-1"}, "cloud_properties.image_id"),
        ({"image_id": {"cn-beijing": 5}}, "cloud_properties.image_id.cn-beijing"),
        ({"image_id": {"cn-beijing": ""}}, "cloud_properties.image_id.cn-beijing"),
        ({"architecture": "s390"}, "cloud_properties.architecture"),
        ({"disk": "much"}, "cloud_properties.disk"),
        ({"version": []}, "cloud_properties.version"),
    ],
)
def test_bad_property(cpi: Cpi, changes: dict[str, Any], named: str) -> None:
    """A property that cannot be used is named, and the cloud is asked for nothing."""
    refused(cpi.call("create_stemcell", "", light("m-1", **changes)), "CloudError", named)
    assert cpi.sim.calls() == []


@pytest.mark.parametrize("arguments", [[], [5, {}], ["", []], ["", {}, "tags"]])
def test_bad_arguments(cpi: Cpi, arguments: list[Any]) -> None:
    """It takes a path, cloud_properties and, from version 3 on, a hash."""
    refused(cpi.call("create_stemcell", *arguments), "CpiError", "create_stemcell")


# An encrypted copy of it


@pytest.fixture
def encrypting(cpi: Cpi) -> Cpi:
    """Give the CPI of an account that encrypts its stemcells."""
    cpi.configure(encrypted=True)
    return cpi


def the_copy(storage: Storage) -> Image:
    """Return the only image of our own."""
    (image,) = storage.own_images()
    return image


@pytest.mark.parametrize("keyed", [True, False])
def test_copy(encrypting: Cpi, storage: Storage, names: Names, keyed: bool) -> None:  # noqa: FBT001
    """The copy is encrypted with the configured key, ours and so unmarked; its source stays."""
    encrypting.configure(kms_key_id=names.kms_key if keyed else None)
    source = storage.sim.state()["records"]["image"][names.image]
    cid = encrypting.ok("create_stemcell", "", light(names.image))
    copy = the_copy(storage)
    assert (copy.id, copy.status, copy.copied_from) == (cid, "Available", names.image)
    assert (copy.encrypted, copy.kms_key_id) == (True, names.kms_key if keyed else "")
    assert storage.sim.state()["records"]["image"][names.image] == source


def test_each_call_copies(encrypting: Cpi, storage: Storage, names: Names) -> None:
    """Two calls make two copies, with names of their own."""
    for _ in range(2):
        encrypting.ok("create_stemcell", "", light(names.image))
    assert len({image.name for image in storage.own_images()}) == 2


@pytest.mark.parametrize(
    ("source", "properties", "expected"),
    [(True, {}, True), (False, {}, False), (False, {"nvme_support": "supported"}, True)],
)
def test_nvme_support(
    encrypting: Cpi,
    storage: Storage,
    source: bool,  # noqa: FBT001
    properties: dict[str, Any],
    expected: bool,  # noqa: FBT001
) -> None:
    """A copy does not inherit NVMe support: it is set again where source or stemcell has it."""
    image = storage.image(nvme_supported=source, account=OTHER_ACCOUNT, is_public=False)
    storage.get(Image, image).shared_with = [storage.sim.world.account]
    encrypting.ok("create_stemcell", "", light(image, **properties))
    assert the_copy(storage).nvme_supported is expected


def test_imds_support(encrypting: Cpi, storage: Storage) -> None:
    """A copy declares what the stemcell says of its agent."""
    image = storage.image(account=OTHER_ACCOUNT, is_public=False)
    storage.get(Image, image).shared_with = [storage.sim.world.account]
    encrypting.ok("create_stemcell", "", light(image, imds_support="v2"))
    assert the_copy(storage).imds_version == "v2"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_tags(encrypting: Cpi, storage: Storage, names: Names, version: int) -> None:
    """The third argument's tags go on the copy and on its snapshots."""
    encrypting.api_version = version
    encrypting.ok("create_stemcell", "", light(names.image), TAGS)
    expected = {"director": "bosh", "cost": "5", "none": ""}
    made = the_copy(storage)
    assert made.tags == {**expected, **MARK}
    of_image = {**expected, **MARK, "bosh-cpi-image": made.id}
    assert [snapshot.tags for snapshot in storage.snapshots()] == [of_image]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("", "bosh-stemcell-"),
        ("a stemcell/1", "a.stemcell.1-"),
        ("aliyun_image", "bosh-aliyun_image-"),
        ("1.5", "bosh-1.5-"),
        ("n" * 200, "n" * 91 + "-"),
    ],
)
def test_name(encrypting: Cpi, storage: Storage, names: Names, name: str, start: str) -> None:
    """The copy's name begins with the stemcell's, in a form that the cloud takes."""
    encrypting.ok("create_stemcell", "", light(names.image, name=name))
    assert the_copy(storage).name.startswith(start)


def test_waits(encrypting: Cpi, sim: Simulator, storage: Storage, names: Names) -> None:
    """A copy takes its time, also while another one is being made in the region."""
    sim.set_pace(image__copy=900)
    encrypting.ok("create_stemcell", "", light(names.image))
    assert the_copy(storage).status == "Available"


def test_failed_copy(encrypting: Cpi, storage: Storage, names: Names) -> None:
    """A copy that fails ends the wait and is deleted; its source stays."""
    storage.set(image__copy_fails=True)
    answer = encrypting.call("create_stemcell", "", light(names.image))
    refused(answer, "CloudError", "could not be copied: CreateFailed", "Cleaned up: image")
    assert storage.own_images() == []
    assert storage.get(Image, names.image).status == "Available"


def test_copy_without_end(encrypting: Cpi, sim: Simulator, storage: Storage, names: Names) -> None:
    """A copy that is not done after an hour is cancelled and gone."""
    sim.set_pace(image__copy=9000)
    answer = encrypting.call("create_stemcell", "", light(names.image))
    refused(answer, "CloudError", "Gave up", "Creating", "Cleaned up: image")
    assert storage.own_images() == []


def test_failure_after_the_copy(encrypting: Cpi, storage: Storage, names: Names) -> None:
    """What fails after the copy takes the copy back, with its snapshots."""
    storage.refuse("ModifyImageAttribute", "Forbidden.RAM", status=403)
    answer = encrypting.call("create_stemcell", "", light(names.image))
    refused(answer, "CloudError", "Forbidden.RAM", "Cleaned up: image")
    assert storage.own_images() == []
    assert storage.snapshots() == []


def test_copy_that_is_not_listed(
    encrypting: Cpi, sim: Simulator, storage: Storage, names: Names
) -> None:
    """A copy is taken back by its id: that no list shows it yet does not leave it behind."""
    sim.set_pace(image__listed=60)
    storage.refuse("DescribeImages", "InvalidParamter", nth=2, count=1)
    answer = encrypting.call("create_stemcell", "", light(names.image))
    refused(answer, "CloudError", "InvalidParamter", "Cleaned up: image")
    assert storage.own_images() == []


def test_refused_by_the_cloud(encrypting: Cpi, storage: Storage, names: Names) -> None:
    """A key that the cloud does not take is an error with its code."""
    encrypting.configure(kms_key_id="key-none")
    answer = encrypting.call("create_stemcell", "", light(names.image))
    refused(answer, "CloudError", "KMSKeyId.NotFound", names.image)
    assert storage.own_images() == []


@pytest.mark.parametrize("kind", ["lost", "reset", "truncated", "empty", "html", "status"])
@pytest.mark.parametrize("lag", [0, 3])
def test_lost_answer(
    encrypting: Cpi, sim: Simulator, storage: Storage, names: Names, kind: str, lag: float
) -> None:
    """When the answer of CopyImage gets lost, the repeat makes no second copy."""
    sim.set_lag(lag)
    sim.add_fault(kind=kind, action="CopyImage", effect=True)
    cid = encrypting.ok("create_stemcell", "", light(names.image), TAGS)
    assert the_copy(storage).id == cid
    assert the_copy(storage).nvme_supported
