"""The release's packages: what is in them, and that it is pinned."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from release.rendering import JOB, ROOT, RUBY, needs_ruby
from support.cpi import DIRECTORS_ENVIRONMENT
from support.stemcells import KIB, MIB, image, properties, tarball

if TYPE_CHECKING:
    from alicloud_sim import Simulator
    from support.cpi import Cpi

SOURCE = ROOT / "src"
APP = "bosh-alicloud-cpi"
INTERPRETER = "alicloud-cpi-python"
SHA256 = re.compile(r"[0-9a-f]{64}")


def yaml(path: Path) -> Any:
    """Read a YAML file with Ruby's library."""
    script = "puts JSON.dump(YAML.safe_load($stdin.read))"
    done = subprocess.run(
        [RUBY, "-ryaml", "-rjson", "-e", script],
        input=path.read_bytes(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


def blobs() -> dict[str, dict[str, Any]]:
    """Return config/blobs.yml."""
    found: dict[str, dict[str, Any]] = yaml(ROOT / "config" / "blobs.yml")
    return found


def sources(package: str) -> set[str]:
    """Return what a package's patterns match in src/; every pattern matches there or a blob."""
    names: set[str] = set()
    for pattern in yaml(ROOT / "packages" / package / "spec")["files"]:
        matches = {
            path.relative_to(SOURCE).as_posix() for path in SOURCE.glob(pattern) if path.is_file()
        }
        assert matches or any(Path(blob).match(pattern) for blob in blobs()), pattern
        names |= matches
    return names


def locked(name: str) -> dict[str, tuple[str, set[str]]]:
    """Return the versions and hashes of a lock by the names of its distributions."""
    text = (SOURCE / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        requirement, *hashes = line.split()
        distribution, version = requirement.split("==")
        prefix = "--hash=sha256:"
        assert all(item.startswith(prefix) for item in hashes)
        found[distribution] = (version, {item.removeprefix(prefix) for item in hashes})
    return found


def canonical(name: str) -> str:
    """Spell a distribution's name as locks do."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distribution(blob: str) -> str:
    """Return the distribution that a blob is a file of."""
    return canonical(re.split(r"-\d", Path(blob).name)[0])


# What is in the packages


@needs_ruby
def test_the_whole_cpi_is_in_its_package() -> None:
    """Code, and the schemas that it reads."""
    packed = {name for name in sources(APP) if name.startswith("alicloud_cpi/")}
    tracked = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "alicloud_cpi").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert packed == tracked


@needs_ruby
def test_the_simulator_is_in_no_package() -> None:
    """A Director needs no second cloud; nor byte code of a developer's machine."""
    names = sources(APP) | sources(INTERPRETER)
    assert not [name for name in names if "sim" in name.partition("/")[0] or ".pyc" in name]


@needs_ruby
def test_every_blob_is_in_a_package() -> None:
    """And no package's name is one that another release may use on the same VM."""
    patterns = [
        pattern for spec in (ROOT / "packages").glob("*/spec") for pattern in yaml(spec)["files"]
    ]
    assert all(any(Path(blob).match(pattern) for pattern in patterns) for blob in blobs())
    names = {spec.parent.name for spec in (ROOT / "packages").glob("*/spec")}
    assert names == {APP, INTERPRETER}
    assert all(yaml(ROOT / "packages" / name / "spec")["name"] == name for name in names)


@needs_ruby
def test_the_job_brings_both_packages() -> None:
    """create-env installs what the job lists, the Director likewise."""
    spec = yaml(JOB / "spec")
    assert sorted(spec["packages"]) == [INTERPRETER, APP]
    assert yaml(ROOT / "packages" / APP / "spec")["dependencies"] == [INTERPRETER]
    assert all((JOB / "templates" / template).is_file() for template in spec["templates"])
    assert (JOB / "monit").read_text() == ""


# What is pinned

MACOS_ARM = r"macosx_\d+_\d+_(arm64|universal2)"


@needs_ruby
def test_every_blob_has_its_size_and_sha256() -> None:
    """That is what scripts/create-release compares a local blob with."""
    for blob in blobs().values():
        assert set(blob) - {"object_id"} == {"size", "sha"}
        assert blob["size"] > 0
        assert SHA256.fullmatch(blob["sha"].removeprefix("sha256:"))


@needs_ruby
@pytest.mark.parametrize("machine", ["manylinux.*x86_64", "manylinux.*aarch64", MACOS_ARM])
def test_wheels_with_machine_code_are_there_for_each_machine(machine: str) -> None:
    """Operators use Linux and macOS, x86-64 and arm64; the packaged Python is 3.13."""
    wheels = [Path(blob).name for blob in blobs() if blob.endswith(".whl")]
    native = {distribution(name) for name in wheels if not name.endswith("-any.whl")}
    for name in native:
        assert [
            wheel for wheel in wheels if distribution(wheel) == name and re.search(machine, wheel)
        ]
        assert any("cp313" in wheel or "abi3" in wheel for wheel in wheels)


@needs_ruby
def test_the_locks_hashes_are_those_of_the_blobs() -> None:
    """All of them and no other: what pip installs is what was looked at."""
    hashes: dict[str, set[str]] = {}
    for path, blob in blobs().items():
        if path.startswith("wheels/"):
            name = distribution(path)
            hashes.setdefault(name, set()).add(blob["sha"].removeprefix("sha256:"))
    entries = {**locked("requirements.lock"), **locked("build-requirements.lock")}
    assert {name: digests for name, (_, digests) in entries.items()} == hashes


def test_the_lock_fits_pyproject() -> None:
    """Run scripts/vendor-wheels after a change of the dependencies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = locked("requirements.lock")
    for wanted in project["dependencies"]:
        name, bounds = _parted(wanted)
        assert name in lock, wanted
        version = _numbers(lock[name][0])
        for bound in bounds:
            operator, limit = bound[:2].rstrip("0123456789"), bound.lstrip("<>=")
            assert {">=": version >= _numbers(limit), "<": version < _numbers(limit)}[operator]


def test_the_lock_holds_what_the_dependencies_need() -> None:
    """And nothing else, but for what oss2 needs for client-side encryption alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reached: set[str] = set()
    open_names = [_parted(wanted)[0] for wanted in project["dependencies"]]
    while open_names:
        name = open_names.pop()
        if name in reached:
            continue
        reached.add(name)
        try:
            wanted_by = requires(name) or []
        except PackageNotFoundError:
            continue
        open_names += [_parted(wanted)[0] for wanted in wanted_by if "extra ==" not in wanted]
    lock = set(locked("requirements.lock"))
    assert lock <= reached
    assert reached - lock <= {
        "aliyun-python-sdk-kms",
        "colorama",
        "cryptography",
        "jmespath",
    }


# The modules of what the lock leaves out.
LEFT_OUT = {"aliyunsdkkms", "cryptography", "jmespath"}

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {names}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from alicloud_cpi.__main__ import start
start()
"""


def test_what_is_left_out_is_not_missed(cpi: Cpi, sim: Simulator, tmp_path: Path) -> None:
    """A stemcell is uploaded, which is all that oss2 is for, where none of it can be imported."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    path = tarball(tmp_path, image(300 * KIB, -2 * MIB))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(names=LEFT_OUT), "--config", str(cpi.path)],
        input=cpi.request("create_stemcell", [path, properties()]),
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["error"] is None, done.stderr.decode()
    assert sim.calls("UploadPart")


def _parted(requirement: str) -> tuple[str, list[str]]:
    found = re.match(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)", requirement)
    assert found
    return canonical(found[1]), [
        bound.strip() for bound in found[2].strip("() ").split(",") if bound
    ]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


# No registry, no machine


def test_no_file_of_the_release_names_a_registry() -> None:
    """Pip and apt are set up by whoever runs them."""
    names = ("config", "packages", "jobs", "scripts")
    files = [path for name in names for path in (ROOT / name).rglob("*") if path.is_file()]
    files += list(SOURCE.glob("*.lock"))
    text = "".join(path.read_text() for path in files if path.suffix != ".pyc")
    assert not re.search(r"https?://[^/\s]*(pypi|pythonhosted|debian|ubuntu)", text)
