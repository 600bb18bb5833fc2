"""ci/pipeline.yml and the tasks as Concourse reads them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CI = ROOT / "ci"
SOURCE = "bosh-cpi-src"

Step = dict[str, Any]
HOOKS = ("ensure", "on_success", "on_failure", "on_error", "on_abort")
# A variable that is read, and lines that name several.
_READ = re.compile(r"\$\{?([A-Z][A-Z0-9_]+)")
_NAMED = re.compile(r"^ *(?:need_variables|export) ([A-Z][A-Z0-9_ ]+)$", re.MULTILINE)


class Task(NamedTuple):
    """A task's declaration; ``params`` are None where they have no default."""

    name: str
    inputs: list[str]
    outputs: list[str]
    params: dict[str, str | None]
    script: Path

    def required(self) -> list[str]:
        """Return the variables that it cannot do without."""
        return [name for name, default in self.params.items() if default is None]


def load(path: Path) -> Any:
    """Read a YAML file."""
    return yaml.safe_load(path.read_text("utf-8"))


@cache
def pipeline() -> dict[str, Any]:
    """Return the pipeline."""
    found: dict[str, Any] = load(CI / "pipeline.yml")
    return found


def task(declared: dict[str, Any], name: str) -> Task:
    """Read a declaration."""
    return Task(
        name,
        [entry["name"] for entry in declared.get("inputs", [])],
        [entry["name"] for entry in declared.get("outputs", [])],
        declared.get("params") or {},
        ROOT / declared["run"]["path"].removeprefix(f"{SOURCE}/"),
    )


@cache
def tasks() -> dict[str, Task]:
    """Return the tasks in ci/tasks by their names."""
    return {path.stem: task(load(path), path.stem) for path in sorted((CI / "tasks").glob("*.yml"))}


def task_of(step: Step) -> Task:
    """Return the task that a step runs."""
    if "config" in step:
        return task(step["config"], step["task"])
    folder, _, path = step["file"].partition("/")
    assert folder == SOURCE, step["file"]
    return task(load(ROOT / path), step["task"])


def children(step: Step) -> list[Step]:
    """Return the steps within a step, but not its hooks."""
    parallel = step.get("in_parallel", [])
    inner = parallel["steps"] if isinstance(parallel, dict) else parallel
    return [*inner, *step.get("do", []), *([step["try"]] if "try" in step else [])]


def every_step(steps: list[Step]) -> Iterator[Step]:
    """Yield all steps and hooks in the order in which they are written."""
    for step in steps:
        yield step
        yield from every_step(children(step))
        yield from every_step([step[hook] for hook in HOOKS if hook in step])


def code(script: Path) -> str:
    """Return a script with what it sources of ci/lib."""
    text = script.read_text("utf-8")
    for name in re.findall(r"^source .*/\.\./lib/(\S+\.sh)\"$", text, re.MULTILINE):
        text += (CI / "lib" / name).read_text("utf-8")
    return text


def variables(script: Path) -> set[str]:
    """Return the variables that a script takes from its environment."""
    text = re.sub(r" *\\\n *", " ", code(script))
    read = set(_READ.findall(text)).union(*map(str.split, _NAMED.findall(text)))
    own = set(re.findall(r"\b([A-Z][A-Z0-9_]+)=", text))
    return read - own - {"PWD", "HOME", "BASH_SOURCE"}
