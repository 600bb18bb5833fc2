"""Write the release's bill of materials: every file in it that is not this project's own.

It is CycloneDX JSON, made of the locks, config/blobs.yml and the licences that the distributions in
blobs/ state. It has no date in it: the same inputs give the same file, and a test says whether the
committed one, src/sbom.cdx.json, is current.
"""

from __future__ import annotations

import email
import json
import re
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks import ROOT
from tasks.blobs import FOLDER, Blob, read
from tasks.command_line import Parser, new_file
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False

COMMITTED = ROOT / "src" / "sbom.cdx.json"

# What the package runs with; pip and setuptools only install it, and are not in it.
LOCKS = {"requirements.lock": "required", "build-requirements.lock": "excluded"}

PROJECT = "bosh-alicloud-cpi"
CPYTHON = "cpython"
CPYTHON_LICENCE = "Python-2.0.1"

# A licence is an SPDX expression or, in older metadata, words.
_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_WORDS = {"Apache License 2.0": "Apache-2.0", "Apache": "Apache-2.0", "MIT License": "MIT"}


def locked(name: str) -> dict[str, str]:
    """Return the versions of a lock by the names of its distributions."""
    text = (ROOT / "src" / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))


def document(version: str, licences: dict[str, str]) -> dict[str, Any]:
    """Make the whole bill.

    :param version: the release's
    :param licences: by package URL
    :raises KeyError: a component has no known licence
    """
    blobs = read()
    components = [_cpython([blob for blob in blobs if blob.path.startswith("cpython/")])]
    for lock, scope in LOCKS.items():
        for name, locked_version in locked(lock).items():
            files = [blob for blob in blobs if _distribution(blob.path) == name]
            component = _library(name, locked_version, files, licences)
            components.append({**component, "scope": scope})
    components.sort(key=lambda component: component["bom-ref"])
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": PROJECT,
                "type": "application",
                "name": PROJECT,
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": PROJECT, "dependsOn": [component["bom-ref"] for component in components]}
        ],
    }


def stated() -> dict[str, str]:
    """Return the licences that the distributions in blobs/ state, by package URL."""
    found = {}
    for file in sorted((FOLDER / "wheels").glob("*")):
        metadata = email.message_from_string(_metadata(file))
        url = _package_url(_canonical(metadata["Name"]), metadata["Version"])
        found[url] = _licence(metadata.get("License-Expression") or metadata.get("License") or "")
        if not found[url]:
            classifiers = metadata.get_all("Classifier") or []
            words = [text.split(" :: ")[-1] for text in classifiers if text.startswith("License")]
            found[url] = _licence(words[-1] if words else "")
    return found


def remembered() -> dict[str, str]:
    """Return the licences in the committed bill, for when blobs/ is empty."""
    if not COMMITTED.exists():
        return {}
    components = json.loads(COMMITTED.read_text("utf-8"))["components"]
    return {
        component["bom-ref"]: component["licenses"][0]["expression"] for component in components
    }


def _cpython(blobs: list[Blob]) -> dict[str, Any]:
    version = ".".join(re.findall(r"\d+", blobs[0].name))
    return {
        "bom-ref": f"pkg:generic/{CPYTHON}@{version}",
        "type": "platform",
        "name": CPYTHON,
        "version": version,
        "scope": "required",
        "licenses": [{"expression": CPYTHON_LICENCE}],
        "cpe": f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*",
        "purl": f"pkg:generic/{CPYTHON}@{version}",
        "components": [_file(blob) for blob in blobs],
    }


def _library(
    name: str, version: str, files: list[Blob], licences: dict[str, str]
) -> dict[str, Any]:
    url = _package_url(name, version)
    return {
        "bom-ref": url,
        "type": "library",
        "name": name,
        "version": version,
        "licenses": [{"expression": licences[url]}],
        "purl": url,
        "components": [_file(blob) for blob in files],
    }


def _file(blob: Blob) -> dict[str, Any]:
    return {
        "bom-ref": f"file:{blob.path}",
        "type": "file",
        "name": blob.path,
        "hashes": [{"alg": "SHA-256", "content": blob.sha256}],
    }


def _metadata(file: Path) -> str:
    """Read a wheel's METADATA or a source distribution's PKG-INFO."""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
            return wheel.read(name).decode()
    with tarfile.open(file) as tar:
        member = min((n for n in tar.getnames() if n.endswith("/PKG-INFO")), key=len)
        opened = tar.extractfile(member)
        return opened.read().decode() if opened else ""


def _licence(text: str) -> str:
    text = _WORDS.get(text.strip(), text.strip())
    return text if _EXPRESSION.fullmatch(text) else ""


def _package_url(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _distribution(path: str) -> str:
    return _canonical(re.split(r"-\d", Path(path).name)[0])


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("sbom", __doc__)
    add = made.add_argument
    add("--check", action="store_true", help="write nothing; exit 1 if the committed one is old")
    add("--version", help="of the release; default: pyproject.toml's")
    add("--output", type=new_file, default=COMMITTED, help="default: src/sbom.cdx.json")
    return made


def run(options: argparse.Namespace) -> int:
    """Write the bill of materials, or check the committed one.

    :raises Failed: it is not current, or a licence is not known
    """
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    licences = {**remembered(), **stated()}
    try:
        bill = document(options.version or pyproject["project"]["version"], licences)
    except KeyError as missing:
        raise Failed(f"no licence is known of {missing.args[0]}: run scripts/fetch-blobs") from None
    except KeyboardInterrupt:
        raise Interrupted(f"{options.output} is unchanged") from None
    text = json.dumps(bill, indent=1) + "\n"
    if not options.check:
        options.output.write_text(text, "utf-8")
    elif not COMMITTED.exists() or COMMITTED.read_text("utf-8") != text:
        raise Failed("src/sbom.cdx.json is not current: run scripts/sbom")
    return 0
