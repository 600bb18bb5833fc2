"""How a VM's metadata service answers; it is where the agent reads its settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alicloud_cpi.cloud_properties.schema import InvalidProperty, Properties, validate_part

# The first API version of stemcells whose agent can send a token of the metadata service.
_FIRST_WITH_TOKENS = 3


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """The options, in CreateInstance's terms; an empty string or None is left out."""

    http_tokens: str = ""
    http_put_response_hop_limit: int | None = None
    http_endpoint: str = ""

    @classmethod
    def parse(cls, properties: Properties, defaults: Mapping[str, Any]) -> MetadataOptions:
        """Read a VM's valid cloud_properties; what they leave open is taken from the defaults.

        :raises InvalidProperty: a default that cannot be used
        """
        given = properties.properties("metadata_options")
        default = Properties({}, "")
        if defaults:
            default = validate_part("vm", "metadata_options", defaults, "alicloud.metadata_options")
        hop_limit = given.integer("http_put_response_hop_limit") or default.integer(
            "http_put_response_hop_limit"
        )
        return cls(
            http_tokens=given.text("http_tokens") or default.text("http_tokens"),
            http_put_response_hop_limit=hop_limit or None,
            http_endpoint=given.text("http_endpoint") or default.text("http_endpoint"),
        )

    def check(self, *, image_id: str, imds_support: str, stemcell_api_version: int) -> None:
        """Refuse what the stemcell's agent cannot do: without settings it never reports.

        :param imds_support: what the image declares, v1 or v2
        :raises InvalidProperty: tokens are required, and the agent sends none
        """
        if self.http_tokens != "required":
            return
        if stemcell_api_version < _FIRST_WITH_TOKENS or imds_support != "v2":
            raise InvalidProperty(
                "metadata_options.http_tokens must be optional with this stemcell: its agent reads "
                "its settings without a token, or does not say that it can use one (API version "
                f"{stemcell_api_version}, at least {_FIRST_WITH_TOKENS} is needed; ImdsSupport of "
                f"image '{image_id}' is {imds_support or 'v1'}, v2 is needed)"
            )
