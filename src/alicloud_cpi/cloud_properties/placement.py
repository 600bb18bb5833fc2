"""Where a VM runs within its zone: deployment set, dedicated host, reserved capacity."""

from __future__ import annotations

from dataclasses import dataclass

from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties

_GROUPS = "AvailabilityGroup"


@dataclass(frozen=True, slots=True)
class PlacementProperties:
    """A VM's placement, in CreateInstance's terms; an empty string or None is left out.

    A deployment set has an id, or a name and a strategy; then its id is looked up.
    """

    deployment_set_id: str = ""
    deployment_set_name: str = ""
    deployment_set_strategy: str = ""
    deployment_set_group_no: int | None = None
    anti_affinity: str = ""
    dedicated_host_id: str = ""
    tenancy: str = ""
    affinity: str = ""
    pool_criteria: str = ""
    pool_id: str = ""

    @classmethod
    def parse(cls, properties: Properties, default_anti_affinity: str) -> PlacementProperties:
        """Read a VM's valid cloud_properties.

        :raises InvalidProperty: properties that exclude or require each other
        """
        wanted_set = properties.properties("deployment_set")
        pool = properties.properties("private_pool")
        group_no = properties.integer("deployment_set_group_no")
        name, pool_id = wanted_set.text("name"), pool.text("id")
        parsed = cls(
            deployment_set_id=properties.text("deployment_set_id"),
            deployment_set_name=name,
            deployment_set_strategy=wanted_set.text("strategy", "Availability") if name else "",
            deployment_set_group_no=group_no or None,
            anti_affinity=properties.text("anti_affinity") or default_anti_affinity,
            dedicated_host_id=properties.text("dedicated_host_id"),
            tenancy=properties.text("tenancy"),
            affinity=properties.text("affinity"),
            pool_criteria=pool.text("match_criteria") or ("Target" if pool_id else ""),
            pool_id=pool_id,
        )
        parsed._check_set(properties.path)
        parsed._check_host(properties.path)
        parsed._check_pool(properties)
        return parsed

    @property
    def has_set(self) -> bool:
        """Whether the VM is placed in a deployment set."""
        return bool(self.deployment_set_id or self.deployment_set_name)

    @property
    def is_on_host(self) -> bool:
        """Whether the VM is placed on a dedicated host."""
        return bool(self.dedicated_host_id) or self.tenancy == "host"

    @property
    def takes_own_capacity(self) -> bool:
        """Whether the VM may take capacity of the account, whatever the zone has in stock."""
        return self.is_on_host or self.pool_criteria not in ("", "None")

    def _check_set(self, path: str) -> None:
        if self.deployment_set_id and self.deployment_set_name:
            raise InvalidProperty(
                f"{path}.deployment_set_id and {path}.deployment_set exclude each other: an id, or "
                "the name of a set that is created if there is none"
            )
        if self.deployment_set_group_no is None or self.deployment_set_id:
            return
        if self.deployment_set_strategy != _GROUPS:
            raise InvalidProperty(
                f"{path}.deployment_set_group_no needs a deployment set of the strategy {_GROUPS}"
            )

    def _check_host(self, path: str) -> None:
        if self.dedicated_host_id and self.tenancy == "default":
            raise InvalidProperty(f"{path}.dedicated_host_id needs tenancy host")
        if self.affinity == "host" and not self.is_on_host:
            raise InvalidProperty(f"{path}.affinity needs dedicated_host_id, or tenancy host")
        if self.has_set and self.is_on_host:
            raise InvalidProperty(
                f"{path}.deployment_set and {path}.dedicated_host_id exclude each other: a "
                "deployment set does not place VMs on dedicated hosts"
            )

    def _check_pool(self, properties: Properties) -> None:
        where = f"{properties.path}.private_pool"
        if self.pool_criteria == "Target" and not self.pool_id:
            raise InvalidProperty(f"{where}.id is required with match_criteria Target")
        if self.pool_criteria != "Target" and self.pool_id:
            raise InvalidProperty(f"{where}.id needs match_criteria Target")
        if self.pool_criteria in ("", "None"):
            return
        if properties.text("charge_type") == "PrePaid":
            raise InvalidProperty(f"{where} needs charge_type PostPaid")
        if properties.text("spot_strategy", "NoSpot") != "NoSpot" or self.is_on_host:
            raise InvalidProperty(
                f"{where} is not for spot VMs, nor for VMs on dedicated hosts: these take no "
                "reserved capacity"
            )
