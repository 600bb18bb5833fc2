"""The environment variables by which clients find their keys, region and trusted authority.

The names are those that Alibaba Cloud's SDKs and command line read, and those of the TLS
libraries of Python, Go and Node. No client reads an endpoint from there: it has to be told.
"""

from __future__ import annotations

import shlex

from .seed import ACCESS_KEY_ID, ACCESS_KEY_SECRET

LOOPBACK = "127.0.0.1"


def variables(region: str, authority: str) -> dict[str, str]:
    """Name the variables for clients of the seed's account; `authority` is a PEM file's path."""
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ACCESS_KEY_SECRET,
        "ALIBABA_CLOUD_REGION_ID": region,
        "NODE_EXTRA_CA_CERTS": authority,
        "REQUESTS_CA_BUNDLE": authority,
        "SSL_CERT_FILE": authority,
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
    }


def shell(region: str, authority: str) -> str:
    """Write the variables as lines that a shell reads."""
    pairs = variables(region, authority).items()
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in pairs)
