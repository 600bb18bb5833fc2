"""The tasks: declaration and script say the same, and the shell code is sound."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.concourse import CI, ROOT, SOURCE, code, load, tasks, variables

SHELLCHECK = Path(sys.executable).with_name("shellcheck")
WORKFLOW = ROOT / ".github" / "workflows" / "pull-request.yml"


def shell_scripts() -> list[Path]:
    """Return every script of the repository that a shell runs."""
    folders = (CI / "tasks", CI / "lib", ROOT / "scripts", ROOT / "packages", CI / "assets")
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    found = [path for path in files if path.suffix == ".sh"]
    found += [
        path
        for path in files
        if path.suffix in ("", ".erb") and re.match(rb"#!.*\b(ba)?sh\b", path.read_bytes()[:40])
    ]
    return [path for path in found if b"<%" not in path.read_bytes()]


@pytest.mark.parametrize("name", tasks())
def test_script_and_declaration_agree(name: str) -> None:
    """The script reads the declared variables and no other, the declared inputs and outputs."""
    task = tasks()[name]
    assert variables(task.script) == set(task.params)
    text = re.sub(r" *\\\n *", " ", code(task.script))
    folders = {*task.inputs, *task.outputs} - {SOURCE}  # the script itself lies in that
    assert [folder for folder in folders if folder not in text] == []
    needed = " ".join(re.findall(r"^ *need_inputs (.*)", text, re.MULTILINE)).split()
    named = {path.strip("'\"").split("/")[0] for path in needed if "$" not in path}
    assert named <= set(task.inputs)


@pytest.mark.parametrize("name", tasks())
def test_a_script_can_be_started(name: str) -> None:
    """By Concourse, which knows it by its path alone."""
    script = tasks()[name].script
    assert script == CI / "tasks" / f"{name}.sh"
    assert os.access(script, os.X_OK)


def test_shellcheck_has_nothing_to_say() -> None:
    """Of any shell code: tasks, scripts, packaging."""
    scripts = shell_scripts()
    assert len(scripts) > 25
    done = subprocess.run(
        [SHELLCHECK, "--external-sources", "--source-path=SCRIPTDIR", *scripts],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.stdout.decode() == ""


def test_shellcheck_has_nothing_to_say_of_the_workflow() -> None:
    """Its steps are shell code too."""
    steps = [step for job in load(WORKFLOW)["jobs"].values() for step in job["steps"]]
    runs = [re.sub(r"\$\{\{.*?\}\}", "x", step["run"]) for step in steps if "run" in step]
    assert runs
    for text in runs:
        done = subprocess.run(
            [SHELLCHECK, "--shell=bash", "-"], input=text.encode(), capture_output=True, check=False
        )
        assert done.stdout.decode() == ""


def test_no_script_tells_its_commands() -> None:
    """`set -x` would print what variables hold."""
    for script in shell_scripts():
        if script.is_relative_to(CI):
            assert not re.search(r"\bset -\w*x|\bxtrace|bash -\w*x", script.read_text()), script


def test_no_secret_is_an_argument() -> None:
    """Secrets reach a command through a file or its environment: other processes see arguments."""
    secret = re.compile(r"SECRET|_KEY_ID|TOKEN|director_secret")
    for task in tasks().values():
        for line in code(task.script).replace("\\\n", " ").splitlines():
            if not secret.search(line) or line.strip().startswith(("#", "need_", "export")):
                continue
            shown = re.sub(r"<\([^)]*\)", "", line)
            assignment = re.match(r"\s*(\w+=|director_secret|\[\[|\(umask 077 && printf)", shown)
            assert assignment or not secret.search(shown), line
