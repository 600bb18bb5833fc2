"""Write the digests of the pipeline's images into its variables.

The versions of the images are pinned in ci/; their digests are variables, because only a registry
knows them. In the file, a line such as
  golang_digest: "" # of golang:1.25.6-bookworm
gets the digest that the registry has now, asked with skopeo, crane or docker. An existing digest
stays: empty it after a change of the version.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tasks.command_line import Parser, file
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

NEEDS_VENV = False

LINE = re.compile(
    r'^(?P<name>\w+_digest): "?(?P<digest>[^"\s]*)"? +# of (?P<image>\S+)$', re.MULTILINE
)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

# Commands that print the digest of an image, by the program that they need.
COMMANDS = {
    "skopeo": ("inspect", "--format", "{{.Digest}}", "docker://IMAGE"),
    "crane": ("digest", "IMAGE"),
    "docker": ("buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", "IMAGE"),
}


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("pin-images", __doc__)
    add = made.add_argument
    add("variables", type=file, help="a copy of ci/vars-example.yml")
    add("--check", action="store_true", help="write nothing; exit 1 where a digest is missing")
    return made


def run(options: argparse.Namespace) -> int:
    """Fill the digests in, or name those that are missing.

    :raises Failed: one is missing, or cannot be had
    """
    path: Path = options.variables
    text = path.read_text("utf-8")
    lines = list(LINE.finditer(text))
    missing = [line for line in lines if not DIGEST.fullmatch(line["digest"])]
    if not lines:
        raise Failed(f'{path} has no line such as: golang_digest: "" # of golang:1.25')
    if options.check and missing:
        names = ", ".join(f"{line['name']} of {line['image']}" for line in missing)
        raise Failed(f"{path} lacks digests: {names}; run scripts/pin-images {path}")
    try:
        for line in missing:
            pinned = f'{line["name"]}: "{_digest(line["image"])}" # of {line["image"]}'
            text = text.replace(line[0], pinned)
            sys.stdout.write(f"{pinned}\n")
    except KeyboardInterrupt:
        raise Interrupted(f"{path} is unchanged") from None
    path.write_text(text, "utf-8")
    return 0


def _digest(image: str) -> str:
    program = next((name for name in COMMANDS if shutil.which(name)), None)
    if program is None:
        raise Failed(f"one of {', '.join(COMMANDS)} is needed")
    command = [program, *(word.replace("IMAGE", image) for word in COMMANDS[program])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or not DIGEST.fullmatch(done.stdout.strip()):
        reason = (done.stderr.strip().splitlines() or [done.stdout.strip()])[-1]
        raise Failed(f"{program} found no digest of {image}: {reason}")
    return done.stdout.strip()
