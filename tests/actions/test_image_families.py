"""Light stemcells of an image family: the newest image of the region at the upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from alicloud_sim.ecs.images.record import Image
from support.storage import refused

if TYPE_CHECKING:
    from support.cpi import Cpi
    from support.storage import Storage

OTHER_ACCOUNT = "1200000000000002"
FAMILY = {"name": "jammy", "image_family": "bosh-jammy"}


@pytest.mark.parametrize("shared", [True, False])
def test_newest_image(cpi: Cpi, storage: Storage, shared: bool) -> None:  # noqa: FBT001
    """Of our own images and those shared with us, if it is Available."""
    fields = {"family": "bosh-jammy", "account": OTHER_ACCOUNT if shared else None}
    known = {key: value for key, value in fields.items() if value}
    made = []
    for status in ("Available", "Available", "Creating"):
        storage.sim.advance(86400)
        image = storage.get(Image, storage.image(status=status, **known))
        image.shared_with = [storage.sim.world.account]
        image.created = storage.sim.world.clock.now()
        made.append(image.id)
    storage.image(family="bosh-noble")
    with cpi.requests() as requests:
        assert cpi.ok("create_stemcell", "", FAMILY) == f"{made[1]} light"
    assert requests == ["DescribeImages"]


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_family_of_two_pages(cpi: Cpi, storage: Storage, place: str) -> None:
    """A page has at most 100 images; the newest may be on any."""
    images = [storage.get(Image, storage.image(family="bosh-jammy")) for _ in range(101)]
    newest = images[0] if place == "first" else images[-1]
    newest.created += 60
    with cpi.requests() as requests:
        assert cpi.ok("create_stemcell", "", FAMILY) == f"{newest.id} light"
    assert requests == ["DescribeImages"] * 2


def test_the_image_of_the_region_goes_first(cpi: Cpi, storage: Storage) -> None:
    """image_id names what a region has; the family is for the others."""
    named, of_family = storage.image(), storage.image(family="bosh-jammy")
    both = {**FAMILY, "image_id": {"cn-beijing": named}}
    assert cpi.ok("create_stemcell", "", both) == f"{named} light"
    other = {**FAMILY, "image_id": {"cn-hangzhou": "m-elsewhere"}}
    assert cpi.ok("create_stemcell", "", other) == f"{of_family} light"


def test_no_image(cpi: Cpi, storage: Storage) -> None:
    """A family without a usable image in the region is an error that names it."""
    storage.image(family="bosh-jammy", region="cn-hangzhou")
    storage.image(family="bosh-jammy", status="Creating")
    answer = cpi.call("create_stemcell", "", FAMILY)
    refused(answer, "CloudError", "Image family 'bosh-jammy'", "no image in region cn-beijing")


def test_encrypted(cpi: Cpi, storage: Storage) -> None:
    """It is copied like any other light stemcell's image."""
    cpi.configure(encrypted=True)
    source = storage.image(family="bosh-jammy")
    copy = storage.get(Image, cpi.ok("create_stemcell", "", FAMILY))
    assert (copy.encrypted, copy.copied_from) == (True, source)


def test_a_family_that_is_no_text(cpi: Cpi) -> None:
    """It is named, and the cloud is asked for nothing."""
    answer = cpi.call("create_stemcell", "", {"image_family": 5})
    refused(answer, "CloudError", "cloud_properties.image_family must be the name of an image")
    assert cpi.sim.calls() == []
