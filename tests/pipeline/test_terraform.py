"""ci/terraform: it parses, is formatted, and says what the tasks ask for by the same names."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import hcl2
import pytest

from pipeline.concourse import CI, ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((CI / "terraform").glob("*.tf"))
TEXT = "\n".join(path.read_text("utf-8") for path in FILES)
METADATA = (CI / "lib" / "metadata.py").read_text("utf-8")

# What the installation guide's policies have besides, for who calls STS with keys of another.
NOT_THE_DIRECTORS = {"sts:AssumeRole"}


@cache
def blocks(kind: str) -> list[dict[str, Any]]:
    """Return all blocks of a kind, of all files."""
    return [block for path in FILES for block in hcl2.loads(path.read_text()).get(kind, [])]


def plain(label: str) -> str:
    """Return a label as it is meant: the parser keeps its quotes."""
    return label.strip('"')


def labels(kind: str) -> list[str]:
    """Return the names of blocks with one label."""
    return [plain(name) for block in blocks(kind) for name in block]


def metadata_names() -> list[str]:
    """Return the names that ci/lib/metadata.py knows."""
    found = re.search(r"^NAMES = \((.*?)^\)", METADATA, re.MULTILINE | re.DOTALL)
    assert found
    return re.findall(r'"(\w+)"', found[1])


def actions(policy: dict[str, Any]) -> set[str]:
    """Return what a policy allows."""
    found: set[str] = set()
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        listed = statement["Action"]
        found |= {listed} if isinstance(listed, str) else set(listed)
    return found


def test_the_outputs_are_the_names_that_tasks_read() -> None:
    """In the same order, so that both can be read side by side."""
    assert labels("output") == metadata_names()
    assert len(metadata_names()) > 20


def test_metadata_knows_every_name_that_it_reads() -> None:
    """What prepare-director and run-bats are made of."""
    read = set(re.findall(r'metadata\["(\w+)"\]', METADATA))
    assert read
    assert read <= set(metadata_names())


def test_every_variable_is_declared_used_and_given() -> None:
    """The tasks give all of them; ci/lib/terraform.sh is where."""
    used = set(re.findall(r"\bvar\.(\w+)", TEXT))
    given = set(re.findall(r'-var="(\w+)=', (CI / "lib" / "terraform.sh").read_text()))
    assert set(labels("variable")) == used == given


def test_every_reference_is_to_something_there() -> None:
    """Resources, data and locals."""
    resources = {
        f"{plain(kind)}.{plain(name)}"
        for block in blocks("resource")
        for kind, named in block.items()
        for name in named
    }
    data = {
        f"data.{plain(kind)}.{plain(name)}"
        for block in blocks("data")
        for kind, named in block.items()
        for name in named
    }
    body = re.sub(r'^(resource|data) ".*$', "", TEXT, flags=re.MULTILINE)
    referred = set(re.findall(r"(?<![\w\"/.])(?:data\.)?alicloud_\w+\.\w+", body))
    assert referred <= resources | data, referred - resources - data
    assert data <= referred
    own = {plain(name) for block in blocks("locals") for name in block if name != "__is_block__"}
    assert set(re.findall(r"\blocal\.(\w+)", TEXT)) == own


def test_the_state_is_remote_encrypted_and_locked() -> None:
    """Named by the task, so that each environment has its own."""
    [terraform] = blocks("terraform")
    [backend] = terraform["backend"]
    [settings] = [value for name, value in backend.items() if plain(name) == "oss"]
    assert settings["encrypt"] is True
    script = (CI / "lib" / "terraform.sh").read_text()
    given = set(re.findall(r'-backend-config="(\w+)=', script))
    assert {"bucket", "key", "region", "tablestore_endpoint", "tablestore_table"} <= given


def test_it_holds_no_key() -> None:
    """Neither in the template nor as a variable, which the state would keep."""
    assert not re.search(r"access_key|secret_key|security_token|private_key", TEXT)


def brackets(line: str, kinds: str) -> int:
    """Count brackets outside of strings and comments."""
    code = re.sub(r'"[^"]*"', "", line).split("#")[0]
    return sum(code.count(kind) for kind in kinds)


def misplaced(text: str) -> list[str]:
    """Return lines whose indentation is not two spaces for each line that opened a bracket."""
    depth, found = 0, []
    for line in text.splitlines():
        balance = brackets(line, "{[(") - brackets(line, "}])")
        depth -= balance < 0
        if line and len(line) - len(line.lstrip()) != 2 * depth:
            found.append(line)
        depth += balance > 0
    return found


def unaligned(text: str) -> list[str]:
    """Return lines whose equals sign is not below that of the line before."""
    found, before = [], 0
    for line in text.splitlines():
        match = re.match(r"( *\w+ *)= .*[^{\[(]$", line)
        at = len(match[1]) if match else 0
        if at and before not in (0, at):
            found.append(line)
        before = at
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_formatted(path: Path) -> None:
    """As far as can be told without terraform: build-environment and GitHub's workflow ask it."""
    text = path.read_text()
    assert text.endswith("}\n")
    assert not re.search(r"[ \t]+$|\t|\r|\n\n\n", text, re.MULTILINE)
    assert misplaced(text) == []
    assert unaligned(text) == []


def test_a_formatting_error_is_found() -> None:
    """Each of the two kinds that a person makes."""
    assert misplaced('a "b" {\n   c = 1\n}\n') == ["   c = 1"]
    assert unaligned("a {\n  b = 1\n  cc = 2\n}\n") == ["  cc = 2"]


# Roles


def test_the_directors_role_may_do_what_the_guide_says() -> None:
    """All of the documents' policies, and nothing else."""
    texts = [path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")]
    documents = [
        json.loads(found)
        for text in texts
        for found in re.findall(r"```json\n(.*?)```", text, re.DOTALL)
        if '"Statement"' in found
    ]
    documented = set[str]().union(*map(actions, documents))
    policy = json.loads((CI / "terraform" / "policies" / "director.json").read_text())
    assert actions(policy) == documented - NOT_THE_DIRECTORS
    [passing] = [row for row in policy["Statement"] if "PassRole" in str(row["Action"])]
    assert passing["Resource"] == "acs:ram:*:*:role/${vm_role}"


def test_a_vms_role_reads_and_uses_the_tests_bucket() -> None:
    """What the errands ask (ci/assets/e2e-test-release), and no change to anything but objects."""
    policy = json.loads((CI / "terraform" / "policies" / "vm.json").read_text())
    checks = CI / "assets" / "e2e-test-release" / "src" / "e2e_checks" / "checks.py"
    asked = set(re.findall(r'"((?:Describe|List)\w+)"', checks.read_text()))
    reads = {name for name in actions(policy) if not name.startswith("oss:")}
    assert {name.partition(":")[2] for name in reads} == asked
    [objects] = [row for row in policy["Statement"] if "oss:PutObject" in row["Action"]]
    assert all("${bucket}" in resource for resource in objects["Resource"])


def test_only_instances_take_the_roles() -> None:
    """No user and no other service."""
    assert re.findall(r"Principal = (.*)", TEXT) == ['{ Service = ["ecs.aliyuncs.com"] }']
