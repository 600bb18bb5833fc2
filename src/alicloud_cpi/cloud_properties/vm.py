"""VM properties: cloud_properties of VM types, VM extensions and AZs, merged by the Director."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from alicloud_cpi.cloud_properties.disk import DiskDefaults, DiskProperties, parse_disk
from alicloud_cpi.cloud_properties.load_balancers import LoadBalancerProperties
from alicloud_cpi.cloud_properties.metadata_options import MetadataOptions
from alicloud_cpi.cloud_properties.placement import PlacementProperties
from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties, validate
from alicloud_cpi.config import Config

_MIN_HOST_NAME, _MAX_HOST_NAME = 2, 64

_SPOT_ONLY = ("spot_duration", "spot_interruption_behavior", "spot_ondemand_fallback")


@dataclass(frozen=True, slots=True)
class ChargeProperties:
    """How a VM is paid for, in CreateInstance's terms; None is left out of the request."""

    type: str
    period: int | None = None
    period_unit: str | None = None
    auto_renew: bool | None = None
    auto_renew_period: int | None = None
    spot_strategy: str | None = None
    spot_price_limit: float | None = None
    spot_duration: int | None = None
    spot_interruption_behavior: str | None = None
    spot_ondemand_fallback: bool = False

    @property
    def is_spot(self) -> bool:
        """Whether the VM bids for spare capacity."""
        return self.spot_strategy not in (None, "NoSpot")

    @property
    def on_demand(self) -> ChargeProperties:
        """The same without a bid."""
        return ChargeProperties(self.type)

    @classmethod
    def parse(cls, properties: Properties) -> ChargeProperties:
        """Read a VM's valid cloud_properties.

        :raises InvalidProperty: properties that exclude or require each other
        """
        path = properties.path
        charge_type = properties.text("charge_type") or "PostPaid"
        strategy = properties.text("spot_strategy") or None
        # Manifests of the Go release write 0 for "no limit".
        limit = properties.number("spot_price_limit") or None
        if charge_type == "PrePaid" and strategy not in (None, "NoSpot"):
            raise InvalidProperty(f"{path}.spot_strategy needs charge_type PostPaid")
        if limit is not None and strategy != "SpotWithPriceLimit":
            raise InvalidProperty(f"{path}.spot_price_limit needs spot_strategy SpotWithPriceLimit")
        if charge_type == "PostPaid":
            return cls._post_paid(properties, strategy, limit)
        if "charge_period" not in properties:
            raise InvalidProperty(f"{path}.charge_period is required with charge_type PrePaid")
        renew = properties.flag("auto_renew", default=False)
        if renew and "auto_renew_period" not in properties:
            raise InvalidProperty(f"{path}.auto_renew_period is required with auto_renew")
        return cls(
            charge_type,
            period=properties.integer("charge_period"),
            period_unit=properties.text("charge_period_unit") or "Month",
            auto_renew=renew,
            auto_renew_period=properties.integer("auto_renew_period") if renew else None,
        )

    @classmethod
    def _post_paid(
        cls, properties: Properties, strategy: str | None, limit: float | None
    ) -> ChargeProperties:
        if strategy in (None, "NoSpot"):
            for name in _SPOT_ONLY:
                if name in properties:
                    raise InvalidProperty(
                        f"{properties.path}.{name} needs spot_strategy SpotAsPriceGo or "
                        "SpotWithPriceLimit"
                    )
        return cls(
            "PostPaid",
            spot_strategy=strategy,
            spot_price_limit=limit,
            spot_duration=properties.integer("spot_duration")
            if "spot_duration" in properties
            else None,
            spot_interruption_behavior=properties.text("spot_interruption_behavior") or None,
            spot_ondemand_fallback=properties.flag("spot_ondemand_fallback", default=False),
        )


@dataclass(frozen=True, slots=True)
class VmProperties:
    """What a VM is to be like.

    ``instance_type`` is the first of ``instance_types``; ``variants`` has the VM with each of them.
    ``vswitch_id`` is that of the primary interface where its network has several.
    """

    region: str
    availability_zone: str
    instance_type: str
    instance_types: list[str]
    stemcell_id: str
    instance_name: str
    host_name: str
    security_group_ids: list[str]
    key_pair_name: str
    password: str
    ram_role_name: str
    system_disk: DiskProperties
    ephemeral_disk: DiskProperties
    raw_instance_storage: bool
    tags: dict[str, Any]
    resource_group_id: str
    deletion_protection: bool
    charge: ChargeProperties
    load_balancers: LoadBalancerProperties
    placement: PlacementProperties
    metadata: MetadataOptions
    vswitch_id: str = ""

    @classmethod
    def parse(cls, cloud_properties: Mapping[str, Any], config: Config) -> VmProperties:
        """Read a VM's cloud_properties.

        :raises InvalidProperty: naming the property and what was expected
        """
        properties = validate("vm", cloud_properties, "cloud_properties")
        key_pair = properties.text("key_pair_name")
        password = properties.text("password")
        if not (key_pair or password):
            key_pair = config.default_key_name
        region = _region(properties, config)
        instance_types = _instance_types(properties)
        return cls(
            region=region,
            availability_zone=_availability_zone(properties, region, config),
            instance_type=instance_types[0],
            instance_types=instance_types,
            stemcell_id=properties.text("stemcell_id"),
            instance_name=properties.text("instance_name"),
            host_name=_host_name(properties),
            security_group_ids=properties.texts("security_group_ids"),
            key_pair_name=key_pair,
            password="" if key_pair else password,
            ram_role_name=properties.text("ram_role_name") or config.default_ram_role_name,
            system_disk=_system_disk(properties.properties("system_disk"), config),
            ephemeral_disk=_ephemeral_disk(properties.properties("ephemeral_disk"), config),
            raw_instance_storage=properties.flag("raw_instance_storage", default=False),
            tags=properties.mapping("tags"),
            resource_group_id=properties.text("resource_group_id") or config.resource_group_id,
            deletion_protection=_deletion_protection(properties),
            charge=ChargeProperties.parse(properties),
            load_balancers=LoadBalancerProperties.parse(properties),
            placement=PlacementProperties.parse(properties, config.anti_affinity),
            metadata=MetadataOptions.parse(properties, config.metadata_options),
        )

    def variants(self, vswitch_ids: list[str]) -> list[VmProperties]:
        """Return the VM in each way that it may be created, the preferred one first.

        :param vswitch_ids: those in which its primary interface may be
        """
        charges = [self.charge]
        if self.charge.spot_ondemand_fallback:
            charges.append(self.charge.on_demand)
        return [
            replace(self, instance_type=instance_type, charge=charge, vswitch_id=vswitch_id)
            for charge in charges
            for instance_type in self.instance_types
            for vswitch_id in (vswitch_ids if len(vswitch_ids) > 1 else [""])
        ]

    @property
    def offer(self) -> str:
        """What is bought, in short: the instance type, and how it is paid for."""
        charge = self.charge
        return f"{self.instance_type} {charge.spot_strategy if charge.is_spot else charge.type}"


def _instance_types(properties: Properties) -> list[str]:
    """Return the instance types, in the order in which they are tried."""
    one, several = properties.text("instance_type"), properties.texts("instance_types")
    if one and several:
        raise InvalidProperty(
            f"{properties.path}.instance_type and {properties.path}.instance_types exclude each "
            "other: one type, or a list that is tried in order"
        )
    if not one and not several:
        raise InvalidProperty(
            f"{properties.path}.instance_type is required: an ECS instance type such as "
            "ecs.g6.large"
        )
    return several or [one]


def _host_name(properties: Properties) -> str:
    """Return the instance's name as far as a host name can have it; empty if it is not asked for.

    A host name has 2 to 64 letters, digits, periods and hyphens, neither of which begins, ends or
    follows one of the two.
    """
    if not properties.flag("host_name", default=False):
        return ""
    words = re.split(r"[^A-Za-z0-9]+", properties.text("instance_name"))
    name = "-".join(word for word in words if word)[:_MAX_HOST_NAME].rstrip("-")
    if len(name) < _MIN_HOST_NAME:
        raise InvalidProperty(
            f"{properties.path}.host_name needs instance_name, with two letters or digits at least"
        )
    return name


def _deletion_protection(properties: Properties) -> bool:
    wanted = properties.flag("deletion_protection", default=False)
    is_spot = properties.text("spot_strategy", "NoSpot") != "NoSpot"
    if wanted and (is_spot or properties.text("charge_type") == "PrePaid"):
        raise InvalidProperty(
            f"{properties.path}.deletion_protection is for pay-as-you-go VMs (charge_type "
            "PostPaid, no spot_strategy): the cloud protects no others"
        )
    return wanted


def _region(properties: Properties, config: Config) -> str:
    region = properties.text("region") or config.region
    if region == config.region:
        return region
    if "stemcell_id" not in properties and not config.copy_stemcells:
        raise InvalidProperty(f"{properties.path}.stemcell_id is required with region")
    if region not in config.cross_regions:
        raise InvalidProperty(
            f"{properties.path}.region '{region}' must be one of alicloud.cross_regions: "
            "no later call would find a VM elsewhere"
        )
    return region


def _availability_zone(properties: Properties, region: str, config: Config) -> str:
    zone = properties.text("availability_zone")
    if not zone and region == config.region:
        zone = config.availability_zone
    if not zone:
        raise InvalidProperty(
            f"{properties.path}.availability_zone is required: a zone, here or in "
            "alicloud.availability_zone"
        )
    return zone


def _ephemeral_disk(properties: Properties, config: Config) -> DiskProperties:
    disk = parse_disk(
        properties,
        size_mib=properties.integer("size"),
        encrypted=config.encrypted,
        kms_key_id=config.kms_key_id,
        defaults=DiskDefaults(),
    )
    if disk.size_gib:
        disk.check_level(properties.path, disk.size_gib)
    return disk


def _system_disk(properties: Properties, config: Config) -> DiskProperties:
    """Read the system disk, which is encrypted as its stemcell is."""
    disk = parse_disk(
        properties,
        size_mib=properties.integer("size"),
        encrypted=False,
        kms_key_id="",
        defaults=DiskDefaults(),
    )
    if disk.kms_key_id not in ("", config.kms_key_id):
        raise InvalidProperty(
            f"{properties.path}.kms_key_id must be alicloud.kms_key_id: stemcells are encrypted "
            "with that key, and a system disk has the key of its stemcell"
        )
    return disk
