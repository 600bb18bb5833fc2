"""The TLS settings of every connection: verified, with SNI, at least TLS 1.2.

Trust is the system's store plus ``ca_cert``. The store is found at OpenSSL's compiled-in paths and
the usual ones of Linux and macOS, never through SSL_CERT_FILE or SSL_CERT_DIR: the Director strips
the environment, and what works there must work elsewhere. A directory of hashed certificates is
preferred: OpenSSL reads single files of it on demand, while a bundle takes 17 ms to load
(performance.md).
"""

from __future__ import annotations

import os
import ssl

from alicloud_cpi.errors import CpiError

_DIRECTORIES = ("/etc/ssl/certs",)
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def client_context(ca_cert: str) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those in ``ca_cert`` (PEM).

    :raises CpiError: ``ca_cert`` holds no certificate
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _trust_system(context)
    if ca_cert:
        try:
            context.load_verify_locations(cadata=ca_cert)
        except (ssl.SSLError, ValueError, TypeError):
            raise CpiError("alicloud.ca_cert must be one or more certificates in PEM") from None
    return context


def _trust_system(context: ssl.SSLContext) -> None:
    paths = ssl.get_default_verify_paths()
    for directory in (paths.openssl_capath, *_DIRECTORIES):
        if _is_hashed(directory):
            context.load_verify_locations(capath=directory)
            return
    for bundle in (paths.openssl_cafile, *_BUNDLES):
        if os.access(bundle, os.R_OK):
            context.load_verify_locations(cafile=bundle)
            return


def _is_hashed(directory: str) -> bool:
    """Whether the directory holds certificates under OpenSSL's hash names."""
    try:
        with os.scandir(directory) as entries:
            return any(entry.name.endswith(".0") for entry in entries)
    except OSError:
        return False
