"""bin/cpi: it hands the call over unchanged, from wherever the packages lie."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from release.rendering import ODD, RULES, install, needs_ruby, refused, render

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
    script = install(rendered, folder / "jobs" / "alicloud_cpi")
    python = folder / "packages" / "alicloud-cpi-python" / "bin" / "python3"
    python.parent.mkdir(parents=True, exist_ok=True)
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


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "no_proxy"])
def test_a_proxy_that_no_variable_can_hold_is_named(name: str) -> None:
    """A shell would cut it off at the NUL character."""
    assert refused({f"env.{name}": "a\0b"}) == f"env.{name} must not have a NUL character"


@pytest.mark.parametrize("script", ["cpi", "pre_start", "environment"])
def test_the_scripts_are_plain_posix_ones(script: str, tmp_path: Path) -> None:
    """The CPI's is run for every call; the shell that starts fastest will do."""
    file = tmp_path / script
    file.write_text(getattr(render({"env.http_proxy": ODD}), script))
    done = subprocess.run(["/bin/sh", "-n", file], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


# Who can read the secrets

SECRETS = {"alicloud.access_key_secret": "the-canary", "env.http_proxy": "http://u:the-canary@p"}


def modes(job: Path) -> dict[str, int]:
    """Return the modes of the files that have a secret in them."""
    files = (path for path in job.rglob("*") if path.is_file())
    return {
        path.relative_to(job).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in files
        if "the-canary" in path.read_text()
    }


def test_create_env_leaves_secrets_to_their_owner(folder: Path) -> None:
    """It writes files with the operator's umask; the first call takes the others' rights away."""
    start(folder, {**SECRETS, "alicloud.access_key_id": "id"}, {})
    config = {"config/cpi.json": 0o600, "config/environment": 0o600}
    assert modes(folder / "jobs" / "alicloud_cpi") == config


def test_on_a_director_secrets_belong_to_the_user_of_the_cpi(folder: Path) -> None:
    """pre-start runs as root after the agent has written the files for the whole group vcap."""
    job = folder / "jobs" / "alicloud_cpi"
    install(render({**SECRETS, "alicloud.access_key_id": "id"}), job)
    assert set(modes(job).values()) == {0o640}
    tools = folder / "tools"
    tools.mkdir()
    (tools / "chown").write_text('#!/bin/sh\necho "$PWD $*" >>"$CALLS"\n')
    (tools / "chown").chmod(0o755)
    calls = folder / "calls"
    subprocess.run(
        [job / "bin" / "pre-start"],
        env={
            "PATH": f"{tools}:{PATH}",
            "BOSH_JOBS_DIR": str(folder / "jobs"),
            "CALLS": str(calls),
        },
        check=True,
    )
    owned = [f"config/{name}" for name in calls.read_text().split("vcap:vcap ")[1].split()]
    assert calls.read_text().startswith(f"{job}/config vcap:vcap ")
    assert modes(job) == dict.fromkeys(owned, 0o600)
