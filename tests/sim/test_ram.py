"""RAM: roles, policies, what is attached to what, and that the roles can be taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sim.compute import instance, quotas, stopped
from sim.support import KEY_ID, Cloud

if TYPE_CHECKING:
    from alicloud_sim import Simulator

VERSION = "2015-05-01"
STS = "2015-04-01"
ACCOUNT = "1100000000000001"


def trust(**principal: Any) -> str:
    """Write who may take a role."""
    statement = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal}
    return json.dumps({"Version": "1", "Statement": [statement]})


def policy(**changed: Any) -> str:
    """Write a policy of one statement."""
    statement = {"Effect": "Allow", "Action": "ecs:*", "Resource": "*", **changed}
    return json.dumps({"Version": "1", "Statement": [statement]})


ECS_TRUST = trust(Service=["ecs.aliyuncs.com"])


@pytest.fixture
def ram(sim: Simulator) -> Cloud:
    """Give a client of RAM, which knows no regions."""
    return Cloud(sim, common={"Version": VERSION, "RegionId": None})


def role(ram: Cloud, name: str = "web", document: str = ECS_TRUST, **params: Any) -> dict[str, Any]:
    """Make a role."""
    given = {"RoleName": name, "AssumeRolePolicyDocument": document, **params}
    return dict(ram.ok("CreateRole", **given)["Role"])


def names(rows: list[Any], field: str) -> list[str]:
    """List one field of rows."""
    return [row[field] for row in rows]


def test_a_role_from_making_to_deletion(ram: Cloud) -> None:
    """A new role has an ARN, is shown, listed, changed, and deleted."""
    made = role(ram, Description="d", MaxSessionDuration=7200)
    assert made["Arn"] == f"acs:ram::{ACCOUNT}:role/web"
    shown = ram.ok("GetRole", RoleName="web")["Role"]
    assert (shown["RoleId"], shown["Description"]) == (made["RoleId"], "d")
    assert json.loads(shown["AssumeRolePolicyDocument"]) == json.loads(ECS_TRUST)
    listed = ram.ok("ListRoles", MaxItems=2)
    assert names(listed["Roles"]["Role"], "RoleName") == ["bosh-instance", "bosh-cpi"]
    rest = ram.ok("ListRoles", Marker=listed["Marker"])
    assert names(rest["Roles"]["Role"], "RoleName") == ["web"]
    assert rest["IsTruncated"] is False
    ram.ok("UpdateRole", RoleName="web", NewDescription="new")
    assert ram.ok("GetRole", RoleName="web")["Role"]["Description"] == "new"
    ram.ok("DeleteRole", RoleName="web")
    gone = ram.call("GetRole", RoleName="web")
    assert (gone.status, gone.code) == (404, "EntityNotExist.Role")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"RoleName": "bosh-cpi"}, "EntityAlreadyExists.Role"),
        ({"RoleName": "a_b"}, "InvalidParameter.RoleName.InvalidChars"),
        ({"RoleName": "a" * 65}, "InvalidParameter.RoleName.Length"),
        ({"RoleName": None}, "MissingParameter"),
        ({"AssumeRolePolicyDocument": None}, "MissingParameter"),
        ({"AssumeRolePolicyDocument": "{"}, "MalformedPolicyDocument"),
        ({"AssumeRolePolicyDocument": policy()}, "MalformedPolicyDocument"),
        ({"AssumeRolePolicyDocument": trust(AWS="*")}, "MalformedPolicyDocument"),
        ({"MaxSessionDuration": 60}, "InvalidParameter.MaxSessionDuration"),
        ({"Description": "d" * 1025}, "InvalidParameter.Description.Length"),
    ],
)
def test_role_refusals(ram: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    given = {"RoleName": "web", "AssumeRolePolicyDocument": ECS_TRUST, **changed}
    assert ram.call("CreateRole", **given).code == code
    assert len(ram.ok("ListRoles")["Roles"]["Role"]) == 2


@pytest.mark.parametrize(
    "document",
    [
        policy(Effect="Maybe"),
        policy(Action=[]),
        policy(Action="ecs"),
        policy(Resource=7),
        policy(Principal={"RAM": "*"}),
        json.dumps({"Version": "2", "Statement": []}),
        json.dumps({"Version": "1", "Statement": []}),
        "nonsense",
    ],
)
def test_malformed_policies(ram: Cloud, document: str) -> None:
    """A policy has version 1 and statements with effect, actions and resources."""
    refused = ram.call("CreatePolicy", PolicyName="mine", PolicyDocument=document)
    assert (refused.status, refused.code) == (400, "MalformedPolicyDocument")


def test_a_policy_from_making_to_deletion(ram: Cloud) -> None:
    """A policy is attached to a role, which then stays, and detached again."""
    role(ram)
    given = {"PolicyName": "mine", "PolicyDocument": policy(Action=["ecs:Describe*", "vpc:*"])}
    made = ram.ok("CreatePolicy", **given)["Policy"]
    assert (made["PolicyType"], made["DefaultVersion"]) == ("Custom", "v1")
    assert ram.call("CreatePolicy", **given).code == "EntityAlreadyExists.Policy"
    which = {"PolicyName": "mine", "PolicyType": "Custom"}
    attached = {**which, "RoleName": "web"}
    ram.ok("AttachPolicyToRole", **attached)
    assert ram.call("AttachPolicyToRole", **attached).code == "EntityAlreadyExists.Role.Policy"
    shown = ram.ok("GetPolicy", **which)
    assert shown["Policy"]["AttachmentCount"] == 1
    assert shown["DefaultPolicyVersion"]["PolicyDocument"] == given["PolicyDocument"]
    of_role = ram.ok("ListPoliciesForRole", RoleName="web")["Policies"]["Policy"]
    assert names(of_role, "PolicyName") == ["mine"]
    entities = ram.ok("ListEntitiesForPolicy", **which)
    assert names(entities["Roles"]["Role"], "RoleName") == ["web"]
    assert ram.call("DeleteRole", RoleName="web").code == "DeleteConflict.Role.Policy"
    assert ram.call("DeletePolicy", PolicyName="mine").code == "DeleteConflict.Policy.Role"
    ram.ok("DetachPolicyFromRole", **attached)
    assert ram.call("DetachPolicyFromRole", **attached).code == "EntityNotExist.Role.Policy"
    ram.ok("DeletePolicy", PolicyName="mine")
    ram.ok("DeleteRole", RoleName="web")
    assert ram.call("GetPolicy", **which).code == "EntityNotExist.Policy"


def test_system_policies(ram: Cloud) -> None:
    """The cloud's own policies are there; a type has to be one of the two."""
    role(ram)
    given = {"PolicyType": "System", "PolicyName": "AliyunECSFullAccess", "RoleName": "web"}
    ram.ok("AttachPolicyToRole", **given)
    assert ram.call("AttachPolicyToRole", **{**given, "PolicyName": "x"}).code == (
        "EntityNotExist.Policy"
    )
    assert ram.call("AttachPolicyToRole", **{**given, "PolicyType": "x"}).code == (
        "InvalidParameter.PolicyType"
    )
    system = ram.ok("ListPolicies", PolicyType="System")["Policies"]["Policy"]
    assert "AliyunECSFullAccess" in names(system, "PolicyName")
    assert ram.ok("ListPolicies", PolicyType="Custom")["Policies"]["Policy"] == []


def test_a_role_is_taken_as_its_document_says(ram: Cloud, cloud: Cloud) -> None:
    """By ECS for an instance, and by the account for its sessions, up to the longest one."""
    role(ram, "for-ecs")
    role(ram, "for-all", trust(RAM=[f"acs:ram::{ACCOUNT}:root"]), MaxSessionDuration=7200)
    instance_id = stopped(cloud, RamRoleName="for-ecs")
    assert instance(cloud, instance_id)["InstanceId"] == instance_id
    given: dict[str, Any] = {"RoleSessionName": "test", "Version": STS}
    arn = f"acs:ram::{ACCOUNT}:role"
    long = {**given, "DurationSeconds": 7200}
    taken = cloud.ok("AssumeRole", RoleArn=f"{arn}/for-all", **long)
    assert taken["Credentials"]["AccessKeyId"] != KEY_ID
    assert cloud.call("AssumeRole", RoleArn=f"{arn}/for-ecs", **given).code == "NoPermission"
    ram.ok("UpdateRole", RoleName="for-ecs", NewAssumeRolePolicyDocument=trust(RAM=[ACCOUNT]))
    cloud.ok("AssumeRole", RoleArn=f"{arn}/for-ecs", **given)


def test_quotas(ram: Cloud, sim: Simulator) -> None:
    """The numbers of roles and policies are limited where a test says so."""
    quotas(sim, ram_role__count=2, ram_policy__count=0)
    given = {"RoleName": "web", "AssumeRolePolicyDocument": ECS_TRUST}
    assert ram.call("CreateRole", **given).code == "LimitExceeded.Role"
    mine = {"PolicyName": "mine", "PolicyDocument": policy()}
    assert ram.call("CreatePolicy", **mine).code == "LimitExceeded.Policy"


def test_tags(ram: Cloud) -> None:
    """Roles and policies are tagged by name, with lists written as JSON."""
    role(ram, Tag=json.dumps([{"Key": "a", "Value": "1"}]))
    which = {"ResourceType": "role", "ResourceNames": json.dumps(["web"])}
    ram.ok("TagResources", **which, Tag=json.dumps([{"Key": "b", "Value": "2"}]))
    rows = ram.ok("ListTagResources", **which)["TagResources"]
    assert {row["TagKey"]: row["TagValue"] for row in rows} == {"a": "1", "b": "2"}
    ram.ok("UntagResources", **which, TagKeys=json.dumps(["a"]))
    shown = ram.ok("GetRole", RoleName="web")["Role"]["Tags"]["Tag"]
    assert shown == [{"TagKey": "b", "TagValue": "2"}]
    wrong = ram.call("TagResources", **{**which, "ResourceType": "user"}, Tag="[]")
    assert wrong.code == "InvalidParameter.ResourceType"
    assert ram.call("TagResources", **which, Tag='["a"]').code == "InvalidParameter"


def test_a_key_that_may_not(ram: Cloud, sim: Simulator) -> None:
    """RAM words a refusal as NoPermission."""
    sim.change_key(KEY_ID, denied=["ram:*"])
    refused = ram.call("ListRoles")
    assert (refused.status, refused.code) == (403, "NoPermission")


def test_versions_of_a_policy(ram: Cloud) -> None:
    """Each is a document of its own; the default one counts, and is not deleted."""
    ram.ok("CreatePolicy", PolicyName="mine", PolicyDocument=policy())
    newer = policy(Action="vpc:*")
    given = {"PolicyName": "mine", "PolicyDocument": newer}
    made = ram.ok("CreatePolicyVersion", **given, SetAsDefault="true")["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", True)
    which = {"PolicyName": "mine", "PolicyType": "Custom"}
    assert ram.ok("GetPolicy", **which)["DefaultPolicyVersion"]["PolicyDocument"] == newer
    ram.ok("SetDefaultPolicyVersion", PolicyName="mine", VersionId="v1")
    rows = ram.ok("ListPolicyVersions", **which)["PolicyVersions"]["PolicyVersion"]
    assert [(row["VersionId"], row["IsDefaultVersion"]) for row in rows] == [
        ("v1", True),
        ("v2", False),
    ]
    shown = ram.ok("GetPolicyVersion", **which, VersionId="v2")["PolicyVersion"]
    assert shown["PolicyDocument"] == newer
    assert ram.call("DeletePolicy", PolicyName="mine").code == "DeleteConflict.Policy.Version"
    for version, code in (
        ("v1", "DeleteConflict.Policy.Version.Default"),
        ("v9", "EntityNotExist.Policy.Version"),
    ):
        assert ram.call("DeletePolicyVersion", PolicyName="mine", VersionId=version).code == code
    ram.ok("DeletePolicyVersion", PolicyName="mine", VersionId="v2")
    ram.ok("UpdatePolicyDescription", PolicyName="mine", NewDescription="new")
    assert ram.ok("GetPolicy", **which)["Policy"]["Description"] == "new"
    for _ in range(4):
        ram.ok("CreatePolicyVersion", **given)
    assert ram.call("CreatePolicyVersion", **given).code == "LimitExceeded.Policy.Version"
