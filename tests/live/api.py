"""What reads the run's account: the pipeline's own requests (ci/lib/cloud.py), with its variables.

Apart from the CPI and from the SDK: what stories compare is not told by what they test.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from cloud import VERSIONS, Cloud, Credentials, role_credentials

from live.settings import ROLE

if TYPE_CHECKING:
    from live.settings import Live


def services(live: Live) -> Cloud:
    """Return the services of the run's region."""
    tls = ssl.create_default_context()
    if "ca_cert" in live:
        tls.load_verify_locations(live["ca_cert"])
    hosts = {service: live.get(f"{service}_endpoint") for service in VERSIONS}
    return Cloud(live["region"], lambda: keys(live), hosts, tls)


def keys(live: Live) -> Credentials:
    """Return keys that are valid now: given ones, or those of the instance that the run is on."""
    if live.get("credential_source") == ROLE:
        return role_credentials(live.get("ram_role_name"), live.get("metadata_endpoint"))
    return Credentials(live["access_key_id"], live["access_key_secret"], live.get("security_token"))
