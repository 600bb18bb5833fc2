"""A call has the keys of one source: those of two are never mixed."""

from __future__ import annotations

from typing import Any

import pytest

from alicloud_cpi.config import CredentialsConfig, parse_config
from alicloud_cpi.errors import CpiError

FILE_KEYS = {
    "access_key_id": "file-id",
    "access_key_secret": "file-secret",
    "security_token": "file-token",
}
FILE_ROLE = {"credential_source": "ecs_ram_role", "ram_role_name": "file-role"}
OTHER_KEYS = {"access_key_id": "other-id", "access_key_secret": "other-secret"}


def credentials(file: dict[str, Any], context: dict[str, Any]) -> CredentialsConfig:
    """Return whose keys a call uses."""
    properties = {"region": "cn-beijing", **file}
    return parse_config({"cloud": {"properties": {"alicloud": properties}}}, context).credentials


def refused(file: dict[str, Any], context: dict[str, Any]) -> str:
    """Return what is said against them."""
    with pytest.raises(CpiError) as caught:
        credentials(file, context)
    return caught.value.message


def test_a_call_without_keys_of_its_own_uses_the_files() -> None:
    """Token and all."""
    found = credentials(FILE_KEYS, {"kms_key_id": "k-1"})
    assert found == CredentialsConfig("static", "file-id", "file-secret", "file-token", "", "")


def test_keys_of_the_call_take_nothing_from_the_files() -> None:
    """Above all not the token, which belongs to the other key."""
    found = credentials({**FILE_KEYS, "role_arn": "acs:ram::1:role/file"}, OTHER_KEYS)
    assert found == CredentialsConfig("static", "other-id", "other-secret", "", "", "")


@pytest.mark.parametrize("key", FILE_KEYS)
def test_one_key_of_the_call_is_never_completed_from_the_file(key: str) -> None:
    """An id with the secret of another account signs nothing, and hides a mistake."""
    missing = "access_key_secret" if key == "access_key_id" else "access_key_id"
    message = refused(FILE_KEYS, {key: "other"})
    assert message == f"alicloud.{missing} is required with credential_source 'static'"


def test_a_call_may_switch_from_keys_to_the_instances_role() -> None:
    """The file's keys are out of use then."""
    found = credentials(FILE_KEYS, {"credential_source": "ecs_ram_role", "ram_role_name": "r"})
    assert found == CredentialsConfig("ecs_ram_role", "", "", "", "r", "")


def test_a_call_may_switch_from_the_instances_role_to_keys() -> None:
    """Naming the keys is enough: keys are static."""
    for context in (OTHER_KEYS, {**OTHER_KEYS, "credential_source": "static"}):
        found = credentials(FILE_ROLE, context)
        assert found == CredentialsConfig("static", "other-id", "other-secret", "", "", "")


def test_a_call_may_name_another_role_of_the_instance() -> None:
    """The source stays what the file says."""
    found = credentials(FILE_ROLE, {"ram_role_name": "other-role"})
    assert found == CredentialsConfig("ecs_ram_role", "", "", "", "other-role", "")


@pytest.mark.parametrize("file", [FILE_KEYS, FILE_ROLE])
def test_naming_the_files_own_source_changes_nothing(file: dict[str, str]) -> None:
    """It is the same source, so its keys are the same."""
    source = file.get("credential_source", "static")
    assert credentials(file, {"credential_source": source}) == credentials(file, {})


def test_a_role_to_assume_goes_on_top_of_the_files_keys() -> None:
    """That is how one set of keys serves several accounts."""
    found = credentials(FILE_KEYS, {"role_arn": "acs:ram::2:role/other"})
    assert (found.access_key_id, found.role_arn) == ("file-id", "acs:ram::2:role/other")


@pytest.mark.parametrize("key", FILE_KEYS)
def test_static_keys_are_refused_together_with_the_instances_role(key: str) -> None:
    """One of the two is a mistake, and the CPI does not guess which."""
    message = refused({**FILE_ROLE, key: "x-secret"}, {})
    assert message == f"alicloud.{key} cannot be used with credential_source 'ecs_ram_role'"


@pytest.mark.parametrize("source", ["nobody", "STATIC", "env"])
def test_another_credential_source_is_refused_by_name(source: str) -> None:
    """The message tells the two that there are."""
    message = refused({**FILE_KEYS, "credential_source": source}, {})
    assert message == "alicloud.credential_source must be 'static' or 'ecs_ram_role'"
