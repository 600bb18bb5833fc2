"""Server certificates for HTTPS listeners: uploaded, listed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from alicloud_sim import tags
from alicloud_sim.clock import iso_seconds
from alicloud_sim.ecs import resource_groups
from alicloud_sim.records import Record

from .records import Listener
from .service import slb

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params


@dataclass
class ServerCertificate(Record):
    """A certificate; its private key is checked and not kept."""

    kind: ClassVar[str] = "slb_certificate"
    prefix: ClassVar[str] = "cert"

    name: str = ""
    common_name: str = ""
    fingerprint: str = ""
    expires: float = 0.0
    resource_group_id: str = ""


def need(ctx: Ctx, certificate_id: str) -> ServerCertificate:
    """Find a certificate.

    :raises ApiError: unknown
    """
    if not certificate_id:
        raise ctx.error("MissingParam.ServerCertificates", "MissingParameter")
    return ctx.need(ServerCertificate, certificate_id, "CertificateNotExist", "InvalidParameter")


@slb.action(
    "UploadServerCertificate",
    params="RegionId ServerCertificate PrivateKey ServerCertificateName ResourceGroupId Tag",
)
def upload_server_certificate(ctx: Ctx, p: Params) -> dict[str, Any]:
    """Take a certificate and its private key, both PEM."""
    resource_groups.check(ctx, p.text("ResourceGroupId"))
    certificate = _certificate(ctx, p)
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    made = ServerCertificate(
        id=ctx.new_id(ServerCertificate),
        account=ctx.account,
        region=ctx.region,
        name=p.text("ServerCertificateName"),
        common_name=str(names[0].value) if names else "",
        fingerprint=certificate.fingerprint(hashes.SHA1()).hex(":"),  # noqa: S303 - as the cloud
        expires=certificate.not_valid_after_utc.timestamp(),
        resource_group_id=p.text("ResourceGroupId"),
        tags=tags.read(ctx, p.items("Tag")),
    )
    ctx.add(made)
    return {name: value for name, value in _row(made).items() if name in ctx.spec.response}


def _certificate(ctx: Ctx, p: Params) -> x509.Certificate:
    """Read the certificate and refuse one that its key does not fit."""
    try:
        certificate = x509.load_pem_x509_certificate(p.text("ServerCertificate").encode())
        key = serialization.load_pem_private_key(p.text("PrivateKey").encode(), None)
    except (ValueError, TypeError):
        raise ctx.error(
            "CertificateFormatInvalid", message="Certificate or private key is no PEM."
        ) from None
    if key.public_key() != certificate.public_key():
        raise ctx.error("InvalidParameter", message="The private key does not fit the certificate.")
    return certificate


@slb.action("DescribeServerCertificates", params="RegionId ServerCertificateId ResourceGroupId Tag")
def describe_server_certificates(ctx: Ctx, p: Params) -> dict[str, Any]:
    """List certificates."""
    rows = [
        {**_row(one), "Tags": {"Tag": tags.shown(one.tags)}}
        for one in ctx.visible(ServerCertificate)
        if p.text("ServerCertificateId") in ("", one.id)
        and p.text("ResourceGroupId") in ("", one.resource_group_id)
        and tags.match(one.tags, p.items("Tag"))
    ]
    return {"ServerCertificates": {"ServerCertificate": rows}}


def _row(one: ServerCertificate) -> dict[str, Any]:
    return {
        "ServerCertificateId": one.id,
        "ServerCertificateName": one.name,
        "CommonName": one.common_name,
        "Fingerprint": one.fingerprint,
        "RegionId": one.region,
        "ResourceGroupId": one.resource_group_id,
        "CreateTime": iso_seconds(one.created),
        "CreateTimeStamp": int(one.created * 1000),
        "ExpireTime": iso_seconds(one.expires),
        "ExpireTimeStamp": int(one.expires * 1000),
        "IsAliCloudCertificate": 0,
    }


@slb.action("DeleteServerCertificate", params="RegionId ServerCertificateId")
def delete_server_certificate(ctx: Ctx, p: Params) -> None:
    """Delete a certificate that no listener uses."""
    found = ctx.need(ServerCertificate, p.text("ServerCertificateId"), "InvalidParameter")
    used = (one.settings.get("ServerCertificateId") for one in ctx.world.all(Listener))
    if found.id in used:
        raise ctx.error(
            "CertificateAndPrivateKeyIsRefered", message="A listener uses the certificate."
        )
    ctx.world.remove(found)
