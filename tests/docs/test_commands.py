"""The commands in the documents succeed, or a reason is given why they are not run here."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from docs.documents import blocks_of, pages
from docs.sandbox import Sandbox, refused

if TYPE_CHECKING:
    from pathlib import Path

SHELL, PYTHON = "sh", "python"

PASTED = "tests/docs/test_simulator_page.py pastes it with the lines around it"

# Beginnings of commands that are not run here, and why.
NOT_RUN = {
    "./scripts/test": "runs these tests",
    "./scripts/fetch-blobs": "fetches a hundred megabytes; tests/release and CI run it",
    "./scripts/create-release": "needs the bosh command and the blobs; tests/release and CI run it",
    "./scripts/compile-release": "compiles CPython for minutes; scripts/test-release does it in CI",
    "./scripts/test-release": "compiles CPython for minutes; CI runs it",
    "./scripts/bench": "takes ten minutes; tests/test_bench.py runs its short form",
    "./scripts/docs": "tests/docs/test_site.py builds the site",
    "python3 -m venv .simulator": PASTED,
    ".simulator/bin/": PASTED,
    "curl --silent --retry": PASTED,
    "kill $!": PASTED,
    "./scripts/simulate --port 8443 --agent": "needs a bosh-agent; tests/sim/test_agents.py",
    "git clone": "needs a network",
    "../bosh-agent/bin/build": "needs Go and the agent's sources",
    "bosh ": "needs a Director",
    "export BOSH_": "needs a Director",
    ".venv/bin/alicloud-cpi ": "needs an account; docs/tools.md has the commands that are run",
    "sha256sum compiled.tgz": "there is no compiled release",
    "cp -R ci/terraform": "terraform needs an account",
    "printf 'terraform": "terraform needs an account",
    "terraform ": "needs an account; tests/pipeline reads its files",
    "python3 ci/lib/metadata.py": "needs terraform's outputs; tests/pipeline runs it",
    "sed -i.bak": "changes a state file of create-env",
    "ALICLOUD_CPI_PYTHON=python3.12 bosh create-env": "needs an account, or a bosh-agent",
    "sudo /var/vcap/jobs/alicloud_cpi/bin/cpi": "needs a Director's VM; alicloud-cpi is run",
    ".venv/bin/python -m alicloud_sim coverage >": "writes into src; tests/sim/test_coverage.py",
}

# Documents whose commands are run elsewhere, and why.
NOT_HERE = {
    "README.zh.md": "has those of README.md: test_readmes.py",
    "ci/README.md": "tests/pipeline runs the tasks",
}

# Slow commands that several pages have, and the page for which they are run.
ONCE = {"./scripts/demo": "README.md"}

# Paths on a Director's VM, and their replacements here.
HERE = {
    "alicloud-cpi ": ".venv/bin/python -m alicloud_cpi ",
    "/var/vcap/jobs/alicloud_cpi/config/cpi.json": "sim/cpi.json",
}


def commands(text: str) -> list[str]:
    """Return the commands of a block, each on one line and without its comment."""
    lines = text.replace("\\\n", " ").splitlines()
    bare = (re.sub(r"(^|\s{2,})#.*$", "", line).strip() for line in lines)
    return [line for line in bare if line]


def reason(command: str) -> str:
    """Return why a command is not run; empty if it is."""
    return next((why for start, why in NOT_RUN.items() if command.startswith(start)), "")


def steps(page: str) -> list[tuple[str, str]]:
    """List language and text of what a document has to run, in its order."""
    found = []
    for block in blocks_of(page):
        whole = [block.text] if block.language == PYTHON else []
        single = commands(block.text) if block.language == SHELL else []
        wanted = [one for one in single if not reason(one) and ONCE.get(one, page) == page]
        found += [(block.language, text) for text in (*whole, *wanted)]
    return found


@pytest.mark.parametrize("page", [page for page in pages() if page not in NOT_HERE and steps(page)])
def test_the_commands_of_a_page_succeed(page: str, tmp_path: Path) -> None:
    """In the order of the page; no response of the CPI or the simulator is an error."""
    if shutil.which("curl") is None:
        pytest.skip("documented commands use curl, which is not installed")
    with Sandbox(tmp_path) as sandbox:
        if page in ("docs/operating.md", "docs/tools.md"):
            sandbox.run("./scripts/simulate")
        for language, text in steps(page):
            if language == PYTHON:
                sandbox.python(text)
            else:
                assert refused(sandbox.run(translated(text))) == [], text


def translated(command: str) -> str:
    """Replace the paths of a Director's VM in a command."""
    for there, here in HERE.items():
        command = command.replace(there, here)
    return command


def test_every_reason_is_needed() -> None:
    """A reason for a command that no document has any more must be removed."""
    texts = [block.text for page in pages() for block in blocks_of(page) if block.language == SHELL]
    listed = [command for text in texts for command in commands(text)]
    unused = [start for start in NOT_RUN if not any(one.startswith(start) for one in listed)]
    assert unused == []


def test_every_block_has_a_language_that_is_tested() -> None:
    """Shell and Python are run, JSON and YAML are sent; text and diagrams are only shown."""
    languages = {block.language for page in pages() for block in blocks_of(page)}
    assert languages <= {SHELL, PYTHON, "json", "yaml", "text", "mermaid", ""}
