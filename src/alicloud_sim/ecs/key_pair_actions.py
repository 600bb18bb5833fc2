"""Key pairs: made or imported, listed, given to instances and deleted."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from alicloud_sim import names, tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.paging import newest_first, page

from . import filters, resource_groups
from .instances.record import SETTLED, Instance
from .key_pairs import KeyPair
from .service import ecs

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

KEY_BITS = 2048
MOST_INSTANCES = 50
MOST_NAMES = 100
CREATE = "RegionId KeyPairName ResourceGroupId Tag"


@ecs.action("CreateKeyPair", params=CREATE)
def create_key_pair(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a key pair; only this answer has the private key."""
    _check_new(ctx, p)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    pair = _add(ctx, p, public.decode("ascii"))
    return {
        "KeyPairId": pair.id,
        "KeyPairName": pair.name,
        "KeyPairFingerPrint": pair.fingerprint,
        "PrivateKeyBody": private.decode("ascii"),
    }


@ecs.action("ImportKeyPair", params=f"{CREATE} PublicKeyBody")
def import_key_pair(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Make a key pair of a public key in OpenSSH's format."""
    _check_new(ctx, p)
    public = p.text("PublicKeyBody").strip()
    try:
        serialization.load_ssh_public_key(public.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ctx.error(
            "InvalidPublicKeyBody.Malformed", message="The PublicKeyBody is no SSH public key."
        ) from None
    pair = _add(ctx, p, public)
    return {"KeyPairName": pair.name, "KeyPairFingerPrint": pair.fingerprint}


def _check_new(ctx: Ctx, p: Params) -> None:
    name = p.text("KeyPairName")
    names.check_name(ctx, name, "InvalidKeyPairName.Malformed")
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    if any(pair.name == name for pair in ctx.records(KeyPair)):
        raise ctx.error("KeyPair.AlreadyExist", message=f"The key pair {name} already exists.")
    most = ctx.world.quotas.get("key_pair.count")
    if most is not None and len(ctx.records(KeyPair)) >= most:
        raise ctx.error("QuotaExceed.KeyPair", message=f"The quota is {most} key pairs.")


def _add(ctx: Ctx, p: Params, public_key: str) -> KeyPair:
    body = base64.b64decode(public_key.split()[1])
    pair = KeyPair(
        id=ctx.new_id(KeyPair),
        account=ctx.account,
        region=ctx.region,
        name=p.text("KeyPairName"),
        public_key=public_key,
        fingerprint=hashlib.md5(body, usedforsecurity=False).hexdigest(),
        resource_group_id=p.text("ResourceGroupId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    return ctx.add(pair)


@ecs.action(
    "DescribeKeyPairs",
    params="RegionId KeyPairName KeyPairFingerPrint IncludePublicKey ResourceGroupId Tag"
    " PageNumber PageSize",
)
def describe_key_pairs(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List key pairs; a name may have asterisks."""
    rows = [
        pair
        for pair in ctx.visible(KeyPair)
        if filters.name_fits(pair.name, p.text("KeyPairName"))
        and p.text("KeyPairFingerPrint") in ("", pair.fingerprint)
        and p.text("ResourceGroupId") in ("", pair.resource_group_id)
        and tags.match(pair.tags, p.items("Tag"))
    ]
    shown = page(ctx, p, newest_first(rows))
    with_key = p.flag("IncludePublicKey", False)
    found = [
        {
            "KeyPairName": pair.name,
            "KeyPairFingerPrint": pair.fingerprint,
            "CreationTime": iso_seconds(pair.created),
            "ResourceGroupId": pair.resource_group_id,
            "PublicKey": pair.public_key if with_key else None,
            "Tags": {"Tag": tags.shown(pair.tags)},
        }
        for pair in shown.rows
    ]
    return {"KeyPairs": {"KeyPair": found}, **shown.fields}


@ecs.action("DeleteKeyPairs", params="RegionId KeyPairNames")
def delete_key_pairs(ctx: Ctx, p: Params) -> None:
    """Delete key pairs that no instance has; unknown names are ignored."""
    wanted = p.ids("KeyPairNames") or []
    if not 1 <= len(wanted) <= MOST_NAMES:
        raise ctx.error(
            "InvalidKeyPairNames.ValueNotSupported", message=f"Give 1 to {MOST_NAMES} names."
        )
    used = {instance.key_pair_name for instance in ctx.records(Instance)}
    if used & set(wanted):
        raise ctx.error(
            "InvalidParameter.KeypairAlreadyAttachedInstance",
            message="A key pair is attached to an instance.",
        )
    for pair in ctx.records(KeyPair):
        if pair.name in wanted:
            ctx.world.remove(pair)


@ecs.action("AttachKeyPair", params="RegionId KeyPairName InstanceIds")
def attach_key_pair(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Give a key pair to instances, in place of the one that they had."""
    return _change(ctx, p, attach=True)


@ecs.action("DetachKeyPair", params="RegionId KeyPairName InstanceIds")
def detach_key_pair(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take a key pair from instances."""
    return _change(ctx, p, attach=False)


def _change(ctx: Ctx, p: Params, *, attach: bool) -> dict[str, Any]:
    name, ids = p.text("KeyPairName"), p.ids("InstanceIds") or []
    if not any(pair.name == name for pair in ctx.records(KeyPair)):
        raise ctx.error("InvalidKeyPairName.NotFound", message=f"There is no key pair {name}.")
    if not 1 <= len(ids) <= MOST_INSTANCES:
        raise ctx.error(
            "InvalidInstanceIds.ValueNotSupported", message=f"Give 1 to {MOST_INSTANCES} ids."
        )
    rows = []
    for instance_id in ids:
        problem = _problem(ctx.find(Instance, instance_id), name, attach=attach)
        instance = ctx.find(Instance, instance_id)
        if instance is not None and not problem:
            instance.key_pair_name = name if attach else ""
        rows.append(
            {
                "InstanceId": instance_id,
                "Success": "false" if problem else "true",
                "Code": problem or "200",
                "Message": problem or "successful",
            }
        )
    failed = sum(1 for row in rows if row["Success"] == "false")
    return {
        "KeyPairName": name,
        "TotalCount": str(len(rows)),
        "FailCount": str(failed),
        "Results": {"Result": rows},
    }


def _problem(instance: Instance | None, name: str, *, attach: bool) -> str:
    """Tell the code for what keeps an instance from the change; "" is nothing."""
    if instance is None:
        return "InvalidInstanceId.NotFound"
    if instance.os_type == "windows":
        return "DependencyViolation.WindowsInstance"
    if instance.status not in SETTLED or instance.releasing:
        return "IncorrectInstanceStatus"
    return "" if attach or instance.key_pair_name == name else "InvalidKeyPairName.NotFound"
