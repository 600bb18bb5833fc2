"""Any configuration is understood or refused by the name of what is wrong in it."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from alicloud_cpi.config import SERVICES, parse_config
from alicloud_cpi.errors import CpiError
from support.hostile import OBJECTS, VALUES, document, judged

if TYPE_CHECKING:
    from pathlib import Path

    from faults.matrix_scenarios import Bench

KNOWN: dict[str, Any] = {
    "region": "cn-beijing",
    "availability_zone": "cn-beijing-h",
    "access_key_id": "LTAI-1",
    "access_key_secret": "secret-1",
    "security_token": "token-1",
    "credential_source": "static",
    "ram_role_name": "role",
    "role_arn": "acs:ram::1:role/r",
    "encrypted": True,
    "kms_key_id": "key-1",
    "ca_cert": "",
    "default_key_name": "bosh",
    "default_security_groups": ["sg-1"],
    "default_ram_role_name": "",
    "default_disk_category": "cloud_essd",
    "default_disk_performance_level": "PL0",
    "anti_affinity": "instance_group",
    "resource_group_id": "rg-1",
    "tag_children": True,
    "metadata_options": {"http_tokens": "optional"},
    "cross_regions": ["cn-hangzhou"],
    **{f"{service}_endpoint": f"https://{service}.example.com" for service in SERVICES},
}
WHOLE = {key: KNOWN[key] for key in ("region", "access_key_id", "access_key_secret")}
AGENT = {"mbus": "nats://a", "ntp": ["ntp"], "blobstore": {"provider": "dav", "options": {}}}


def read(properties: Any, context: dict[str, Any]) -> None:
    """Check a configuration: it is a Config, or refused; nothing else comes out."""
    with contextlib.suppress(CpiError):
        assert parse_config({"cloud": {"properties": properties}}, context).region


@given(changes=document(KNOWN), context=document(KNOWN), agent=document(AGENT))
def test_any_value(changes: dict[str, Any], context: dict[str, Any], agent: Any) -> None:
    """Every property may have any value, in the file and in the call's context."""
    read({"alicloud": {**WHOLE, **changes}, "agent": agent}, context)


@given(properties=VALUES, context=OBJECTS)
def test_any_document(properties: Any, context: dict[str, Any]) -> None:
    """The sections of the file may be of any kind."""
    read(properties, context)
    read({"alicloud": properties, "agent": properties}, context)


@given(content=st.one_of(st.binary(max_size=100), VALUES.map(lambda v: json.dumps(v).encode())))
def test_any_file(bench: Bench, tmp_path: Path, content: bytes) -> None:
    """A file that is no configuration fails each call, not the program."""
    path, bench.cpi.path = bench.cpi.path, tmp_path / "cpi.json"
    bench.cpi.path.write_bytes(content)
    try:
        judged(bench.cpi.call("info"))
        judged(bench.cpi.call("has_disk", "d-1"))
    finally:
        bench.cpi.path = path
