"""Stemcell properties: what stemcell.MF says of the image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alicloud_cpi.cloud_properties.disk_sizing import MIB_PER_GIB, to_gib
from alicloud_cpi.cloud_properties.schema import InvalidProperty, validate

# The cloud makes images of 5 to 2048 GiB (semantics.md section 7; the Go release's minimum).
_MINIMUM_GIB = 5
_MAXIMUM_GIB = 2048
_BYTES_PER_GIB = 1024**3

_PLATFORMS = {"ubuntu": "Ubuntu", "centos": "CentOS", "opensuse": "OpenSUSE"}
_OTHER_PLATFORM = "Others Linux"

_FORMATS = {"": "RAW", "raw": "RAW", "qcow2": "QCOW2", "vhd": "VHD"}


@dataclass(frozen=True, slots=True)
class StemcellProperties:
    """What a stemcell is.

    A light one has ``image_ids`` by region; one whose image is in OSS already has a bucket and an
    object; any other comes with a tarball. ``disk_mib`` is 0 where it is not given.
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
    imds_support: str
    image_ids: dict[str, str]
    oss_bucket: str
    oss_object: str

    @classmethod
    def parse(cls, cloud_properties: Mapping[str, Any] | None) -> StemcellProperties:
        """Read a stemcell's cloud_properties.

        :raises InvalidProperty: naming the property and what was expected
        """
        properties = validate("stemcell", cloud_properties, "cloud_properties")
        parsed = cls(
            name=properties.text("name"),
            version=properties.text("version"),
            description=properties.text("description"),
            architecture=properties.text("architecture", "x86_64"),
            os_type=properties.text("os_type", "linux").lower(),
            os_distro=properties.text("os_distro"),
            disk_mib=properties.integer("disk"),
            disk_format=properties.text("disk_format").lower(),
            nvme_support=properties.text("nvme_support") == "supported",
            imds_support=properties.text("imds_support"),
            image_ids=properties.mapping("image_id"),
            oss_bucket=properties.text("oss_bucket"),
            oss_object=properties.text("oss_object"),
        )
        if parsed.disk_gib > _MAXIMUM_GIB:
            largest = _MAXIMUM_GIB * MIB_PER_GIB
            raise InvalidProperty(f"cloud_properties.disk must be at most {largest} MiB")
        if bool(parsed.oss_bucket) != bool(parsed.oss_object):
            given, missing = "oss_bucket", "oss_object"
            if parsed.oss_object:
                given, missing = missing, given
            raise InvalidProperty(
                f"cloud_properties.{missing} is required if cloud_properties.{given} is given"
            )
        return parsed

    @property
    def platform(self) -> str:
        """The distribution, in the cloud's words.

        For a bionic stemcell the cloud would change the network settings, so it is "Others Linux"
        (as in the Go release).
        """
        if "-bionic-" in self.name:
            return _OTHER_PLATFORM
        return _PLATFORMS.get(self.os_distro.lower(), _OTHER_PLATFORM)

    @property
    def image_format(self) -> str:
        """The format of the disk image, in the cloud's words.

        :raises InvalidProperty: one that cannot be imported
        """
        if self.disk_format not in _FORMATS:
            raise InvalidProperty("cloud_properties.disk_format must be one of raw, qcow2, vhd")
        return _FORMATS[self.disk_format]

    @property
    def disk_gib(self) -> int:
        """The size of the image to make, unless the disk image itself is larger."""
        return max(_MINIMUM_GIB, to_gib(self.disk_mib))

    @property
    def max_image_bytes(self) -> int:
        """The largest size that the disk image can have."""
        size_gib = self.disk_gib if self.disk_mib else _MAXIMUM_GIB
        return size_gib * _BYTES_PER_GIB
