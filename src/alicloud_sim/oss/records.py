"""What OSS keeps: buckets, objects and multipart uploads that are not finished.

The bytes are blobs of the world (blobs.py), by the record's or part's `data`; an object that
a seed adds without any is so many zeros. OSS reads its own writes at once, so its answers
never show the older state of a read lag.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from alicloud_sim.blobs import Blob
from alicloud_sim.records import Record

if TYPE_CHECKING:
    from alicloud_sim.world import World

PRIVATE, PUBLIC_READ, PUBLIC_WRITE = "private", "public-read", "public-read-write"
BUCKET_ACLS = (PRIVATE, PUBLIC_READ, PUBLIC_WRITE)
OBJECT_ACLS = ("default", *BUCKET_ACLS)
STORAGE_CLASSES = ("Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive")
FROZEN_CLASSES = STORAGE_CLASSES[2:]


@dataclass
class Bucket(Record):
    """A bucket; its id is its name, which is unique in all of OSS."""

    kind: ClassVar[str] = "oss_bucket"

    acl: str = PRIVATE
    storage_class: str = "Standard"
    redundancy: str = "LRS"

    @property
    def location(self) -> str:
        """The region as OSS spells it."""
        return f"oss-{self.region}"


@dataclass
class Stored:
    """What is known of stored bytes: size, MD5 in hex and upper case, CRC64, blob name."""

    data: str = ""
    size: int = 0
    etag: str = ""
    crc64: int = 0
    modified: float = 0.0


@dataclass
class OssObject(Record):
    """An object; its id is bucket/key. `headers` are what a download repeats."""

    kind: ClassVar[str] = "oss_object"
    prefix: ClassVar[str] = "oss"

    bucket: str = ""
    key: str = ""
    data: str = ""
    size: int = 0
    etag: str = ""
    crc64: int = 0
    modified: float = 0.0
    type: str = "Normal"
    acl: str = "default"
    storage_class: str = "Standard"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Upload(Record):
    """A multipart upload and its parts by number; `headers` are for the object to be."""

    kind: ClassVar[str] = "oss_upload"

    bucket: str = ""
    key: str = ""
    acl: str = "default"
    storage_class: str = "Standard"
    headers: dict[str, str] = field(default_factory=dict)
    parts: dict[int, Stored] = field(default_factory=dict)


@dataclass(frozen=True)
class Bytes:
    """The bytes of an object to be, its entity tag without quotes and its CRC64."""

    blob: Blob
    etag: str
    crc64: int


def blob_of(world: World, stored: Stored | OssObject) -> Blob:
    """Give the bytes of an object or a part."""
    return world.blobs.get(stored.data) or Blob.zeros(stored.size)


def objects_of(world: World, bucket: str) -> list[OssObject]:
    """List the objects of a bucket by key; code points sort as their UTF-8 bytes do."""
    rows = [row for row in world.all(OssObject) if row.bucket == bucket]
    return sorted(rows, key=lambda row: row.key)


def uploads_of(world: World, bucket: str) -> list[Upload]:
    """List the unfinished uploads of a bucket by key and id."""
    rows = [row for row in world.all(Upload) if row.bucket == bucket]
    return sorted(rows, key=lambda row: (row.key, row.id))


def forget_object(world: World, row: OssObject) -> None:
    """Remove an object and its bytes."""
    world.remove(row)
    world.blobs.drop(row.data)


def forget_upload(world: World, row: Upload) -> None:
    """Remove an upload and the bytes of its parts."""
    world.remove(row)
    for part in row.parts.values():
        world.blobs.drop(part.data)
