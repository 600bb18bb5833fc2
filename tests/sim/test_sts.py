"""STS: temporary keys of a role, and who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.oss_support import BUCKET, Sdk, oss2, refused
from sim.support import KEY_SECRET, OTHER_KEY_ID, OTHER_KEY_SECRET, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

STS = "2015-04-01"
ACCOUNT = "1100000000000001"
ROLE = f"acs:ram::{ACCOUNT}:role/bosh-cpi"


def assume(cloud: Cloud, **changed: Any) -> Any:
    """Ask for keys of the seeded role."""
    given = {"RoleArn": ROLE, "RoleSessionName": "cpi", **changed}
    return cloud.call("AssumeRole", Version=STS, **given)


def client_of(sim: Simulator, credentials: dict[str, str]) -> Cloud:
    """Make a client that uses temporary keys."""
    token = {"SecurityToken": credentials["SecurityToken"]}
    return Cloud(sim, credentials["AccessKeyId"], credentials["AccessKeySecret"], token)


def test_keys_work_until_they_expire(sim: Simulator, cloud: Cloud) -> None:
    """Keys of a role work for every service, with their token, until the world's clock says no."""
    assert sim.world.constants["assumable_role_arn"] == ROLE
    answer = assume(cloud, DurationSeconds=900).json
    user = answer["AssumedRoleUser"]
    assert user["Arn"] == f"acs:ram::{ACCOUNT}:assumed-role/bosh-cpi/cpi"
    assert user["AssumedRoleId"].endswith(":cpi")
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("STS.")
    temporary = client_of(sim, credentials)
    assert temporary.call("DescribeRegions").status == 200
    assert temporary.call("DescribeRegions", SecurityToken=None).code == "MissingSecurityToken"
    v3 = {"x-acs-security-token": credentials["SecurityToken"]}
    assert temporary.call_v3("DescribeRegions", v3).status == 200
    sim.advance(901)
    assert temporary.call("DescribeRegions").code == "InvalidSecurityToken.Expired"


def test_keys_work_for_oss(sim: Simulator, cloud: Cloud, oss: Sdk, bucket: Any) -> None:
    """OSS takes the same keys."""
    credentials = assume(cloud).json["Credentials"]
    provider = oss2.StaticCredentialsProvider(
        credentials["AccessKeyId"], credentials["AccessKeySecret"], credentials["SecurityToken"]
    )
    temporary = oss.bucket(bucket.bucket_name, oss2.ProviderAuth(provider))
    assert temporary.get_bucket_info().name == BUCKET
    sim.advance(3601)
    assert refused(temporary.get_bucket_info) == (403, "SecurityTokenExpired")


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"RoleArn": None}, "MissingParameter", 400),
        ({"RoleArn": "bosh-cpi"}, "InvalidParameter.RoleArn", 400),
        ({"RoleArn": f"acs:ram::{ACCOUNT}:role/nobody"}, "EntityNotExist.Role", 404),
        ({"RoleArn": f"acs:ram::{ACCOUNT}:role/bosh-instance"}, "NoPermission", 403),
        ({"RoleSessionName": "x"}, "InvalidParameter.RoleSessionName", 400),
        ({"RoleSessionName": "a b"}, "InvalidParameter.RoleSessionName", 400),
        ({"DurationSeconds": 899}, "InvalidParameter.DurationSeconds", 400),
        ({"DurationSeconds": 3601}, "InvalidParameter.DurationSeconds", 400),
        ({"Policy": "{}"}, "SimulatorUnsupported.Policy", 501),
    ],
)
def test_refusals(cloud: Cloud, changed: dict[str, Any], code: str, status: int) -> None:
    """Unknown roles, roles that do not trust the caller and odd parameters are refused."""
    answer = assume(cloud, **changed)
    assert (answer.code, answer.status) == (code, status)


def test_roles_of_other_accounts(sim: Simulator) -> None:
    """A role opens itself to the accounts it trusts only."""
    other = Cloud(sim, OTHER_KEY_ID, OTHER_KEY_SECRET)
    assert assume(other).code == "NoPermission"
    row = {"id": "r", "name": "shared", "region": "", "account": ACCOUNT}
    sim.seed({"ram_role": [{**row, "trusted_service": "acs:ram::1200000000000002:root"}]})
    shared = f"acs:ram::{ACCOUNT}:role/shared"
    credentials = assume(other, RoleArn=shared).json["Credentials"]
    identity = client_of(sim, credentials).ok("GetCallerIdentity", Version=STS)
    assert identity["AccountId"] == ACCOUNT


def test_longer_sessions(sim: Simulator, cloud: Cloud) -> None:
    """A quota allows longer sessions."""
    sim.seed({"quotas": {"sts.max_session_seconds": 43200}})
    assert assume(cloud, DurationSeconds=43200).status == 200


def test_denied_roles(sim: Simulator, cloud: Cloud) -> None:
    """A setting says what keys of a role may not do."""
    sim.seed({"settings": {"sts.denied": {"bosh-cpi": ["ecs:DescribeZones"]}}})
    temporary = client_of(sim, assume(cloud).json["Credentials"])
    assert temporary.call("DescribeZones").code == "Forbidden.RAM"
    assert temporary.call("DescribeRegions").status == 200


def test_identity(sim: Simulator, cloud: Cloud) -> None:
    """The identity is a user for permanent keys, the role and session for temporary ones."""
    permanent = cloud.ok("GetCallerIdentity", Version=STS)
    assert permanent["Arn"] == f"acs:ram::{ACCOUNT}:user/bosh"
    assert (permanent["IdentityType"], permanent["AccountId"]) == ("RAMUser", ACCOUNT)
    credentials = assume(cloud).json["Credentials"]
    temporary = client_of(sim, credentials).ok("GetCallerIdentity", Version=STS)
    assert temporary["IdentityType"] == "AssumedRoleUser"
    assert temporary["Arn"] == f"acs:ram::{ACCOUNT}:assumed-role/bosh-cpi/cpi"
    assert temporary["PrincipalId"] == f"{temporary['RoleId']}:cpi"
    assert KEY_SECRET not in str(sim.state())
    assert credentials["AccessKeySecret"] not in str(sim.state())
    assert credentials["SecurityToken"] not in str(sim.state())
