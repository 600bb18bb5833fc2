"""The official Node SDK builds an environment, uses it and takes it down."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clients import leftovers

if TYPE_CHECKING:
    from alicloud_sim.pytest_plugin import SimulatedCloud

SOURCES = Path(__file__).with_name("node")
MANIFEST = ("package.json", "package-lock.json")
INSTALLED = "installed"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("npm") is None,
    reason="node and npm are not installed",
)


def installed(config: pytest.Config) -> Path:
    """Install what the lock names, once for each lock; the folder is kept in pytest's cache."""
    lock = b"".join((SOURCES / name).read_bytes() for name in MANIFEST)
    cache = config.cache
    assert cache is not None
    folder = cache.mkdir("node-sdk") / hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / INSTALLED).exists():
        folder.mkdir(exist_ok=True)
        for name in MANIFEST:
            shutil.copy(SOURCES / name, folder / name)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (folder / INSTALLED).touch()
    shutil.copy(SOURCES / "environment.cjs", folder)
    return folder


@needs_node
@pytest.mark.slow
def test_build_use_and_tear_down(alicloud: SimulatedCloud, pytestconfig: pytest.Config) -> None:
    """A network, servers behind a load balancer and a role; then nothing is left."""
    folder = installed(pytestconfig)
    before = leftovers.ids(alicloud)
    given = {
        "ENDPOINT": alicloud.endpoint,
        "ZONE": alicloud.zone,
        "IMAGE": alicloud.constants[f"{alicloud.region}.public_image"],
        "PATH": os.environ["PATH"],
        **alicloud.environ,
    }
    done = subprocess.run(
        [str(shutil.which("node")), "environment.cjs"],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert leftovers.errors(alicloud) == []
    assert leftovers.ids(alicloud) == before
    assert len(alicloud.calls()) > 20
