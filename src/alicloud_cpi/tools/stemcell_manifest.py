"""Checks of ``stemcell.MF``: its properties, and the images of a light stemcell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from alicloud_cpi.cloud_properties.schema import is_valid, is_variable
from alicloud_cpi.cloud_properties.stemcell import StemcellProperties
from alicloud_cpi.context import CallContext
from alicloud_cpi.errors import CloudError
from alicloud_cpi.tools.cloud_config import as_object
from alicloud_cpi.tools.findings import ERROR, Finding, guarded, level_for
from alicloud_cpi.tools.offline import check_properties

_WHERE = "stemcell"


def is_stemcell(document: Mapping[str, Any]) -> bool:
    """Whether a document is the manifest of a stemcell, not of a deployment."""
    return "stemcell_formats" in document or "operating_system" in document


def check(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong by schema and rules."""
    properties = as_object(document.get("cloud_properties"))
    yield from check_properties("stemcell", properties, _WHERE)
    if not is_valid("stemcell", properties):
        return
    try:
        StemcellProperties.parse(properties)
    except CloudError as error:
        yield Finding(level_for(properties), _WHERE, error.message)


def check_online(ctx: CallContext, document: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the regions of the configuration in which a light stemcell has no usable image."""
    properties = as_object(document.get("cloud_properties"))
    if is_variable(properties) or not is_valid("stemcell", properties):
        return
    try:
        stemcell = StemcellProperties.parse(properties)
    except CloudError:
        return  # found offline
    if stemcell.is_light:
        for region in ctx.config.regions:
            yield from guarded("images", partial(_check_region, ctx, stemcell, region))


def _check_region(ctx: CallContext, stemcell: StemcellProperties, region: str) -> Iterator[Finding]:
    images, image_id = ctx.services.images, stemcell.image_ids.get(region)
    if image_id is not None:
        image = images.find(region, image_id)
        if image is None or image.status != "Available":
            status = image.status if image else f"not found in region {region}"
            message = f"cloud_properties.image_id.{region}: image '{image_id}' is {status}"
            yield Finding(ERROR, _WHERE, message)
    elif region != ctx.config.region:
        return
    elif stemcell.image_family:
        if images.newest_of_family(region, stemcell.image_family) is None:
            family = f"image family '{stemcell.image_family}'"
            message = f"cloud_properties.image_family: {family} has no image in region {region}"
            yield Finding(ERROR, _WHERE, message)
    elif not ctx.config.copy_stemcells:
        message = f"cloud_properties.image_id must have an image of region {region}"
        yield Finding(ERROR, _WHERE, message)
