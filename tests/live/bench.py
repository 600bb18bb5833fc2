"""What a probe works with: requests of its own, a VM that probes share, and a bucket."""

from __future__ import annotations

import contextlib
import importlib
import time
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cloud import Refused

from live.api import keys, services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cloud import Row

    from live.settings import Live
    from live.story import Story

ACCEPTED, REFUSED = "accepted", "refused"
# The answer to a good request with DryRun=true.
DRY_RUN = "DryRunOperation"

PATIENCE = 120


class Bench:
    """Sends requests without the CPI, which makes only the VM and the disks."""

    def __init__(self, live: Live, story: Story) -> None:
        self.live = live
        self.story = story
        self.api = services(live)

    @cached_property
    def vm(self) -> str:
        """The id of a running instance."""
        return self.story.vm()

    def send(self, action: str, parameters: dict[str, str], service: str = "ecs") -> Row:
        """Send a request that has to succeed."""
        return self.api.send(service, action, **parameters)

    def outcome(self, action: str, parameters: dict[str, str], service: str = "ecs") -> str:
        """Send a request, and return the code of its refusal, or that it was accepted."""
        try:
            self.api.send(service, action, **parameters)
        except Refused as refusal:
            return ACCEPTED if refusal.code == DRY_RUN else refusal.code
        return ACCEPTED

    def until_accepted(self, action: str, parameters: dict[str, str], service: str) -> None:
        """Send a request that is refused as long as something else is under way."""
        eventually(lambda: self.outcome(action, parameters, service) == ACCEPTED)

    def new_instance(self, **changes: str) -> str:
        """Ask what the cloud would say to CreateInstance, without creating one."""
        parameters = {
            "InstanceType": self.live["instance_type"],
            "ImageId": self.image_id,
            "ZoneId": self.live["availability_zone"],
            "VSwitchId": self.live["vswitch_id"],
            "SecurityGroupId": self.live["security_group_id"],
            "SystemDisk.Category": "cloud_essd",
            "DryRun": "true",
            **{name.replace("__", "."): value for name, value in changes.items()},
        }
        given = {name: value for name, value in parameters.items() if value}
        return self.outcome("CreateInstance", given)

    @property
    def image_id(self) -> str:
        """The image that the run's stemcell is."""
        return self.story.stemcell.partition(" ")[0]

    def disk_becomes(self, disk_id: str, status: str) -> None:
        """Wait for a disk's status."""

        def look() -> bool:
            (found,) = self.api.rows("DescribeDisks", DiskIds=f'["{disk_id}"]')
            return bool(found["Status"] == status)

        eventually(look)


def eventually(look: Callable[[], bool]) -> None:
    """Wait until something is so; the probe goes on anyhow, and shows what it finds."""
    give_up = time.monotonic() + PATIENCE
    while not look() and time.monotonic() < give_up:
        time.sleep(0.5)


@contextlib.contextmanager
def bucket_of(live: Live) -> Iterator[Any]:
    """Make a bucket for a probe, as oss2's object for it, and delete it with its content."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oss2 = importlib.import_module("oss2")
        credentials = importlib.import_module("oss2.credentials")
    provider = credentials.StaticCredentialsProvider(*keys(live))
    session = oss2.Session()
    session.session.verify = live.get("ca_cert") or True
    host = live.get("oss_endpoint") or f"oss-{live['region']}.aliyuncs.com"
    url = host if "://" in host else f"https://{host}"
    auth = oss2.ProviderAuthV4(provider)
    options = {"session": session, "region": live["region"]}
    bucket = oss2.Bucket(auth, url, f"{live.run_id}-probe", **options)
    try:
        bucket.create_bucket()
        yield bucket
    finally:
        with contextlib.suppress(oss2.exceptions.NoSuchBucket):
            for upload in bucket.list_multipart_uploads().upload_list:
                bucket.abort_multipart_upload(upload.key, upload.upload_id)
            for row in bucket.list_objects().object_list:
                bucket.delete_object(row.key)
            bucket.delete_bucket()
        session.session.close()


def refusal_of(call: Callable[[], Any]) -> Any:
    """Return the refusal of OSS, or None."""
    oss2 = importlib.import_module("oss2")
    try:
        call()
    except oss2.exceptions.OssError as refusal:
        return refusal
    return None
