"""bin/cpi: it hands the call over unchanged, from wherever the packages lie."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from release.rendering import ODD, RULES, needs_ruby, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

pytestmark = needs_ruby
both_rules = pytest.mark.parametrize("rules", RULES)

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
CONFIG = "/alicloud_cpi/config/cpi.json"

# Stands in for the packaged interpreter: tells what it was started with.
TELLER = """#!{python}
import json, os, sys
print(json.dumps({{
    "pid": os.getpid(), "arguments": sys.argv[1:], "environment": dict(os.environ),
    "stdin": sys.stdin.read(), "umask": os.umask(0),
}}))
print("a line of the log", file=sys.stderr)
sys.exit(7)
"""


class Started(NamedTuple):
    """What the interpreter was started with, and what came of it."""

    told: dict[str, Any]
    stderr: str
    status: int
    pid: int


def start(
    folder: Path,
    properties: dict[str, Any],
    environment: Mapping[str, str],
    rules: str = RULES[0],
    arguments: Sequence[str] = (),
) -> Started:
    """Run the rendered script with a stand-in for Python under ``folder``/packages."""
    rendered = render(properties, rules)
    assert not rendered.error
    script = folder / "cpi"
    script.write_text(rendered.cpi)
    script.chmod(0o755)
    python = folder / "packages" / "alicloud-cpi-python" / "bin" / "python3"
    python.parent.mkdir(parents=True)
    python.write_text(TELLER.format(python=sys.executable))
    python.chmod(0o755)
    process = subprocess.Popen(
        [script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            "PATH": PATH,
            "BOSH_PACKAGES_DIR": str(folder / "packages"),
            "BOSH_JOBS_DIR": str(folder / "jobs"),
            **environment,
        },
        text=True,
    )
    stdout, stderr = process.communicate('{"method": "info"}')
    return Started(json.loads(stdout), stderr, process.returncode, process.pid)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder whose name a careless script would take apart."""
    path = tmp_path / 'it\'s a $HOME `of` "packages" *'
    path.mkdir()
    return path


def test_the_interpreter_takes_the_place_of_the_script(folder: Path) -> None:
    """A signal of the caller reaches the CPI; stdin, stderr and the exit status are its own."""
    started = start(folder, {}, {})
    assert started.told["pid"] == started.pid
    assert started.told["stdin"] == '{"method": "info"}'
    assert started.stderr == "a line of the log\n"
    assert started.status == 7


def test_the_interpreter_sees_nothing_but_the_packages(folder: Path) -> None:
    """-I -S keep out the machine's own Python packages, -B and a umask keep it from writing."""
    started = start(folder, {}, {})
    app = str(folder / "packages" / "bosh-alicloud-cpi" / "app" / "cpi.py")
    config = str(folder / "jobs") + CONFIG
    options = ["-I", "-S", "-B", "-X", "utf8"]
    assert started.told["arguments"] == [*options, app, "--config", config]
    assert started.told["umask"] == 0o077


def test_a_command_is_passed_on(folder: Path) -> None:
    """``bin/cpi leftovers`` is for operators; callers give no arguments."""
    started = start(folder, {}, {}, arguments=["leftovers"])
    assert started.told["arguments"][6:8] == ["leftovers", "--config"]


def test_without_bosh_variables_it_is_the_directors_layout() -> None:
    """The Director leaves PATH and little more."""
    script = render({}).cpi
    assert "${BOSH_PACKAGES_DIR:-/var/vcap/packages}" in script
    assert "${BOSH_JOBS_DIR:-/var/vcap/jobs}" in script


@both_rules
@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "no_proxy"])
def test_a_proxy_is_exported_whatever_is_in_it(name: str, rules: str, folder: Path) -> None:
    """A password in it is anything; both spellings, as programs differ in what they read."""
    environment = start(folder, {f"env.{name}": ODD}, {}, rules).told["environment"]
    assert environment[name] == ODD
    assert environment[name.upper()] == ODD


@both_rules
def test_without_the_property_the_operators_proxy_stays(rules: str, folder: Path) -> None:
    """create-env passes the operator's environment on, and many need their proxy."""
    told = start(folder, {}, {"https_proxy": "http://operators:3128"}, rules).told
    assert told["environment"]["https_proxy"] == "http://operators:3128"


@both_rules
def test_an_empty_proxy_takes_the_operators_away(rules: str, folder: Path) -> None:
    """Given and empty says: none."""
    told = start(folder, {"env.https_proxy": ""}, {"https_proxy": "http://other:1"}, rules).told
    assert told["environment"]["https_proxy"] == ""


def test_the_script_is_a_plain_posix_one(tmp_path: Path) -> None:
    """It runs for every call; the shell that starts fastest will do."""
    script = tmp_path / "cpi"
    script.write_text(render({"env.http_proxy": ODD}).cpi)
    done = subprocess.run(["/bin/sh", "-n", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
