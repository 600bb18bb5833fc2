"""ci/pipeline.yml: whatever a step names is there when the step is reached."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.concourse import (
    CI,
    HOOKS,
    ROOT,
    Step,
    children,
    every_step,
    load,
    pipeline,
    task_of,
    tasks,
)

JOBS: list[dict[str, Any]] = pipeline()["jobs"]
RESOURCES = {resource["name"]: resource for resource in pipeline()["resources"]}
ON_ENVIRONMENT = ("integration", "acceptance", "end-to-end")

# Concourse's schema: keys of a step by its kind, besides those that every step may have.
EVERY_STEP = {*HOOKS, "tags", "timeout", "attempts"}
STEPS = {
    "get": {"resource", "passed", "params", "trigger", "version"},
    "put": {"resource", "inputs", "params", "get_params", "no_get"},
    "task": {
        *("file", "config", "image", "privileged", "vars", "params"),
        *("input_mapping", "output_mapping"),
    },
    "in_parallel": set(),
    "do": set(),
    "try": set(),
}
RESOURCE = {
    *("name", "type", "icon", "source", "check_every", "webhook_token", "public", "tags"),
    *("version", "check_timeout", "expose_build_created_by"),
}
JOB = {"name", "plan", "serial", "serial_groups", "public", "build_log_retention", *HOOKS}

# What a Concourse worker brings along.
TYPES = {
    *("bosh-io-release", "bosh-io-stemcell", "git", "github-release", "registry-image"),
    *("s3", "semver", "time"),
}


def job(name: str) -> dict[str, Any]:
    """Find a job."""
    return next(job for job in JOBS if job["name"] == name)


def kind(step: Step) -> str:
    """Return which kind of step it is."""
    kinds = [name for name in STEPS if name in step]
    assert len(kinds) == 1, step
    return kinds[0]


def resource_of(step: Step) -> str:
    """Return the resource that a get or put is about."""
    return str(step.get("resource") or step.get("get") or step.get("put"))


def paths(params: dict[str, Any]) -> list[str]:
    """Return the files that a put is told to take."""
    keys = ("file", "repository", "tag", "name", "body", "image")
    found = [params[key] for key in keys if key in params]
    return [path for path in [*found, *params.get("globs", [])] if "((" not in path]


class Walk:
    """Goes through a plan and checks that each step finds what it names."""

    def __init__(self) -> None:
        self.available: set[str] = set()

    def steps(self, steps: list[Step]) -> None:
        """Go through steps, one after the other."""
        for step in steps:
            self.steps(children(step))
            if "task" in step:
                self._task(step)
            elif "get" in step:
                self.available.add(step["get"])
            elif "put" in step:
                self._put(step)
            self.steps([step[hook] for hook in HOOKS if hook in step])

    def _task(self, step: Step) -> None:
        found = task_of(step)
        mapping = step.get("input_mapping", {})
        inputs = {mapping.get(name, name) for name in found.inputs}
        assert inputs <= self.available, (step["task"], inputs - self.available)
        assert step.get("image", "") in {"", *self.available}, step["task"]
        given = set(step.get("params", {}))
        assert given <= set(found.params), (step["task"], given - set(found.params))
        assert set(found.required()) <= given, (step["task"], set(found.required()) - given)
        mapping = step.get("output_mapping", {})
        self.available |= {mapping.get(name, name) for name in found.outputs}

    def _put(self, step: Step) -> None:
        for path in paths(step["params"]):
            assert path.split("/")[0] in self.available, (step["put"], path)
        self.available |= set() if step.get("no_get") else {step["put"]}


@pytest.mark.parametrize("name", [job["name"] for job in JOBS])
def test_each_step_finds_its_inputs_files_and_variables(name: str) -> None:
    """Whatever it reads was got or made by a step before it."""
    Walk().steps(job(name)["plan"])


def test_keys_are_those_of_concourse() -> None:
    """A key that Concourse does not know is a typing error."""
    assert set(pipeline()) == {"resources", "jobs", "groups"}
    for resource in RESOURCES.values():
        assert set(resource) <= RESOURCE, resource["name"]
        assert resource["type"] in TYPES, resource["name"]
    for found in JOBS:
        assert set(found) <= JOB
        for step in every_step(found["plan"]):
            name = kind(step)
            assert set(step) <= EVERY_STEP | STEPS[name] | {name}, step


def test_each_resource_is_there_and_used() -> None:
    """By a get or a put of a job; image resources by a task's name for them."""
    steps = [step for job in JOBS for step in every_step(job["plan"])]
    used = {resource_of(step) for step in steps if {"get", "put"} & set(step)}
    assert used == set(RESOURCES)


def test_passed_names_jobs_that_have_the_resource() -> None:
    """Otherwise nothing ever gets through."""
    have = {
        job["name"]: {resource_of(step) for step in every_step(job["plan"]) if kind(step) != "task"}
        for job in JOBS
    }
    for found in JOBS:
        for step in every_step(found["plan"]):
            for earlier in step.get("passed", []):
                assert resource_of(step) in have[earlier], (found["name"], step)


def test_every_variable_has_an_example() -> None:
    """And no example is left of a variable that is no longer asked for."""
    text = (CI / "pipeline.yml").read_text()
    asked = set(re.findall(r"\(\(([a-z0-9_]+)\)\)", text))
    assert text.count("((") == len(re.findall(r"\(\(([a-z0-9_]+)\)\)", text))
    assert asked == set(load(CI / "vars-example.yml"))


def test_every_task_and_every_group_member_is_used() -> None:
    """A task that no job runs is dead; a job without a group is not shown."""
    steps = [step for job in JOBS for step in every_step(job["plan"])]
    files = {step["file"] for step in steps if "file" in step}
    assert files == {f"bosh-cpi-src/ci/tasks/{name}.yml" for name in tasks()}
    assert all((ROOT / file.removeprefix("bosh-cpi-src/")).is_file() for file in files)
    grouped = [name for group in pipeline()["groups"] for name in group["jobs"]]
    assert sorted(grouped) == sorted(job["name"] for job in JOBS)


def test_a_push_starts_the_first_job() -> None:
    """The hook's token makes Concourse look at once."""
    assert RESOURCES["bosh-cpi-src"]["webhook_token"] == "((webhook_token))"
    [first] = [step for step in every_step(job("unit-test")["plan"]) if "get" in step][:1] and [
        step for step in every_step(job("unit-test")["plan"]) if step.get("get") == "bosh-cpi-src"
    ]
    assert first["trigger"] is True
    assert "passed" not in first


def test_only_what_passed_everything_is_promoted() -> None:
    """Candidate and source alike, and somebody decides when."""
    gets = {step["get"]: step for step in every_step(job("promote")["plan"]) if "get" in step}
    for name in ("bosh-cpi-dev-artifacts", "bosh-cpi-src"):
        assert set(gets[name]["passed"]) == set(ON_ENVIRONMENT)
    assert not any(step.get("trigger") for step in gets.values())


# Environments


@pytest.mark.parametrize("name", ON_ENVIRONMENT)
def test_what_is_built_is_destroyed_whatever_happens(name: str) -> None:
    """The same environment, by a step that needs nothing of the steps that may fail."""
    [outer] = [step for step in job(name)["plan"] if "do" in step]
    build, destroy = outer["do"][0], outer["ensure"]
    assert build["file"].endswith("/build-environment.yml")
    assert destroy["file"].endswith("/destroy-environment.yml")
    assert build["params"] == destroy["params"]
    assert destroy["attempts"] > 1
    got = {step["get"] for step in every_step(job(name)["plan"]) if "get" in step}
    assert set(task_of(destroy).inputs) <= got


@pytest.mark.parametrize("name", ["acceptance", "end-to-end"])
def test_a_director_goes_before_its_environment(name: str) -> None:
    """Also where making it failed half-way."""
    [outer] = [step for step in job(name)["plan"] if "do" in step]
    inner = outer["do"][-1]
    assert inner["do"][0]["file"].endswith("/deploy-director.yml")
    assert inner["ensure"]["file"].endswith("/destroy-director.yml")


def test_no_two_jobs_share_an_environment() -> None:
    """They may run at the same time."""
    names = [
        step["params"]["ENVIRONMENT_NAME"]
        for job in JOBS
        for step in every_step(job["plan"])
        if step.get("file", "").endswith("/build-environment.yml")
    ]
    assert len(set(names)) == len(names) == len(ON_ENVIRONMENT)


def test_what_speaks_with_the_cloud_runs_on_workers_with_the_role() -> None:
    """And has no key: the worker's role serves."""
    for name in ON_ENVIRONMENT:
        for step in every_step(job(name)["plan"]):
            if "task" in step and step["task"] != "prepare-director":
                assert step["tags"] == ["((worker_tag))"], (name, step["task"])
            assert not re.search(r"\(\(\w*(key_id|key_secret|token|private)\w*\)\)", str(step))
