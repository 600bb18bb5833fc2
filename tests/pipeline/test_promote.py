"""A candidate becomes a final release; the bosh CLI is a stand-in, git is not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.concourse import CI, ROOT, SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.folder import Folder

BOSH = """
case "$*" in
  *finalize-release*)
    stat -c %a promoted/config/private.yml
    mkdir -p promoted/releases/bosh-alicloud-cpi
    echo made >promoted/releases/bosh-alicloud-cpi/bosh-alicloud-cpi-1.3.0.yml ;;
  *create-release*) echo release >"${*: -2:1}" ;;
esac
"""


def test_promote_commits_a_final_release(folder: Folder) -> None:
    """The bosh CLI's part is played; the keys of its blobstore are in a file that goes again."""
    folder.put("bosh-cpi-dev-artifacts/bosh-alicloud-cpi-1.3.0-rc.1.tgz")
    folder.put("release-version-semver/number", "1.3.0")
    folder.tool("bosh", BOSH)
    source = folder.path / SOURCE
    source.unlink()
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "blobs", "__pycache__"))
    for command in (["init", "--quiet"], ["add", "."], [*author(), "commit", "-qm", "source"]):
        subprocess.run(["/usr/bin/env", "git", *command], cwd=source, check=True)
    done = folder.run(
        "promote",
        BLOBSTORE_SECRETS="canary-of-the-blobstore",
        COMMIT_NAME="ci",
        COMMIT_EMAIL="ci@example.com",
    )
    assert done.returncode == 0, done.stderr
    assert "600" in done.stdout.splitlines()
    assert "canary" not in done.stdout + done.stderr + "".join(folder.calls("bosh"))
    promoted, final = folder.path / "promoted", folder.path / "final-release"
    assert not (promoted / "config" / "private.yml").exists()
    assert (final / "tag").read_text() == "v1.3.0\n"
    assert (final / "notes.md").read_text().strip()
    changed = subprocess.run(
        ["/usr/bin/env", "git", "show", "--name-only", "--format=%s"],
        cwd=promoted,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    assert changed[0] == "Release 1.3.0"
    assert {"CHANGELOG.md", "releases/bosh-alicloud-cpi/bosh-alicloud-cpi-1.3.0.yml"} <= {*changed}
    assert not [name for name in changed if "private" in name]
    assert "## 1.3.0 (" in (promoted / "CHANGELOG.md").read_text()


def author() -> list[str]:
    """Return git's options for who commits."""
    return ["-c", "user.name=t", "-c", "user.email=t@example.com"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Changelog\n\n## Unreleased\n\n## 1.2.0 (2026-01-01)\n\nOld.\n", "says nothing"),
        ("# Changelog\n\n## Unreleased\n\nNew.\n\n## 1.3.0 (2026-01-01)\n", "has 1.3.0 already"),
        ("# Changelog\n", "says nothing"),
    ],
)
def test_a_release_that_tells_nothing_is_refused(tmp_path: Path, text: str, why: str) -> None:
    """Nor is one made twice; the file stays as it is."""
    file = tmp_path / "CHANGELOG.md"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, CI / "lib" / "changelog.py", file, "1.3.0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert why in done.stderr
    assert file.read_text() == text
