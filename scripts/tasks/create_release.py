"""Make a source release with the bosh CLI, after checking every blob against config/blobs.yml.

The bosh CLI does not check local blobs. All arguments go to it:
  scripts/create-release --version 0.1.0 --tarball /tmp/source.tgz
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tasks import ROOT, fetch_blobs
from tasks.command_line import Parser, wait_for
from tasks.errors import Failed

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False
PASSES_ARGUMENTS_ON = True


def parser() -> Parser:
    """Describe the command line."""
    usage = "scripts/create-release [BOSH CREATE-RELEASE ARGUMENT ...]"
    return Parser("create-release", __doc__, usage=usage)


def run(options: argparse.Namespace) -> int:
    """Check the blobs and hand over to the bosh CLI.

    :raises Failed: a blob is missing or is another file, or there is no bosh CLI
    """
    bosh = shutil.which("bosh")
    if bosh is None:
        raise Failed("the bosh CLI is needed, and there is no command bosh")
    fetch_blobs.require_all()
    return wait_for([bosh, "create-release", "--dir", ROOT, *options.others])
