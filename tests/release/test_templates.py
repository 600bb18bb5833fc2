"""The job's templates: every property arrives in the CPI, and no value breaks what holds it."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from alicloud_cpi.config import Config, CredentialsConfig, parse_config
from alicloud_cpi.config_file import read_config_file
from release.rendering import ODD, ODD_CREDENTIAL, RULES, needs_ruby, refused, render, spec
from support.cpi import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = needs_ruby
both_rules = pytest.mark.parametrize("rules", RULES)

REGION = {"alicloud.region": "cn-beijing"}
STATIC = {**REGION, "alicloud.access_key_id": "the-id", "alicloud.access_key_secret": "the-secret"}
ROLE = {**REGION, "alicloud.credential_source": "ecs_ram_role"}
DAV = {"blobstore.address": "10.0.0.6"}
DAV_USER = {**DAV, "blobstore.agent.user": "agent", "blobstore.agent.password": "dav-password"}
S3 = {
    "blobstore.provider": "s3",
    "blobstore.bucket_name": "bucket",
    "blobstore.access_key_id": "director-id",
    "blobstore.secret_access_key": "director-secret",
}
AGENTS_S3 = {
    **S3,
    "agent.blobstore.access_key_id": "agent-id",
    "agent.blobstore.secret_access_key": "agent-secret",
}
LOCAL = {"blobstore.provider": "local", "blobstore.path": "/var/vcap/micro_bosh/data/cache"}
SEVERAL = ["first", "second"]


def loaded(properties: dict[str, Any], rules: str, folder: Path) -> Config:
    """Return what the CPI makes of the rendered file."""
    rendered = render(properties, rules)
    assert not rendered.error
    path = folder / "cpi.json"
    path.write_text(json.dumps(rendered.config))
    return parse_config(read_config_file(path), {})


@pytest.fixture
def config_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Keep what reading a configuration warns of, whatever a call in this process has set up."""
    logger = logging.getLogger("alicloud_cpi.config")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


# Defaults


@both_rules
def test_the_defaults_are_those_of_the_go_release(rules: str) -> None:
    """But for the registry, which BOSH has no more, and an address of no blobstore."""
    rendered = render({}, rules)
    assert not rendered.error
    assert rendered.config["cloud"]["plugin"] == "alicloud"
    assert rendered.properties == {
        "alicloud": {"encrypted": False, "keep_failed_vms": False, "copy_stemcells": False},
        "agent": {
            "ntp": ["0.pool.ntp.org", "1.pool.ntp.org"],
            "mbus": "nats://nats:nats-password@127.0.0.1:4222",
            "blobstore": {"provider": "dav", "options": {}},
        },
    }


def test_every_property_is_described() -> None:
    """The spec is the operator's reference."""
    assert all(definition["description"].strip() for definition in spec()["properties"].values())


# Each property has its effect


class Effect(NamedTuple):
    """What a property does: where it applies, a value of it, and what the CPI then knows."""

    given: dict[str, Any]
    value: Any
    read: Callable[[Config], Any]
    expected: Any


def _same(name: str, value: Any, given: dict[str, Any] | None = None) -> Effect:
    return Effect(given or {}, value, lambda known: getattr(known, name), value)


def _credential(
    name: str, value: str = ODD_CREDENTIAL, given: dict[str, Any] | None = None
) -> Effect:
    return Effect(given or {}, value, lambda known: getattr(known.credentials, name), value)


def _endpoint(service: str) -> Effect:
    host = f"{service}.internal.example"
    return Effect({}, host, lambda known: known.endpoints[service].authority, host)


def _option(given: dict[str, Any], name: str, value: Any = ODD, expected: Any = None) -> Effect:
    expected = value if expected is None else expected
    return Effect(given, value, lambda known: known.agent.blobstore["options"][name], expected)


def _mbus(value: Any, expected: str) -> Effect:
    return Effect({}, value, lambda known: known.agent.mbus, expected)


EFFECTS = {
    "alicloud.region": _same("region", "cn-hangzhou"),
    "alicloud.availability_zone": _same("availability_zone", "cn-beijing-h"),
    "alicloud.credential_source": Effect(
        {}, "ecs_ram_role", lambda known: known.credentials.source, "ecs_ram_role"
    ),
    "alicloud.access_key_id": _credential("access_key_id"),
    "alicloud.access_key_secret": _credential("access_key_secret"),
    "alicloud.security_token": _credential("security_token"),
    "alicloud.ram_role_name": _credential("ram_role_name", ODD, ROLE),
    "alicloud.role_arn": _credential("role_arn", ODD),
    "alicloud.encrypted": _same("encrypted", value=True),
    "alicloud.kms_key_id": _same("kms_key_id", ODD),
    "alicloud.keep_failed_vms": _same("keep_failed_vms", value=True),
    "alicloud.default_key_name": _same("default_key_name", ODD),
    "alicloud.default_security_groups": _same("default_security_groups", SEVERAL),
    "alicloud.default_ram_role_name": _same("default_ram_role_name", ODD),
    "alicloud.default_disk_category": _same("default_disk_category", "cloud_essd"),
    "alicloud.default_disk_performance_level": _same(
        "default_disk_performance_level", "PL0", {"alicloud.default_disk_category": "cloud_essd"}
    ),
    "alicloud.snapshot_retention_days": _same("snapshot_retention_days", 30),
    "alicloud.anti_affinity": _same("anti_affinity", "instance_group"),
    "alicloud.metadata_options": _same("metadata_options", {"http_tokens": "optional"}),
    "alicloud.resource_group_id": _same("resource_group_id", ODD),
    "alicloud.tag_children": _same("tag_children", value=True),
    "alicloud.cross_regions": _same("cross_regions", ["cn-hangzhou", "cn-shanghai"]),
    "alicloud.copy_stemcells": _same("copy_stemcells", value=True),
    "alicloud.ecs_endpoint": _endpoint("ecs"),
    "alicloud.vpc_endpoint": _endpoint("vpc"),
    "alicloud.slb_endpoint": _endpoint("slb"),
    "alicloud.nlb_endpoint": _endpoint("nlb"),
    "alicloud.alb_endpoint": _endpoint("alb"),
    "alicloud.oss_endpoint": _endpoint("oss"),
    "alicloud.sts_endpoint": _endpoint("sts"),
    "alicloud.location_endpoint": _endpoint("location"),
    "alicloud.ca_cert": _same("ca_cert", ODD),
    "ntp": Effect({}, SEVERAL, lambda known: known.agent.ntp, SEVERAL),
    "agent.mbus": _mbus(ODD, ODD),
    "nats.user": _mbus("u:@/ é", "nats://u%3A%40%2F%20%C3%A9:nats-password@127.0.0.1:4222"),
    "nats.password": _mbus("p:@/ é", "nats://nats:p%3A%40%2F%20%C3%A9@127.0.0.1:4222"),
    "nats.address": _mbus("fd00::6", "nats://nats:nats-password@[fd00::6]:4222"),
    "agent.nats.address": _mbus("10.0.0.7", "nats://nats:nats-password@10.0.0.7:4222"),
    "nats.port": _mbus(4223, "nats://nats:nats-password@127.0.0.1:4223"),
    "blobstore.provider": Effect(
        LOCAL, "local", lambda known: known.agent.blobstore["provider"], "local"
    ),
    "blobstore.address": _option({}, "endpoint", "fd00::6", "http://[fd00::6]:25250"),
    "agent.blobstore.address": _option(DAV, "endpoint", "10.0.0.7", "http://10.0.0.7:25250"),
    "blobstore.port": _option(DAV, "endpoint", 25251, "http://10.0.0.6:25251"),
    "blobstore.tls.cert.ca": _option(DAV, "endpoint", ODD, "https://10.0.0.6:25250"),
    "blobstore.agent.user": _option(DAV_USER, "user"),
    "blobstore.agent.password": _option(DAV_USER, "password"),
    "blobstore.path": _option(LOCAL, "blobstore_path"),
    "blobstore.bucket_name": _option(S3, "bucket_name"),
    "blobstore.enable_signed_urls": _option(S3, "credentials_source", value=True, expected="none"),
    "blobstore.credentials_source": _option(S3, "credentials_source", "env_or_profile"),
    "blobstore.access_key_id": _option(S3, "access_key_id"),
    "blobstore.secret_access_key": _option(S3, "secret_access_key"),
    "blobstore.host": _option(S3, "host"),
    "blobstore.s3_port": _option(S3, "port", 8443),
    "blobstore.s3_region": _option(S3, "region"),
    "blobstore.s3_signature_version": _option(S3, "signature_version", "4"),
    "blobstore.use_ssl": _option(S3, "use_ssl", value=False),
    "blobstore.ssl_verify_peer": _option(S3, "ssl_verify_peer", value=False),
    "agent.blobstore.credentials_source": _option(S3, "credentials_source", "env_or_profile"),
    "agent.blobstore.access_key_id": _option(AGENTS_S3, "access_key_id"),
    "agent.blobstore.secret_access_key": _option(AGENTS_S3, "secret_access_key"),
    "agent.blobstore.host": _option(S3, "host"),
    "agent.blobstore.s3_port": _option(S3, "port", 8443),
    "agent.blobstore.s3_region": _option(S3, "region"),
    "agent.blobstore.s3_signature_version": _option(S3, "signature_version", "2"),
    "agent.blobstore.use_ssl": _option(S3, "use_ssl", value=False),
    "agent.blobstore.ssl_verify_peer": _option(S3, "ssl_verify_peer", value=False),
}
ELSEWHERE = {"debug.cpi.api_version", "env.http_proxy", "env.https_proxy", "env.no_proxy"}
UNUSED = {f"registry.{name}" for name in ("username", "password", "protocol", "host", "port")}


def test_every_declared_property_has_its_effect_tested() -> None:
    """The Go release declared endpoints that no template ever used."""
    assert set(EFFECTS) | ELSEWHERE | UNUSED == set(spec()["properties"])


@both_rules
@pytest.mark.parametrize("name", EFFECTS)
def test_a_property_arrives_in_the_cpi(
    name: str, rules: str, tmp_path: Path, config_log: pytest.LogCaptureFixture
) -> None:
    """Whatever its value, with the meaning that the CPI gives it, which knows its name."""
    effect = EFFECTS[name]
    base = {} if "alicloud.credential_source" in effect.given else STATIC
    known = loaded({**base, **effect.given, name: effect.value}, rules, tmp_path)
    assert effect.read(known) == effect.expected
    assert config_log.messages == []


@both_rules
def test_all_properties_together_load(rules: str, tmp_path: Path) -> None:
    """None is in another's way, but for providers and credential sources."""
    used = {
        name: effect.value
        for name, effect in EFFECTS.items()
        if name not in ("alicloud.credential_source", "blobstore.provider")
    }
    known = loaded({**used, **dict.fromkeys(UNUSED, "registry")}, rules, tmp_path)
    assert known.credentials.access_key_secret == ODD_CREDENTIAL


@both_rules
def test_a_lower_api_version_is_advertised(rules: str, tmp_path: Path) -> None:
    """debug.cpi.api_version is for callers in trouble with a newer one."""
    for properties, version in (({"debug.cpi.api_version": 1}, 1), ({}, 3)):
        path = tmp_path / "cpi.json"
        path.write_text(json.dumps(render(properties, rules).config))
        response = run(["--config", str(path)], b'{"method": "info", "arguments": []}')
        assert response.result["api_version"] == version


@both_rules
def test_the_registrys_password_is_not_kept(rules: str) -> None:
    """What nothing reads need not lie on a disk."""
    rendered = render({"registry.password": "the-canary"}, rules)
    assert "canary" not in json.dumps(rendered.config)


@pytest.mark.parametrize("empty", [None, "", []])
def test_an_empty_property_is_left_out(empty: object) -> None:
    """A manifest's empty value means what an absent one means."""
    names = [name for name in EFFECTS if name.startswith("alicloud.")]
    rendered = render(dict.fromkeys(names, empty))
    assert not rendered.error
    assert set(rendered.alicloud) <= {"encrypted", "keep_failed_vms", "copy_stemcells"}


# Credentials


@both_rules
def test_a_role_takes_no_keys_along(rules: str, tmp_path: Path) -> None:
    """A manifest of the Go release may carry both: the CPI refuses a file that does."""
    properties = {**STATIC, **ROLE, "alicloud.security_token": "token"}
    known = loaded(properties, rules, tmp_path)
    assert known.credentials.source == "ecs_ram_role"
    assert known.credentials == CredentialsConfig("ecs_ram_role", "", "", "", "", "")


@both_rules
def test_keys_take_no_role_name_along(rules: str) -> None:
    """The role's name belongs to the other source."""
    rendered = render({**STATIC, "alicloud.ram_role_name": "role"}, rules)
    assert "ram_role_name" not in rendered.alicloud


@both_rules
def test_keys_may_be_left_to_the_cpi_configs(rules: str, tmp_path: Path) -> None:
    """A Director of several accounts has none of its own; the region likewise."""
    path = tmp_path / "cpi.json"
    path.write_text(json.dumps(render({}, rules).config))
    entry = {"region": "cn-beijing", "access_key_id": "id", "access_key_secret": "secret"}
    assert parse_config(read_config_file(path), entry).credentials.access_key_id == "id"


@both_rules
@pytest.mark.parametrize(
    ("properties", "missing"),
    [
        ({"alicloud.access_key_id": "id"}, "alicloud.access_key_secret"),
        ({"alicloud.access_key_secret": "secret"}, "alicloud.access_key_id"),
        ({"alicloud.security_token": "token"}, "alicloud.access_key_id"),
        ({"blobstore.provider": "local"}, "blobstore.path"),
        ({**S3, "blobstore.bucket_name": ""}, "blobstore.bucket_name"),
        ({**S3, "blobstore.access_key_id": None}, "blobstore.access_key_id"),
        ({**S3, "blobstore.secret_access_key": None}, "blobstore.secret_access_key"),
        ({**S3, "agent.blobstore.access_key_id": "x"}, "agent.blobstore.secret_access_key"),
        ({**S3, "agent.blobstore.secret_access_key": "x"}, "agent.blobstore.access_key_id"),
        ({**DAV, "blobstore.agent.user": "agent"}, "blobstore.agent.password"),
    ],
)
def test_a_missing_property_is_named(properties: dict[str, Any], missing: str, rules: str) -> None:
    """Rendering fails before anything is made, and says what to add."""
    assert refused(properties, rules).startswith(f"{missing} is required")


@both_rules
@pytest.mark.parametrize(
    "name",
    ["alicloud.credential_source", "blobstore.provider", "blobstore.credentials_source"],
)
def test_an_unknown_choice_is_named_with_what_there_is(name: str, rules: str) -> None:
    """The value itself is not quoted: it may be a secret in the wrong place."""
    error = refused({**S3, name: "the-canary"}, rules)
    assert error.startswith(f"{name} must be one of: ")
    assert "canary" not in error


# Blobstores


@both_rules
def test_the_dav_blobstore(rules: str) -> None:
    """The common one: credentials of agents, not of the Director."""
    assert render(DAV_USER, rules).agent["blobstore"] == {
        "provider": "dav",
        "options": {
            "endpoint": "http://10.0.0.6:25250",
            "user": "agent",
            "password": "dav-password",
        },
    }


@both_rules
def test_the_simple_blobstore_is_todays_dav(rules: str) -> None:
    """Agents know it by its new name only."""
    rendered = render({**DAV, "blobstore.provider": "simple"}, rules)
    assert rendered.agent["blobstore"]["provider"] == "dav"


@both_rules
def test_the_dav_blobstore_over_tls(rules: str) -> None:
    """The agent is told whom to trust."""
    rendered = render({**DAV, "blobstore.tls.cert.ca": "PEM"}, rules)
    assert rendered.blobstore == {
        "endpoint": "https://10.0.0.6:25250",
        "tls": {"cert": {"ca": "PEM"}},
    }


@both_rules
def test_the_local_blobstore(rules: str) -> None:
    """What create-env gives the Director's own VM."""
    assert render(LOCAL, rules).agent["blobstore"] == {
        "provider": "local",
        "options": {"blobstore_path": "/var/vcap/micro_bosh/data/cache"},
    }


@both_rules
def test_the_s3_blobstore(rules: str) -> None:
    """OSS answers this protocol too."""
    assert render({**S3, "blobstore.host": "oss.example"}, rules).agent["blobstore"] == {
        "provider": "s3",
        "options": {
            "bucket_name": "bucket",
            "credentials_source": "static",
            "access_key_id": "director-id",
            "secret_access_key": "director-secret",
            "host": "oss.example",
            "port": 443,
            "use_ssl": True,
        },
    }


@both_rules
@pytest.mark.parametrize("section", ["blobstore", "agent.blobstore"])
@pytest.mark.parametrize("source", ["env_or_profile", "none"])
def test_other_sources_of_s3_credentials_come_without_keys(
    section: str, source: str, rules: str
) -> None:
    """Keys that are not used have no place on a VM."""
    options = render({**S3, f"{section}.credentials_source": source}, rules).blobstore
    assert options["credentials_source"] == source
    assert not {"access_key_id", "secret_access_key"} & set(options)


@both_rules
def test_agents_s3_keys_replace_the_directors(rules: str) -> None:
    """Both of them or none: a key of one with the secret of the other opens nothing."""
    options = render(AGENTS_S3, rules).blobstore
    assert (options["access_key_id"], options["secret_access_key"]) == ("agent-id", "agent-secret")


@both_rules
@pytest.mark.parametrize("blobstore", [S3, AGENTS_S3, DAV_USER])
def test_signed_urls_leave_agents_without_credentials(
    blobstore: dict[str, Any], rules: str
) -> None:
    """That is what they are for; the Director takes them out of env.bosh.blobstores likewise."""
    rendered = render({**blobstore, "blobstore.enable_signed_urls": True}, rules)
    told = set(rendered.blobstore)
    assert not {"user", "password", "access_key_id", "secret_access_key"} & told
