"""scripts/dev.lock has what pyproject.toml asks for, every file of it by hash."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from docs.documents import ROOT

LOCKS = ("dev.lock", "audit.lock")


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Return version and hashes by the name of a distribution."""
    text = (ROOT / "scripts" / name).read_text().replace("\\\n", " ")
    found: dict[str, tuple[str, list[str]]] = {}
    for line in (line for line in text.splitlines() if line and not line.startswith("#")):
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        parsed = Requirement(requirement)
        (pinned,) = parsed.specifier
        assert pinned.operator == "=="
        found[canonicalize_name(parsed.name)] = (pinned.version, hashes)
    return found


def wanted() -> list[Requirement]:
    """Return what pyproject.toml asks for: to run, to develop and to build."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = pyproject["project"]["optional-dependencies"]
    texts = [*pyproject["project"]["dependencies"], *pyproject["build-system"]["requires"]]
    texts += [text for extra in extras.values() for text in extra]
    return [one for one in map(Requirement, texts) if one.name != pyproject["project"]["name"]]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_fits_pyproject(requirement: Requirement) -> None:
    """Run scripts/lock after a change of the dependencies."""
    version, _ = locked("dev.lock")[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_file_is_pinned_by_its_hash(lock: str) -> None:
    """Any other file is then refused by pip."""
    for name, (_, hashes) in locked(lock).items():
        assert hashes, name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), name


@pytest.mark.parametrize("lock", LOCKS)
def test_builds_use_a_locked_tool(lock: str) -> None:
    """Source distributions are built with what the lock names, not with the newest there is."""
    assert "setuptools" in locked(lock)
