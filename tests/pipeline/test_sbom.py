"""src/sbom.cdx.json: what the release ships, in the release, and current."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.concourse import ROOT, load

if TYPE_CHECKING:
    from pathlib import Path

BILL: dict[str, Any] = json.loads((ROOT / "src" / "sbom.cdx.json").read_text("utf-8"))
# Permissive, or (MPL) copyleft for its own files only.
SHIPPED = {
    *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0"),
    *("PSF-2.0", "Python-2.0.1", "Unlicense", "Zlib"),
}
PACKAGE = ROOT / "packages" / "bosh-alicloud-cpi"


def run(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a tree's scripts/sbom."""
    command = [str(root / "scripts" / "sbom"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Give what the bill is made of, without blobs."""
    for name in ("scripts", "config", "src/requirements.lock", "src/build-requirements.lock"):
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "src" / "sbom.cdx.json", tmp_path / "src")
    return tmp_path


def components(bill: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all components, inner ones too."""
    found = list(bill["components"])
    return found + [inner for component in found for inner in component["components"]]


def test_it_is_current(tree: Path) -> None:
    """Run scripts/sbom after a change of the dependencies; no blobs are needed to tell."""
    done = run(tree, "--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("src/requirements.lock", r"requests==[\d.]+", "requests==9.9.9"),
        ("config/blobs.yml", r"sha256:1e66", "sha256:2e66"),
        ("pyproject.toml", r'(?m)^version = ".*"', 'version = "9.9.9"'),
    ],
)
def test_a_change_makes_it_old(tree: Path, file: str, before: str, after: str) -> None:
    """Whatever it is made of; it is refused, not silently replaced."""
    text = (tree / file).read_text()
    changed = re.sub(before, after, text, count=1)
    assert changed != text
    (tree / file).write_text(changed)
    bill = (tree / "src" / "sbom.cdx.json").read_text()
    done = run(tree, "--check")
    assert done.returncode == 1
    assert "scripts/" in done.stderr
    assert (tree / "src" / "sbom.cdx.json").read_text() == bill


def test_every_blob_is_in_it_with_its_sha256() -> None:
    """And no other file."""
    files = {
        component["name"]: component["hashes"][0]["content"]
        for component in components(BILL)
        if component["type"] == "file"
    }
    blobs = load(ROOT / "config" / "blobs.yml")
    assert files == {name: blob["sha"].removeprefix("sha256:") for name, blob in blobs.items()}


def test_every_component_has_a_licence_and_a_name_to_scan_for() -> None:
    """A package URL; CPython, which is in no index of packages, a CPE as well."""
    for component in BILL["components"]:
        assert component["licenses"][0]["expression"]
        assert component["purl"] == component["bom-ref"]
    [cpython] = [one for one in BILL["components"] if one["name"] == "cpython"]
    assert cpython["version"] in cpython["cpe"]


def test_every_licence_may_be_shipped() -> None:
    """With a release under the Apache License 2.0; another one has to be looked at first."""
    expressions = [one["licenses"][0]["expression"] for one in BILL["components"]]
    found = {name for expression in expressions for name in expression.split(" AND ")}
    assert found - SHIPPED == set()


def test_references_are_unique_and_all_depended_on() -> None:
    """What a reader of the format relies on."""
    references = [component["bom-ref"] for component in components(BILL)]
    assert len(set(references)) == len(references)
    [release] = BILL["dependencies"]
    assert release["dependsOn"] == [component["bom-ref"] for component in BILL["components"]]


def test_it_is_in_the_installed_package() -> None:
    """The package's spec takes it along, its packaging puts it beside the code."""
    assert "sbom.cdx.json" in load(PACKAGE / "spec")["files"]
    assert 'cp sbom.cdx.json "${BOSH_INSTALL_TARGET}/"' in (PACKAGE / "packaging").read_text()


def test_a_releases_own_bill_names_its_version(tree: Path) -> None:
    """What build-candidate puts beside the tarballs."""
    target = tree / "bill.json"
    done = run(tree, "--version", "1.2.3", "--output", str(target))
    assert done.returncode == 0, done.stderr
    made = json.loads(target.read_text())
    assert made["metadata"]["component"]["version"] == "1.2.3"
    assert made["components"] == BILL["components"]
