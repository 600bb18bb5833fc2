"""Stemcell properties: what stemcell.MF says of the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi.props import values
from alicloud_cpi.props.schema import checked

if TYPE_CHECKING:
    from collections.abc import Mapping


class StemcellProps(NamedTuple):
    """What a stemcell is; ``image_ids`` by region is empty unless it is a light one."""

    name: str
    version: str
    image_ids: dict[str, str]
    nvme_support: bool


def parse(cloud_properties: Mapping[str, Any] | None) -> StemcellProps:
    """Read a stemcell's cloud_properties.

    :raises InvalidProperty: naming the property and what was expected
    """
    document = checked("stemcell", cloud_properties, "cloud_properties")
    return StemcellProps(
        name=values.text(document, "name"),
        version=values.text(document, "version"),
        image_ids=dict(document.get("image_id") or {}),
        nvme_support=values.text(document, "nvme_support") == "supported",
    )
