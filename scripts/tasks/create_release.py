"""Make a source release with the bosh CLI, after checking every blob against config/blobs.yml.

The bosh CLI does not check local blobs. All arguments go to it:
  scripts/create-release --version 0.1.0 --tarball /tmp/source.tgz
The tarball is rewritten without times and owners: two builds of a commit have the same digest.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tasks import ROOT, archive, fetch_blobs
from tasks.command_line import Parser, new_file, wait_for
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = False
PASSES_ARGUMENTS_ON = True


def parser() -> Parser:
    """Describe the command line."""
    usage = "scripts/create-release [BOSH CREATE-RELEASE ARGUMENT ...]"
    made = Parser("create-release", __doc__, usage=usage)
    made.add_argument("--tarball", type=new_file, help="the source release to write")
    return made


def run(options: argparse.Namespace) -> int:
    """Check the blobs and hand over to the bosh CLI.

    :raises Failed: a blob is missing or is another file, or there is no bosh CLI
    """
    bosh = shutil.which("bosh")
    if bosh is None:
        raise Failed("the bosh CLI is needed, and there is no command bosh")
    fetch_blobs.require_all()
    tarball = [] if options.tarball is None else ["--tarball", options.tarball]
    try:
        status = wait_for([bosh, "create-release", "--dir", ROOT, *tarball, *options.others])
        # Digests of a final release are in its index: they stay as they are.
        if status == 0 and tarball and "--final" not in options.others:
            archive.normalize(options.tarball)
    except KeyboardInterrupt:
        raise Interrupted(
            "the release is not complete; dev_releases/ has what bosh wrote"
        ) from None
    return status
