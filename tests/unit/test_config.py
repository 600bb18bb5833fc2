"""Configuration: cpi.json with the call's own properties over it, checked, errors by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from alicloud_cpi.config import AgentConfig, Config, parse_config
from alicloud_cpi.config_file import read_config_file
from alicloud_cpi.errors import CpiError

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"access_key_id": "file-id", "access_key_secret": "file-secret"}
ROLE = {"credential_source": "ecs_ram_role", "ram_role_name": "file-role"}
BASE: dict[str, Any] = {"region": "cn-beijing", **KEYS}


def merged(file: dict[str, Any], context: dict[str, Any] | None = None, **sections: Any) -> Config:
    """Return the configuration of a call."""
    document = {"cloud": {"properties": {"alicloud": file, **sections}}}
    return parse_config(document, context or {})


def refused(file: dict[str, Any], context: dict[str, Any] | None = None, **sections: Any) -> str:
    """Return what is said against a configuration."""
    with pytest.raises(CpiError) as caught:
        merged(file, context, **sections)
    return caught.value.message


# The file


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '"x"', "\udcff"])
def test_a_file_that_is_no_json_object_is_named_and_never_quoted(tmp_path: Path, text: str) -> None:
    """It may hold the secret, however broken it is."""
    path = tmp_path / "cpi.json"
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(CpiError, match=str(path)):
        read_config_file(path)


def test_a_broken_file_is_not_quoted(tmp_path: Path) -> None:
    """The parser's own message would show a piece of it."""
    path = tmp_path / "cpi.json"
    path.write_text('{"access_key_secret": "the-canary"')
    with pytest.raises(CpiError) as caught:
        read_config_file(path)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_broken_file_is_named_with_line_and_column(tmp_path: Path) -> None:
    """Where to look in a file that was edited by hand."""
    path = tmp_path / "cpi.json"
    path.write_text('{\n  "cloud": {\n    "plugin" "alicloud"\n  }\n}')
    with pytest.raises(CpiError) as caught:
        read_config_file(path)
    assert str(caught.value) == f"The configuration '{path}' is not JSON: see line 3, column 14"


def test_an_absent_file_is_named_with_the_reason(tmp_path: Path) -> None:
    """The operating system's words, without its numbers."""
    path = tmp_path / "none.json"
    with pytest.raises(CpiError, match=f"'{path}': No such file or directory"):
        read_config_file(path)


@pytest.mark.parametrize("key", ["cloud", "cloud.properties", "cloud.properties.alicloud"])
@pytest.mark.parametrize("value", [[], "x", 7, True])
def test_a_section_that_is_no_object_is_named(key: str, value: object) -> None:
    """Absent or null is empty, anything else is a mistake."""
    document: Any = value
    for part in reversed(key.split(".")):
        document = {part: document}
    with pytest.raises(CpiError, match=f"{key.rpartition('.')[2]} in the configuration must be"):
        parse_config(document, {})


# What is required


@pytest.mark.parametrize("file", [{}, {"region": ""}, {"region": None}, {"region": "  "}])
def test_a_region_is_required_and_the_message_says_where_to_set_it(file: dict[str, Any]) -> None:
    """In the job or in the call's cpi-config entry: there is no default region."""
    assert refused(file).startswith("alicloud.region is required")


@pytest.mark.parametrize(
    "region", ["cn beijing", "cn-beijing/x", "a@b", "é", "x" * 80, "a..b", "-"]
)
@pytest.mark.parametrize("key", ["region", "cross_regions"])
def test_a_region_that_could_be_no_host_name_is_refused(key: str, region: str) -> None:
    """The endpoint's name is made of it."""
    value = [region] if key == "cross_regions" else region
    assert f"alicloud.{key} must be" in refused({**BASE, key: value})


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [None, "", " "])
def test_both_static_keys_are_required_by_name(key: str, value: object) -> None:
    """A missing half is named, the other half is not shown."""
    message = refused({**BASE, key: value})
    assert message == f"alicloud.{key} is required with credential_source 'static'"


@pytest.mark.parametrize(
    "key",
    [
        "region",
        "availability_zone",
        "access_key_id",
        "access_key_secret",
        "security_token",
        "kms_key_id",
        "ca_cert",
        "default_key_name",
        "default_ram_role_name",
        "default_disk_category",
        "default_disk_performance_level",
        "ecs_endpoint",
        "credential_source",
        "ram_role_name",
        "role_arn",
        "oss_endpoint",
        "slb_endpoint",
    ],
)
@pytest.mark.parametrize("value", [7, True, ["x"], {"a": "b"}])
def test_a_text_that_is_none_is_named(key: str, value: object) -> None:
    """In the file as in the context; the value is not shown."""
    assert refused({**BASE, key: value}) == f"alicloud.{key} must be a string"
    assert refused(BASE, {key: value}) == f"alicloud.{key} must be a string"


@pytest.mark.parametrize("key", ["default_security_groups", "cross_regions"])
@pytest.mark.parametrize("value", ["x", 7, True, [7], [""], [None], {"a": 1}])
def test_a_list_of_texts_that_is_none_is_named(key: str, value: object) -> None:
    """An empty list or null is none at all."""
    assert f"alicloud.{key} must be an array of" in refused({**BASE, key: value})
    assert getattr(merged({**BASE, key: None}), key) == []


# Booleans


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (True, True),
        (False, False),
        ("true", True),
        ("false", False),
        ("True", True),
        ("", False),
        (None, False),
    ],
)
def test_a_boolean_may_be_written_as_text(value: object, meant: object) -> None:
    """Manifests quote booleans, and templates render unset ones as empty strings."""
    assert merged({**BASE, "encrypted": value}).encrypted is meant


@pytest.mark.parametrize("value", ["yes", "1", 1, 0, [], {}, "truee"])
def test_a_boolean_that_is_none_is_named(value: object) -> None:
    """Guessing would leave disks without encryption."""
    assert refused({**BASE, "encrypted": value}) == "alicloud.encrypted must be true or false"


# The kind of disks that nothing is said of


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, ("", "")),
        ({"category": None, "performance_level": ""}, ("", "")),
        ({"category": "cloud_auto"}, ("cloud_auto", "")),
        ({"category": "cloud_essd"}, ("cloud_essd", "")),
        ({"category": "cloud_essd", "performance_level": "PL0"}, ("cloud_essd", "PL0")),
    ],
)
def test_the_default_category_of_disks(given: dict[str, Any], kind: tuple[str, str]) -> None:
    """From the file or the context; empty where none is configured."""
    properties = {f"default_disk_{key}": value for key, value in given.items()}
    for found in (merged({**BASE, **properties}), merged(BASE, properties)):
        assert (found.default_disk_category, found.default_disk_performance_level) == kind


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"category": "the-canary"}, "alicloud.default_disk_category must be one of cloud, "),
        (
            {"category": "cloud_essd", "performance_level": "the-canary"},
            "alicloud.default_disk_performance_level must be one of PL0, PL1, PL2, PL3",
        ),
        (
            {"performance_level": "PL0"},
            "alicloud.default_disk_performance_level needs alicloud.default_disk_category",
        ),
        (
            {"category": "cloud_auto", "performance_level": "PL1"},
            "alicloud.default_disk_performance_level needs ",
        ),
    ],
)
def test_a_default_kind_that_there_is_not(given: dict[str, Any], message: str) -> None:
    """Named before any call asks the cloud for something, never quoted."""
    said = refused({**BASE, **{f"default_disk_{key}": value for key, value in given.items()}})
    assert said.startswith(message)
    assert "canary" not in said


# Multi-CPI


def test_the_contexts_properties_override_the_files() -> None:
    """A cpi-config entry's properties arrive flat in the context, for that call alone."""
    file = {**BASE, "availability_zone": "cn-beijing-h", "kms_key_id": "k-1", "encrypted": True}
    context = {"region": "cn-hangzhou", "availability_zone": "cn-hangzhou-i", "encrypted": False}
    found = merged(file, context)
    assert (found.region, found.availability_zone) == ("cn-hangzhou", "cn-hangzhou-i")
    assert found.encrypted is False
    assert found.kms_key_id == "k-1"
    assert found.credentials.access_key_id == "file-id"


def test_endpoints_and_trust_can_come_from_the_context() -> None:
    """Another account may be reached another way."""
    found = merged(BASE, {"ecs_endpoint": "ecs.example.com:8443", "ca_cert": "PEM"})
    assert found.endpoints["ecs"].authority == "ecs.example.com:8443"
    assert found.ca_cert == "PEM"


def test_a_null_in_the_context_overrides_nothing() -> None:
    """It is a property that the entry does not set."""
    assert merged(BASE, dict.fromkeys(BASE)).region == "cn-beijing"


def test_what_the_director_puts_into_the_context_is_no_property() -> None:
    """Ids and versions lie beside the properties."""
    context = {"director_uuid": "u", "request_id": "cpi-1", "vm": {"stemcell": {"api_version": 3}}}
    assert merged(BASE, context) == merged(BASE)


def test_the_home_region_is_not_looked_into_twice() -> None:
    """cross_regions are further regions."""
    file = {**BASE, "cross_regions": ["cn-hangzhou", "cn-beijing", "cn-shanghai"]}
    assert merged(file).cross_regions == ["cn-hangzhou", "cn-shanghai"]
    assert merged(file, {"region": "cn-hangzhou"}).cross_regions == ["cn-beijing", "cn-shanghai"]


# The agent's section


@pytest.mark.parametrize("ntp", ["x", 7, {"a": 1}, [7], [None], [["x"]]])
def test_ntp_servers_that_are_no_texts_are_named(ntp: object) -> None:
    """They would end up in every VM's settings."""
    assert refused(BASE, agent={"ntp": ntp}) == "agent.ntp must be an array of strings"


def test_the_agents_section_is_optional() -> None:
    """create-env gives an mbus and a blobstore, the Director may give none."""
    found = merged(BASE, agent=None).agent
    assert found == AgentConfig(mbus="", ntp=[], blobstore={"provider": "", "options": {}})


def test_the_registry_section_is_ignored() -> None:
    """BOSH has no registry any more; jobs still render one."""
    assert merged(BASE, registry={"host": "x"}) == merged(BASE)


def test_a_configuration_can_be_read_again_from_json(tmp_path: Path) -> None:
    """What the job renders is what is read."""
    path = tmp_path / "cpi.json"
    path.write_text(json.dumps({"cloud": {"properties": {"alicloud": BASE}}}))
    assert parse_config(read_config_file(path), {}) == merged(BASE)
