"""Check lint, types and import contracts, and run all tests.

Arguments go to pytest, which then runs alone: scripts/test tests/actions -k attach
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, say, wait_for
from tasks.environment import VENV
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

NEEDS_VENV = True
PASSES_ARGUMENTS_ON = True

CHECKS = (
    ("ruff", "check", "--quiet", "."),
    ("ruff", "format", "--check", "--quiet", "."),
    ("mypy",),
    ("lint-imports",),
)

# Commands that some tests need, each in the Debian package of its name. Without one its tests
# are skipped.
COMMANDS = {"ruby": "render the job's templates", "curl": "run the documented commands"}


def parser() -> Parser:
    """Describe the command line."""
    return Parser("test", __doc__, usage="scripts/test [PYTEST ARGUMENT ...]")


def run(options: argparse.Namespace) -> int:
    """Run the checks, or pytest alone where arguments are given.

    :raises Failed: a check failed
    """
    arguments = options.others
    os.chdir(ROOT)
    try:
        if not arguments:
            _provide_commands()
            for command, *rest in CHECKS:
                if wait_for([VENV / "bin" / command, *rest]):
                    raise Failed(f"{command} {rest[0] if rest else ''}".strip() + " failed")
            # Workers take tests from one another, so that none waits for a slow one at the end.
            arguments = ["-n", "auto", "--dist", "worksteal"]
        return wait_for([VENV / "bin" / "pytest", *arguments])
    except KeyboardInterrupt:
        raise Interrupted("the tests that had not ended did not run") from None


def _provide_commands() -> None:
    """Install what is missing with apt-get as root; otherwise say how."""
    missing = {name: use for name, use in COMMANDS.items() if shutil.which(name) is None}
    if not missing:
        return
    uses = ", ".join(f"{name}, with which tests {use}" for name, use in missing.items())
    apt = shutil.which("apt-get")
    install = f"apt-get install --yes --no-install-recommends {' '.join(missing)}"
    if apt is None or os.getuid() != 0:
        remedy = f"sudo {install}" if apt else f"install {' and '.join(missing)}"
        say(f"Missing: {uses}. Those tests are skipped; to run them: {remedy}")
        return
    say(f"Missing: {uses}. Installing the Debian packages: {install}")
    for command in ([apt, "update"], install.split()):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        say(f"apt-get failed: {reason}. Those tests are skipped")
