"""Keys of encrypted disks, and account-wide default encryption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sim.storage import add_disk, add_image, add_snapshot, disk
from sim.support import ZONE

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from sim.support import Cloud

KEY = "key-2zestate"
DISK: dict[str, Any] = {"ZoneId": ZONE, "DiskCategory": "cloud_essd", "Size": 20}
CMK = "InvalidParameter.KMSKeyId"


@pytest.mark.parametrize(
    ("key", "settings", "code", "status"),
    [
        ({"status": "Disabled"}, {}, f"{CMK}.CMKNotEnabled", 403),
        ({"ecs_may_use": False}, {}, f"{CMK}.CMKUnauthorized", 403),
        ({"symmetric": False}, {}, "InvalidKMSKeyId.NotSymmetric", 400),
        ({"region": "cn-hangzhou"}, {}, f"{CMK}.NotFound", 404),
        ({}, {"kms.authorized": False}, f"{CMK}.KMSUnauthorized", 403),
        ({}, {"kms.enabled": False}, "InvalidParameter.KmsNotEnabled", 400),
    ],
)
def test_keys_that_do_not_encrypt(
    cloud: Cloud,
    sim: Simulator,
    key: dict[str, Any],
    settings: dict[str, Any],
    code: str,
    status: int,
) -> None:
    """A key in a wrong state is refused with the code of that state."""
    sim.seed({"kms_key": [{"id": KEY, "status": "Enabled", **key}], "settings": settings})
    refused = cloud.call("CreateDisk", **DISK, Encrypted="true", KMSKeyId=KEY)
    assert (refused.code, refused.status) == (code, status)
    assert cloud.disks() == []


@pytest.mark.parametrize("key", [{"status": "Disabled"}, {"ecs_may_use": False}])
def test_what_lives_on_a_key(cloud: Cloud, sim: Simulator, key: dict[str, Any]) -> None:
    """Disks whose key ECS may no longer use are neither resized, nor copied to snapshots."""
    sim.seed({"kms_key": [{"id": KEY, "status": "Enabled", **key}]})
    disk_id = add_disk(sim, encrypted=True, kms_key_id=KEY)
    assert cloud.call("ResizeDisk", DiskId=disk_id, NewSize=50).code.startswith(CMK)
    assert cloud.call("CreateSnapshot", DiskId=disk_id).code.startswith(CMK)
    source = add_snapshot(sim, encrypted=True, kms_key_id=KEY)
    assert cloud.call("CreateDisk", **DISK, SnapshotId=source).code.startswith(CMK)


def test_copies_word_it_their_way(cloud: Cloud, sim: Simulator) -> None:
    """CopyImage has no code of its own for a key without the tag: KMSUnauthorized."""
    sim.seed({"kms_key": [{"id": KEY, "status": "Enabled", "ecs_may_use": False}]})
    asked = {"DestinationRegionId": "cn-beijing", "Encrypted": "true", "KMSKeyId": KEY}
    refused = cloud.call("CopyImage", ImageId=add_image(sim), **asked)
    assert (refused.code, refused.status) == (f"{CMK}.KMSUnauthorized", 403)


def test_service_key(cloud: Cloud, sim: Simulator) -> None:
    """Without a key the service's own encrypts, as long as KMS may be used."""
    disk_id = cloud.create_disk(Encrypted="true")
    assert disk(cloud, disk_id)["Encrypted"] is True
    sim.seed({"settings": {"kms.authorized": False}})
    refused = cloud.call("CreateDisk", **DISK, Encrypted="true")
    assert refused.code == f"{CMK}.KMSUnauthorized"
    cloud.create_disk()


@pytest.mark.parametrize("default", [True, "key-2ze-simulator-0001"])
def test_default_encryption(cloud: Cloud, sim: Simulator, default: Any) -> None:
    """Account-wide encryption encrypts every new disk and forbids Encrypted=false."""
    sim.seed({"settings": {"disk.default_encryption": default}})
    for asked in ({}, {"Encrypted": "true"}):
        shown = disk(cloud, cloud.create_disk(**asked))
        assert shown["Encrypted"] is True
        assert (shown["KMSKeyId"] == default) is (default is not True)
    refused = cloud.call("CreateDisk", **DISK, Encrypted="false")
    assert (refused.code, refused.status) == ("InvalidEncrypted.DefaultEncryptionUnsupported", 403)
    plain = add_snapshot(sim, size_gib=20)
    assert disk(cloud, cloud.create_disk(SnapshotId=plain))["Encrypted"] is True


def test_service_key_is_shown(cloud: Cloud, sim: Simulator) -> None:
    """Lists show the service's key for what is encrypted without another one."""
    plain, encrypted = add_disk(sim), add_disk(sim, encrypted=True)
    assert disk(cloud, plain)["KMSKeyId"] == ""
    shown = disk(cloud, encrypted)["KMSKeyId"]
    assert shown
    assert cloud.ok("DescribeDisks", KMSKeyId=shown)["TotalCount"] == 1
