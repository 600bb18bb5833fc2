"""Stemcell properties: what stemcell.MF says of the image."""

from __future__ import annotations

from alicloud_cpi.props import values
from alicloud_cpi.props.schema import InvalidProperty, checked
from alicloud_cpi.records import Record
from alicloud_cpi.units import MIB_PER_GIB, gib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WHERE = "cloud_properties"

# The cloud makes images of 5 to 2048 GiB (API reference, semantics section 7; Go's minimum).
_SMALLEST_GIB = 5
_LARGEST_GIB = 2048
_BYTES_PER_MIB = 1024 * 1024

_PLATFORMS = {"ubuntu": "Ubuntu", "centos": "CentOS", "opensuse": "OpenSUSE"}
_OTHER_PLATFORM = "Others Linux"

_FORMATS = {"": "RAW", "raw": "RAW", "qcow2": "QCOW2", "vhd": "VHD"}


class StemcellProps(Record):
    """What a stemcell is.

    A light one has ``image_ids`` by region; one whose image lies in OSS already has a bucket and
    an object; any other comes with a tarball. ``disk_mib`` is 0 where nothing is said of it.
    """

    name: str
    version: str
    description: str
    architecture: str
    os_type: str
    os_distro: str
    disk_mib: int
    disk_format: str
    nvme_support: bool
    image_ids: dict[str, str]
    oss_bucket: str
    oss_object: str

    @property
    def platform(self) -> str:
        """The distribution, in the cloud's words.

        A bionic stemcell is none that the cloud knows: it would change its network settings (Go).
        """
        if "-bionic-" in self.name:
            return _OTHER_PLATFORM
        return _PLATFORMS.get(self.os_distro.lower(), _OTHER_PLATFORM)

    @property
    def image_format(self) -> str:
        """The format of the disk image, in the cloud's words.

        :raises InvalidProperty: one that cannot be imported
        """
        if self.disk_format.lower() not in _FORMATS:
            raise InvalidProperty(f"{_WHERE}.disk_format must be one of raw, qcow2, vhd")
        return _FORMATS[self.disk_format.lower()]

    @property
    def disk_gib(self) -> int:
        """The size of the image to make, where the disk image itself needs no more."""
        return max(_SMALLEST_GIB, gib(self.disk_mib))

    @property
    def largest_image(self) -> int:
        """The most bytes that the disk image can have."""
        size_gib = self.disk_gib if self.disk_mib else _LARGEST_GIB
        return size_gib * MIB_PER_GIB * _BYTES_PER_MIB


def parse(cloud_properties: Mapping[str, Any] | None) -> StemcellProps:
    """Read a stemcell's cloud_properties.

    :raises InvalidProperty: naming the property and what was expected
    """
    document = checked("stemcell", cloud_properties, _WHERE)
    props = StemcellProps(
        name=values.text(document, "name"),
        version=values.text(document, "version"),
        description=values.text(document, "description"),
        architecture=values.text(document, "architecture", "x86_64"),
        os_type=values.text(document, "os_type", "linux").lower(),
        os_distro=values.text(document, "os_distro"),
        disk_mib=values.integer(document, "disk", 0),
        disk_format=values.text(document, "disk_format"),
        nvme_support=values.text(document, "nvme_support") == "supported",
        image_ids=dict(document.get("image_id") or {}),
        oss_bucket=values.text(document, "oss_bucket"),
        oss_object=values.text(document, "oss_object"),
    )
    if props.disk_gib > _LARGEST_GIB:
        raise InvalidProperty(f"{_WHERE}.disk must be at most {_LARGEST_GIB * MIB_PER_GIB} MiB")
    if bool(props.oss_bucket) != bool(props.oss_object):
        missing = "oss_object" if props.oss_bucket else "oss_bucket"
        raise InvalidProperty(f"{_WHERE}.{missing} is required with the other one of the two")
    return props
