"""A certificate authority of the simulator's own, made anew at every start.

Extensions are complete enough for clients that verify strictly (VERIFY_X509_STRICT, the
default of Python 3.13): basicConstraints critical, keyUsage, subject and authority key ids.
"""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 365
NAMES = (
    "localhost",
    "*.localhost",
    "aliyuncs.com",
    "*.aliyuncs.com",
    "*.cn-beijing.aliyuncs.com",
    "*.cn-hangzhou.aliyuncs.com",
    "*.oss-cn-beijing.aliyuncs.com",
    "*.oss-cn-hangzhou.aliyuncs.com",
    "*.oss-cn-beijing-internal.aliyuncs.com",
    "*.oss-cn-hangzhou-internal.aliyuncs.com",
)
ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Issued:
    """The authority's certificate, and the server's with its key; all PEM."""

    ca_pem: str
    server_pem: str
    server_key_pem: str


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.CertificateBuilder:
    """Start a certificate with the extensions that both of them have."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=is_ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )


def issue() -> Issued:
    """Make an authority and a server certificate for loopback and the cloud's names."""
    authority = "Alibaba Cloud simulator CA"
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate(authority, ca_key, authority, ca_key, is_ca=True)
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    server = (
        _certificate("localhost", key, authority, ca_key, is_ca=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signed_ca, signed = (b.sign(ca_key, hashes.SHA256()) for b in (ca, server))
    return Issued(
        ca_pem=signed_ca.public_bytes(Encoding.PEM).decode(),
        server_pem=signed.public_bytes(Encoding.PEM).decode(),
        server_key_pem=private.decode(),
    )


def server_context(issued: Issued) -> ssl.SSLContext:
    """Make the TLS settings of the server: 1.2 or newer, HTTP/1.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder, "server.pem")
        chain.touch(mode=0o600)
        chain.write_text(issued.server_key_pem + issued.server_pem, "ascii")
        context.load_cert_chain(chain)
    return context
