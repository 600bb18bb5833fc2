"""info() -> {"api_version", "stemcell_formats"}

Says which CPI API version and which stemcell formats this CPI supports.
Spec: https://bosh.io/docs/cpi-api-v2-method/info/

The Director and create-env call it before every other method, so it loads no SDK, reads no
credentials and uses no network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_cpi.config_file import dig
from alicloud_cpi.errors import CpiError

if TYPE_CHECKING:
    from alicloud_cpi.context import CallContext

MAX_API_VERSION = 3
_MOST_DIGITS = 9
STEMCELL_FORMATS = ["general-tar", "alicloud-tar", "alicloud-raw"]


def run(ctx: CallContext) -> dict[str, Any]:
    """Return the API version, which ``debug.cpi.api_version`` may lower, and the formats.

    :raises CpiError: ``debug.cpi.api_version`` is no positive integer
    """
    return {"api_version": _api_version(ctx), "stemcell_formats": STEMCELL_FORMATS}


def _api_version(ctx: CallContext) -> int:
    wanted = dig(ctx.config_file, "cloud", "properties", "debug", "cpi").get("api_version")
    # A template renders a property that is not set as null or an empty string.
    if wanted is None or wanted == "":
        return MAX_API_VERSION
    text = str(wanted).strip()
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if isinstance(wanted, bool) or not is_number or int(text) < 1:
        raise CpiError("debug.cpi.api_version must be a positive integer")
    return min(int(text), MAX_API_VERSION)
