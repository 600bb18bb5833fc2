"""What the service tells of an instance, by path below /latest/.

Names: semantics.md section 12, and for what it leaves out the public list of items. Texts
of missing things, such as a public address, are absent and answered with 404.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import uuid
from typing import TYPE_CHECKING

from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs.disks import Disk
from alicloud_sim.ecs.enis.record import mac_of, of_instance
from alicloud_sim.ecs.key_pairs import KeyPair
from alicloud_sim.vpc.networks import Vpc, VSwitch

from .instance import roles_of

if TYPE_CHECKING:
    from alicloud_sim.ecs.instances import Instance
    from alicloud_sim.world import World

CREDENTIALS = "meta-data/ram/security-credentials"
DOCUMENT = "dynamic/instance-identity/document"
USER_DATA = "user-data"
IN_DOCUMENT = (
    "instance-id image-id region-id zone-id private-ipv4 owner-account-id mac serial-number"
    " instance/instance-type"
)


def items_of(world: World, instance: Instance) -> dict[str, str]:
    """Give all items by path; those of a role are empty here, see credentials.py."""
    told = {**_plain(instance), **_network(world, instance), **_disks(world, instance)}
    document = {name.rpartition("/")[2]: told.get(name, "") for name in IN_DOCUMENT.split()}
    items = {f"meta-data/{name}": text for name, text in told.items() if text}
    items |= {f"{CREDENTIALS}/{name}": "" for name in roles_of(world, instance)}
    items[DOCUMENT] = json.dumps(document)
    text = world.settings.get("metadata.user_data") or _decoded(instance.user_data)
    if text:
        items[USER_DATA] = str(text)
    return items | dict(world.settings.get("metadata.items", {}))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except binascii.Error:
        return text


def _plain(instance: Instance) -> dict[str, str]:
    return {
        "instance-id": instance.id,
        "hostname": instance.host_name,
        "region-id": instance.region,
        "zone-id": instance.zone_id,
        "image-id": instance.image_id,
        "owner-account-id": instance.account,
        "serial-number": str(uuid.uuid5(uuid.NAMESPACE_OID, instance.id)),
        "network-type": "vpc",
        "private-ipv4": instance.private_ip,
        "eipv4": instance.public_ip,
        "vpc-id": instance.vpc_id,
        "vswitch-id": instance.vswitch_id,
        "instance/instance-type": instance.instance_type,
        "instance/instance-name": instance.name,
    }


def _network(world: World, instance: Instance) -> dict[str, str]:
    vpc, switch = world.get(Vpc, instance.vpc_id), world.get(VSwitch, instance.vswitch_id)
    cards = of_instance(world, instance.id)
    mac = cards[0].mac if cards else ""
    mac = mac or mac_of(instance.private_ip, instance.eni_id)
    own = f"network/interfaces/macs/{mac}"
    told = {
        "mac": mac,
        "vpc-cidr-block": vpc.cidr_block if vpc else "",
        "vswitch-cidr-block": switch.cidr_block if switch else "",
        f"{own}/network-interface-id": cards[0].id if cards else instance.eni_id,
        f"{own}/primary-ip-address": instance.private_ip,
        f"{own}/vpc-id": instance.vpc_id,
        f"{own}/vswitch-id": instance.vswitch_id,
    }
    if switch and switch.cidr_block:
        network = ipaddress.ip_network(switch.cidr_block)
        told[f"{own}/vswitch-cidr-block"] = switch.cidr_block
        told[f"{own}/netmask"] = str(network.netmask)
        told[f"{own}/gateway"] = str(network[-3])
    pairs = (p for p in world.all(KeyPair) if p.region == instance.region)
    key = next((p.public_key for p in pairs if p.name == instance.key_pair_name), "")
    if key:
        told["public-keys/0/openssh-key"] = key
    if "Recycling" in instance.locks and instance.expires is not None:
        told["instance/spot/termination-time"] = iso_seconds(instance.expires)
    return told


def _disks(world: World, instance: Instance) -> dict[str, str]:
    held = [disk for disk in world.all(Disk) if disk.instance_id == instance.id]
    told: dict[str, str] = {}
    for disk in held:
        own = f"disks/{disk.id.partition('-')[2]}"
        told |= {f"{own}/id": disk.id, f"{own}/name": disk.name}
    return told
