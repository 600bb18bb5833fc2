"""The metadata service of instances (100.100.100.200), on the port of everything else.

Requests below /latest are its own, whatever their Host. Settings of the world:

"metadata.instance_id"        the instance it speaks for: a record of the region, else one
                              with generic values; by default INSTANCE_ID
"metadata.mode"               normal (with and without tokens), hardened (with tokens only),
                              legacy (no tokens: 404), disabled; by default as the
                              instance's HttpEndpoint and HttpTokens say
"metadata.roles"              names of its RAM roles, [] for none; by default the instance's,
                              for generic values bosh-instance
"metadata.credential_seconds" how long a role's keys hold, 21600
"metadata.credential_code"    the Code of a role's credentials, Success
"metadata.items"              {"meta-data/...": "text"}: further items, or other texts
"metadata.user_data"          the user data, decoded
"""

from alicloud_sim.registry import HTTP_SERVICES

from .instance import INSTANCE_ID
from .service import Metadata

HTTP_SERVICES.append(Metadata())

__all__ = ["INSTANCE_ID", "Metadata"]
