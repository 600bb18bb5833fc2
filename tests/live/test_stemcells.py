"""Stemcells: an image of somebody else's, an uploaded one, an encrypted copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from live.cloud import fields_of, tags_of
from live.story import CATEGORY, DISK_MIB, TAG

if TYPE_CHECKING:
    from pathlib import Path

    from live.cloud import Cloud
    from live.settings import Live
    from live.story import Story


def test_a_light_stemcell(story: Story, cloud: Cloud, live: Live) -> None:
    """Its image is used as it is, and outlives the stemcell."""
    image_id = image_of(story)
    light = story.upload({"image_id": {live["region"]: image_id}})
    assert light == f"{image_id} light"
    story.remove(light)
    assert fields_of(cloud.image(image_id), "Status") == ("Available",)


@pytest.mark.needs("full_stemcell")
def test_an_upload(story: Story, cloud: Cloud, live: Live, tmp_path: Path) -> None:
    """The image is ours, tagged and able to start a VM; with the stemcell goes all of it."""
    assert live.stemcell is not None
    buckets = cloud.buckets()
    stemcell = story.upload(live.stemcell.properties, live.stemcell.unpack(tmp_path))
    image = cloud.image(stemcell)
    assert image is not None
    assert (image["Status"], image["ImageOwnerAlias"]) == ("Available", "self")
    assert tags_of(image)[TAG] == live.run_id
    assert cloud.buckets() == buckets

    vm = story.vm(stemcell=stemcell, stemcell_api=live.stemcell.api_version)
    assert fields_of(cloud.instance(vm), "ImageId", "Status") == (stemcell, "Running")
    story.remove(vm)
    story.remove(stemcell)
    below = [row["SnapshotId"] for row in image["DiskDeviceMappings"]["DiskDeviceMapping"]]
    assert below
    assert cloud.image(stemcell) is None
    assert [cloud.snapshot(snapshot) for snapshot in below] == [None for _ in below]


def test_everything_encrypted(story: Story, cloud: Cloud, live: Live) -> None:
    """With alicloud.encrypted the stemcell is an encrypted copy, and so are all disks."""
    image_id, everything = image_of(story), {"encrypted": True}
    light = {"image_id": {live["region"]: image_id}}
    copy = story.upload(light, context=everything)
    assert tags_of(cloud.image(copy))[TAG] == live.run_id
    assert fields_of(cloud.image(image_id), "Status") == ("Available",)

    ephemeral = {"size": DISK_MIB, "category": CATEGORY, "encrypted": True}
    vm = story.vm(stemcell=copy, ephemeral_disk=ephemeral)
    disk = story.disk(vm, encrypted=True)
    story.cpi.ok("attach_disk", vm, disk)
    disks = cloud.disks_of(vm, "system") + cloud.disks_of(vm, "data")
    assert [row["Encrypted"] for row in disks] == [True] * 3

    story.remove(vm)
    story.remove(disk)
    story.remove(copy)
    assert cloud.image(copy) is None


def image_of(story: Story) -> str:
    """Return the id of the image that the run's stemcell is."""
    return story.stemcell.partition(" ")[0]
