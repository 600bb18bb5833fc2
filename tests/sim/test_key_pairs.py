"""Key pairs: made, imported, listed, given to instances, deleted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization

from sim.compute import create, instance, quotas, stopped

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

PUBLIC = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone@here"
)


def pairs(cloud: Cloud, **params: Any) -> list[Any]:
    """Describe key pairs."""
    return list(cloud.ok("DescribeKeyPairs", **params)["KeyPairs"]["KeyPair"])


def delete(cloud: Cloud, *names: str) -> str:
    """Delete key pairs and tell the code."""
    return cloud.call("DeleteKeyPairs", KeyPairNames=json.dumps(names)).code


def test_a_made_pair_fits_its_private_key(cloud: Cloud) -> None:
    """The private key is told once; its public part is the one that is listed."""
    made = cloud.ok("CreateKeyPair", KeyPairName="mine", Tag__1__Key="a")
    private = serialization.load_pem_private_key(made["PrivateKeyBody"].encode(), None)
    public = private.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    (shown,) = pairs(cloud, KeyPairName="mi*", IncludePublicKey="true")
    assert shown["PublicKey"].encode() == public
    assert shown["KeyPairFingerPrint"] == made["KeyPairFingerPrint"]
    assert shown["Tags"]["Tag"] == [{"TagKey": "a", "TagValue": ""}]
    assert "PRIVATE KEY" not in json.dumps(cloud.sim.state())
    assert "PublicKey" not in pairs(cloud, KeyPairName="mine")[0]


def test_import(cloud: Cloud) -> None:
    """A public key of OpenSSH's format is taken as it is."""
    made = cloud.ok("ImportKeyPair", KeyPairName="mine", PublicKeyBody=PUBLIC)
    (shown,) = pairs(cloud, KeyPairFingerPrint=made["KeyPairFingerPrint"], IncludePublicKey="true")
    assert (shown["KeyPairName"], shown["PublicKey"]) == ("mine", PUBLIC)
    other = {"KeyPairName": "other", "PublicKeyBody": "ssh-rsa nonsense"}
    assert cloud.call("ImportKeyPair", **other).code == "InvalidPublicKeyBody.Malformed"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"KeyPairName": "bosh"}, "KeyPair.AlreadyExist"),
        ({"KeyPairName": "x"}, "InvalidKeyPairName.Malformed"),
        ({"ResourceGroupId": "rg-none"}, "InvalidResourceGroup.NotFound"),
        ({"Tag__1__Key": "acs:x"}, "InvalidTagKey.Malformed"),
    ],
)
def test_create_refusals(cloud: Cloud, changed: dict[str, Any], code: str) -> None:
    """A wrong value is refused, and nothing is made."""
    assert cloud.call("CreateKeyPair", **{"KeyPairName": "mine", **changed}).code == code
    assert len(pairs(cloud)) == 1


def test_the_quota(cloud: Cloud, sim: Simulator) -> None:
    """The number of key pairs is limited where a test says so."""
    quotas(sim, key_pair__count=1)
    assert cloud.call("CreateKeyPair", KeyPairName="mine").code == "QuotaExceed.KeyPair"


def test_attach_detach_delete(cloud: Cloud) -> None:
    """A pair that an instance has is not deleted; the answers tell about each instance."""
    cloud.ok("ImportKeyPair", KeyPairName="mine", PublicKeyBody=PUBLIC)
    instance_id = stopped(cloud)
    pending = create(cloud)
    given = {"KeyPairName": "mine", "InstanceIds": json.dumps([instance_id, pending, "i-none"])}
    answer = cloud.ok("AttachKeyPair", **given)
    assert [row["Success"] for row in answer["Results"]["Result"]] == ["true", "false", "false"]
    assert (answer["TotalCount"], answer["FailCount"]) == ("3", "2")
    assert instance(cloud, instance_id)["KeyPairName"] == "mine"
    assert delete(cloud, "mine") == "InvalidParameter.KeypairAlreadyAttachedInstance"
    cloud.ok("DetachKeyPair", **{**given, "InstanceIds": json.dumps([instance_id])})
    assert instance(cloud, instance_id)["KeyPairName"] == ""
    assert delete(cloud, "mine", "unknown") == ""
    assert pairs(cloud, KeyPairName="mine") == []
    assert cloud.call("AttachKeyPair", **given).code == "InvalidKeyPairName.NotFound"
    assert delete(cloud) == "InvalidKeyPairNames.ValueNotSupported"
