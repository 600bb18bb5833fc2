"""info() -> {"api_version", "stemcell_formats"}

Says which CPI API version and which stemcells this CPI understands.
Spec: https://bosh.io/docs/cpi-api-v2-method/info/

The Director and create-env ask before every other call, so nothing is loaded for it: no SDK, no
credentials, no network.
"""

from __future__ import annotations

from alicloud_cpi import cpi_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from alicloud_cpi.call import Call

HIGHEST_API_VERSION = 3
STEMCELL_FORMATS = ["general-tar", "alicloud-tar", "alicloud-raw"]


def run(call: Call) -> dict[str, Any]:
    """Return the API version, which ``debug.cpi.api_version`` may lower, and the formats."""
    version = cpi_json.advertised_api_version(call.document, HIGHEST_API_VERSION)
    return {"api_version": version, "stemcell_formats": STEMCELL_FORMATS}
