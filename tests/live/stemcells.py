"""Stemcells as files: what the Director reads of them before it calls create_stemcell."""

from __future__ import annotations

import shutil
import tarfile
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "stemcell.MF"
IMAGE = "image"

# What an image that is named by its id alone is taken for.
NEWEST_API = 3


class NoStemcellError(Exception):
    """A file that cannot be read as a stemcell."""


class Stemcell:
    """A light or full stemcell's tarball: its cloud_properties, and what its agent speaks.

    :raises NoStemcellError: it is something else
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with tarfile.open(path) as tar:
                manifest = yaml.safe_load(_member(tar, MANIFEST))
            self.properties: dict[str, Any] = dict(manifest["cloud_properties"])
            self.api_version = int(manifest.get("api_version", 1))
        except (OSError, tarfile.TarError, yaml.YAMLError, TypeError, LookupError) as error:
            raise NoStemcellError(str(path)) from error

    @property
    def is_light(self) -> bool:
        """Whether it names images that are in the cloud already."""
        return bool(self.properties.get("image_id"))

    def unpack(self, folder: Path) -> Path:
        """Put the image that create_stemcell gets the path of into a folder."""
        image = folder / IMAGE
        with tarfile.open(self._path) as tar, image.open("wb") as file:
            shutil.copyfileobj(_member(tar, IMAGE), file)
        return image


def _member(tar: tarfile.TarFile, name: str) -> Any:
    """Open a file of the tarball, which may spell its name with ./ before it."""
    for member in tar:
        if member.name.removeprefix("./") == name and member.isfile():
            return tar.extractfile(member)
    raise LookupError(name)
