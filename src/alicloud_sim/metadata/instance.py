"""Which instance the service speaks for, and how: the record, or one with generic values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alicloud_sim.ecs.instances import Instance

if TYPE_CHECKING:
    from alicloud_sim.world import World

INSTANCE_ID = "i-2zesimdirector00001"
GENERIC_IP = "10.0.1.6"
GENERIC_ROLE = "bosh-instance"
MODES = ("normal", "hardened", "legacy", "disabled")


def instance_of(world: World) -> Instance:
    """Give the instance: the record of the setting's id, else one made up from the seed."""
    known = str(world.settings.get("metadata.instance_id", INSTANCE_ID))
    found = world.get(Instance, known)
    if found is not None:
        return found
    region = world.default_region
    names = world.constants
    zone = next(iter(world.regions[region].zones))
    return Instance(
        known,
        world.account,
        region,
        status="Running",
        name="bosh-director",
        host_name="bosh-director",
        image_id=names.get(f"{region}.light_stemcell", ""),
        instance_type="ecs.g6.large",
        zone_id=zone,
        vpc_id=names.get(f"{region}.vpc", ""),
        vswitch_id=names.get(f"{region}.vswitch.{zone}", ""),
        private_ip=GENERIC_IP,
        ram_role_name=GENERIC_ROLE,
    )


def mode_of(world: World, instance: Instance) -> str:
    """Tell how the service may be used; an unknown mode is a mistake of the test.

    :raises ValueError: no such mode
    """
    usual = "hardened" if instance.http_tokens == "required" else "normal"
    usual = "disabled" if instance.http_endpoint == "disabled" else usual
    mode = str(world.settings.get("metadata.mode", usual))
    if mode not in MODES:
        raise ValueError(f"no metadata.mode {mode!r}: one of {', '.join(MODES)}")
    return mode


def roles_of(world: World, instance: Instance) -> list[str]:
    """List the names of the roles whose keys the instance gets."""
    usual = [instance.ram_role_name] if instance.ram_role_name else []
    return [str(name) for name in world.settings.get("metadata.roles", usual)]
