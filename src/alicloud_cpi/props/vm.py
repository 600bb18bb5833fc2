"""VM properties: cloud_properties of VM types, VM extensions and AZs, merged by the Director."""

from __future__ import annotations

from alicloud_cpi.props import disk, load_balancers, values
from alicloud_cpi.props.schema import InvalidProperty, checked
from alicloud_cpi.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from alicloud_cpi.config import Config
    from alicloud_cpi.props.disk import DiskProps
    from alicloud_cpi.props.load_balancers import LoadBalancers

_WHERE = "cloud_properties"


class Charge(Record):
    """How a VM is paid for, in CreateInstance's own terms; None is left out of the request."""

    type: str
    period: int | None
    period_unit: str | None
    auto_renew: bool | None
    auto_renew_period: int | None
    spot_strategy: str | None
    spot_price_limit: float | None


class VmProps(Record):
    """What a VM is to be like."""

    region: str
    zone: str
    instance_type: str
    stemcell_id: str
    instance_name: str
    security_group_ids: list[str]
    key_pair_name: str
    password: str
    ram_role_name: str
    system_disk: DiskProps
    ephemeral_disk: DiskProps
    tags: dict[str, Any]
    charge: Charge
    load_balancers: LoadBalancers


def parse(cloud_properties: Mapping[str, Any], config: Config) -> VmProps:
    """Read and check a VM's cloud_properties; nothing is asked of the cloud.

    :raises InvalidProperty: naming the property and what was expected
    """
    document = checked("vm", cloud_properties, _WHERE)
    key_pair = values.text(document, "key_pair_name")
    password = values.text(document, "password")
    if not (key_pair or password):
        key_pair = config.default_key_name
    return VmProps(
        region=_region(document, config),
        zone=_zone(document, config),
        instance_type=values.text(document, "instance_type"),
        stemcell_id=values.text(document, "stemcell_id"),
        instance_name=values.text(document, "instance_name"),
        security_group_ids=values.texts(document, "security_group_ids"),
        key_pair_name=key_pair,
        password="" if key_pair else password,
        ram_role_name=values.text(document, "ram_role_name") or config.default_ram_role_name,
        system_disk=_system_disk(document.get("system_disk") or {}, config),
        ephemeral_disk=_disk(document, "ephemeral_disk", config),
        tags=dict(document.get("tags") or {}),
        charge=_charge(document),
        load_balancers=load_balancers.parse(document),
    )


def _region(document: Mapping[str, Any], config: Config) -> str:
    region = values.text(document, "region") or config.region
    if region == config.region:
        return region
    if not document.get("stemcell_id"):
        raise InvalidProperty(f"{_WHERE}.stemcell_id is required with {_WHERE}.region")
    if region not in config.cross_regions:
        raise InvalidProperty(
            f"{_WHERE}.region '{region}' must be one of alicloud.cross_regions: "
            "a VM elsewhere would never be found again"
        )
    return region


def _zone(document: Mapping[str, Any], config: Config) -> str:
    zone = values.text(document, "availability_zone")
    if not zone and _region(document, config) == config.region:
        zone = config.availability_zone
    if not zone:
        raise InvalidProperty(
            f"{_WHERE}.availability_zone is required: a zone, here or in alicloud.availability_zone"
        )
    return zone


def _disk(document: Mapping[str, Any], key: str, config: Config) -> DiskProps:
    properties = document.get(key) or {}
    size_mib = values.integer(properties, "size", 0)
    return disk.parse(properties, f"{_WHERE}.{key}", config, size_mib=size_mib)


def _system_disk(properties: Mapping[str, Any], config: Config) -> DiskProps:
    """Read the system disk: its encryption is the stemcell's, and only its own is asked for."""
    where = f"{_WHERE}.system_disk"
    own = config._replace(encrypted=False, kms_key_id="")
    size_mib = values.integer(properties, "size", 0)
    parsed = disk.parse(properties, where, own, size_mib=size_mib)
    if parsed.kms_key_id not in ("", config.kms_key_id):
        raise InvalidProperty(
            f"{where}.kms_key_id must be alicloud.kms_key_id: stemcells are encrypted with that "
            "key, and a system disk has its stemcell's"
        )
    return parsed


def _charge(document: Mapping[str, Any]) -> Charge:
    kind = values.text(document, "charge_type") or "PostPaid"
    strategy = values.text(document, "spot_strategy") or None
    limit = document.get("spot_price_limit")
    # Go's manifests write 0 for "no limit".
    price = float(limit) if limit is not None and float(limit) else None
    if kind == "PrePaid" and strategy not in (None, "NoSpot"):
        raise InvalidProperty(f"{_WHERE}.spot_strategy needs charge_type PostPaid")
    if price is not None and strategy != "SpotWithPriceLimit":
        raise InvalidProperty(f"{_WHERE}.spot_price_limit needs spot_strategy SpotWithPriceLimit")
    if kind == "PostPaid":
        return Charge(kind, None, None, None, None, strategy, price)
    if "charge_period" not in document:
        raise InvalidProperty(f"{_WHERE}.charge_period is required with charge_type PrePaid")
    renew = values.boolean(document, "auto_renew", default=False)
    if renew and "auto_renew_period" not in document:
        raise InvalidProperty(f"{_WHERE}.auto_renew_period is required with auto_renew")
    return Charge(
        type=kind,
        period=values.integer(document, "charge_period", 1),
        period_unit=values.text(document, "charge_period_unit") or "Month",
        auto_renew=renew,
        auto_renew_period=values.integer(document, "auto_renew_period", 1) if renew else None,
        spot_strategy=None,
        spot_price_limit=None,
    )
