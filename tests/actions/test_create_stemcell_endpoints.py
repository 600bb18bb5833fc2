"""create_stemcell through OSS's endpoints: a new account's public one, and the internal one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from alicloud_sim.oss.records import Bucket, OssObject, Upload
from support import proxy as support
from support.stemcells import KIB, MIB, image, properties, tarball
from support.storage import refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.cpi import Cpi
    from support.storage import Storage

NO_STATIC_KEYS = {"access_key_id": None, "access_key_secret": None, "security_token": None}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give the path of a small stemcell's tarball."""
    return tarball(tmp_path, image(300 * KIB, -2 * MIB))


@pytest.fixture
def hosts(cpi: Cpi, sim: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a way to OSS's own names, and the names that were called."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    cpi.configure(oss_endpoint=None)
    with support.Proxy(sim.port) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        yield lambda: {
            request.target.removeprefix("CONNECT ").partition(".")[2].removesuffix(":443")
            for request in proxy.requests
        }


def on_instance(cpi: Cpi, sim: Simulator) -> None:
    """Let the CPI run on an instance with a RAM role."""
    cpi.configure(
        **NO_STATIC_KEYS, credential_source="ecs_ram_role", metadata_endpoint=sim.plain_url
    )


def left(storage: Storage) -> list[str]:
    """List what OSS and ECS still hold."""
    found = [row.id for kind in (Bucket, OssObject, Upload) for row in storage.all(kind)]
    return found + [image.id for image in storage.own_images()]


def test_public_endpoint_forbidden(cpi: Cpi, storage: Storage, path: str, hosts: Any) -> None:
    """The error names the property and both ways out; nothing is tried again or left."""
    storage.set(oss__public_endpoint_forbidden=True)
    answer = cpi.call("create_stemcell", path, properties())
    refused(
        answer,
        "CloudError",
        "PublicEndpointForbidden",
        "alicloud.oss_endpoint",
        "oss-cn-beijing-internal.aliyuncs.com",
        "custom domain",
        "oss_bucket",
        "Cleaned up: bucket",
    )
    assert "LEFT BEHIND" not in answer.message
    assert not answer.ok_to_retry
    assert storage.asked("InitiateMultipartUpload") == 1
    assert left(storage) == []
    assert hosts() == {"oss-cn-beijing.aliyuncs.com"}


def test_the_internal_endpoint_as_configured(
    cpi: Cpi, storage: Storage, path: str, hosts: Any
) -> None:
    """The first way out."""
    storage.set(oss__public_endpoint_forbidden=True)
    cpi.configure(oss_endpoint="oss-cn-beijing-internal.aliyuncs.com")
    cid = cpi.ok("create_stemcell", path, properties())
    assert left(storage) == [cid]
    assert hosts() == {"oss-cn-beijing-internal.aliyuncs.com"}


def test_an_image_that_was_brought_through_a_custom_domain(cpi: Cpi, storage: Storage) -> None:
    """The second way out: the operator's own upload, which ECS imports without the CPI's OSS."""
    storage.sim.seed(
        {
            "settings": {"oss.public_endpoint_forbidden": True},
            "oss_bucket": [{"id": "own"}],
            "oss_object": [{"id": "own/root", "bucket": "own", "key": "root", "size": 3 << 30}],
        }
    )
    cpi.ok("create_stemcell", "", properties(oss_bucket="own", oss_object="root"))
    assert {call["service"] for call in storage.sim.calls()} == {"ecs"}


def test_on_an_instance_of_the_region_the_endpoint_is_the_internal_one(
    cpi: Cpi, storage: Storage, path: str, hosts: Any
) -> None:
    """It costs nothing, and new accounts have no other."""
    storage.set(oss__public_endpoint_forbidden=True)
    on_instance(cpi, storage.sim)
    cid = cpi.ok("create_stemcell", path, properties())
    assert left(storage) == [cid]
    assert hosts() == {"oss-cn-beijing-internal.aliyuncs.com"}


def test_on_an_instance_of_another_region_the_endpoint_is_the_public_one(
    cpi: Cpi, storage: Storage, path: str, hosts: Any
) -> None:
    """The internal endpoint of a region can be reached from there only."""
    storage.set(metadata__items={"meta-data/region-id": "cn-hangzhou"})
    on_instance(cpi, storage.sim)
    cpi.ok("create_stemcell", path, properties())
    assert hosts() == {"oss-cn-beijing.aliyuncs.com"}


def test_a_configured_endpoint_wins_on_an_instance(
    cpi: Cpi, storage: Storage, path: str, hosts: Any
) -> None:
    """What the operator names is used."""
    cpi.configure(oss_endpoint="oss-cn-beijing.aliyuncs.com")
    on_instance(cpi, storage.sim)
    cpi.ok("create_stemcell", path, properties())
    assert hosts() == {"oss-cn-beijing.aliyuncs.com"}


def test_a_bucket_that_was_never_asked_for_is_not_named(
    cpi: Cpi, storage: Storage, path: str
) -> None:
    """Credentials that fail are the whole error: nothing was sent, so nothing is to be deleted."""
    on_instance(cpi, storage.sim)
    storage.set(metadata__roles=[])
    answer = cpi.call("create_stemcell", path, properties())
    refused(answer, "CloudError", "No RAM role")
    assert "bucket" not in answer.message
    assert left(storage) == []


def test_a_bucket_whose_response_was_lost_is_deleted_whatever_comes_next(
    cpi: Cpi, storage: Storage, path: str
) -> None:
    """A later refusal does not mean that the first request had no effect."""
    storage.lose_answer("PutBucket")
    storage.refuse("PutBucket", "AccessDenied", status=403)
    answer = cpi.call("create_stemcell", path, properties())
    refused(answer, "CloudError", "AccessDenied", "Cleaned up: bucket")
    assert left(storage) == []


def test_a_key_that_may_not_read(cpi: Cpi, storage: Storage, path: str) -> None:
    """Without oss:GetObject nothing can be copied: zeros are sent, and the stemcell is made."""
    secret = "writers-own-secret-1"
    storage.sim.add_key("LTAIwriter", secret, denied=["oss:GetObject"])
    cpi.configure(access_key_id="LTAIwriter", access_key_secret=secret)
    answer = cpi.call("create_stemcell", path, properties())
    assert left(storage) == [answer.result]
    assert "zeros are sent like data" in answer.stderr
