"""Images are pinned by version, and by digest in the pipeline's variables."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pipeline.concourse import CI, ROOT, every_step, pipeline

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (CI / "image" / "Dockerfile").read_text()
EXAMPLE = CI / "vars-example.yml"
WORKFLOW = (ROOT / ".github" / "workflows" / "pull-request.yml").read_text()
DIGEST = f"sha256:{'5e' * 32}"

# How each program that knows digests is asked, and what it is asked with.
PROGRAMS = {
    "skopeo": "inspect --format {{.Digest}} docker://golang:1",
    "crane": "digest golang:1",
    "docker": "buildx imagetools inspect --format {{.Manifest.Digest}} golang:1",
}


def variables() -> dict[str, str]:
    """Return the images of the digests among the pipeline's variables."""
    found = re.findall(r'^(\w+)_digest: "" # of (\S+)$', EXAMPLE.read_text(), re.MULTILINE)
    return dict(found)


def built() -> dict[str, str]:
    """Return the images that the tasks' image is made of, by the names of their digests."""
    pattern = r"^FROM (\S+)\$\{(\w+)_DIGEST:\+@\$\{\2_DIGEST\}\}"
    found = re.findall(pattern, DOCKERFILE, re.MULTILINE)
    assert len(found) == DOCKERFILE.count("\nFROM ")
    return {name.lower(): image for image, name in found}


def test_every_image_has_a_version_and_a_variable_for_its_digest() -> None:
    """In the Dockerfile, in the pipeline, in the workflow: the same ones."""
    sources = {}
    for step in (step for job in pipeline()["jobs"] for step in every_step(job["plan"])):
        image = step.get("config", {}).get("image_resource")
        if image:
            name = re.fullmatch(r"\(\((\w+)_digest\)\)", image["version"]["digest"])
            assert name
            sources[name[1]] = f"{image['source']['repository']}:{image['source']['tag']}"
    assert variables() == {**built(), **sources}
    assert all(re.search(r":.*\d+\.\d+|:\w+-\d{8}$", image) for image in variables().values())
    assert f"TERRAFORM_IMAGE: {built()['terraform']}$" in WORKFLOW


def test_the_pipeline_builds_with_the_digests() -> None:
    """Each is a build argument."""
    steps = [step for job in pipeline()["jobs"] for step in every_step(job["plan"])]
    (params,) = (step["config"]["params"] for step in steps if step.get("task") == "build")
    given = {name.removeprefix("BUILD_ARG_"): value for name, value in params.items()}
    for name in built():
        assert given[f"{name.upper()}_DIGEST"] == f"(({name}_digest))"


class Pinning:
    """A file of variables, and a machine with one program that knows digests."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "vars.yml"
        self._tools = folder / "tools"
        self._tools.mkdir()
        for name in ("sh", "dirname", "basename"):
            (self._tools / name).symlink_to(shutil.which(name) or "")
        (self._tools / "python3").symlink_to(sys.executable)

    def tool(self, name: str, answer: str, status: int = 0) -> None:
        """Put in a program that answers this."""
        tool = self._tools / name
        tool.write_text(f"#!/bin/sh\necho \"$*\" >>'{tool}.calls'\n{answer}\nexit {status}\n")
        tool.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        """Return how a program was called."""
        return (self._tools / f"{name}.calls").read_text().splitlines()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run scripts/pin-images on the file."""
        return subprocess.run(
            [ROOT / "scripts" / "pin-images", self.file, *words],
            env={"PATH": str(self._tools)},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def pinning(tmp_path: Path) -> Pinning:
    """Give a file with one image."""
    made = Pinning(tmp_path)
    made.file.write_text('# Images\ngolang_digest: "" # of golang:1\nregion: cn\n')
    return made


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_digest_is_filled_in(pinning: Pinning, name: str) -> None:
    """With any of the programs; nothing else in the file changes."""
    pinning.tool(name, f"echo {DIGEST}")
    assert pinning.run("--check").returncode == 1
    done = pinning.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert pinning.calls(name) == [PROGRAMS[name]]
    line = f'golang_digest: "{DIGEST}" # of golang:1'
    assert pinning.file.read_text() == f"# Images\n{line}\nregion: cn\n"
    assert pinning.run("--check").returncode == 0


def test_a_digest_that_is_there_stays(pinning: Pinning) -> None:
    """Nobody is asked: a tag may have moved since."""
    pinning.tool("crane", "echo sha256:other")
    text = pinning.file.read_text().replace('""', f'"{DIGEST}"')
    pinning.file.write_text(text)
    assert pinning.run().returncode == 0
    assert pinning.file.read_text() == text


@pytest.mark.parametrize("answer", ["echo nothing", "echo denied >&2; exit 1", "true"])
def test_what_is_no_digest_is_refused(pinning: Pinning, answer: str) -> None:
    """The file stays as it is."""
    before = pinning.file.read_text()
    pinning.tool("skopeo", answer)
    done = pinning.run()
    assert done.returncode == 1
    assert done.stderr.startswith("scripts/pin-images: skopeo found no digest of golang:1: ")
    assert pinning.file.read_text() == before


def test_without_a_program_it_says_which(pinning: Pinning) -> None:
    """A machine that cannot ask."""
    assert pinning.run().stderr == ("scripts/pin-images: one of skopeo, crane, docker is needed\n")


def test_a_missing_digest_is_named(pinning: Pinning) -> None:
    """In the example all are missing: only a registry knows them."""
    shutil.copy(EXAMPLE, pinning.file)
    done = pinning.run("--check")
    assert done.returncode == 1
    assert all(f"{name}_digest of {image}" in done.stderr for name, image in variables().items())
