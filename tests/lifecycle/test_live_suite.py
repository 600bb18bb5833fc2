"""The live stories (tests/live) pass against the simulator, as the pipeline starts them.

Hardly a test is not a run of pytest of its own in the environment that a pipeline gives it. So the
stories are known to be right before they cost anything, and their own safety is tested: nothing
stays behind, no key is shown. Starting is most of what a short run costs: one shows several things.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import TYPE_CHECKING

import pytest
from cloud import PAGE

from live.cloud import Cloud
from live.executable import Cpi
from live.settings import Live
from live.simulated import ESSENTIAL, REGION, ROOT, SECONDS, ZONE, Account, ended, resources

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator

pytestmark = pytest.mark.slow

PASSED, FAILED, INTERRUPTED, USAGE, NOTHING = 0, 1, 2, 4, 5

# Stories that need no full stemcell.
STORIES = 17

RUN_ID = "run-of-a-test"
NVME = "LIVE_NVME_INSTANCE_TYPE"

LEAK = """
import os
import pytest

@pytest.fixture(autouse=True)
def leak():
    yield
    key = os.environ["LIVE_ACCESS_KEY_SECRET"]
    print(f"printed: {key}")
    assert key == "", f"compared: {key}"
"""


@pytest.fixture
def account(sim: Simulator, tmp_path: Path) -> Account:
    """Give an account in real time, in which every change is seen under way."""
    sim.resume()
    sim.set_pace("instant", grace=0.2)
    sim.set_pace(instance__reboot=1)
    return Account(sim, tmp_path)


def test_every_story(account: Account, sim: Simulator) -> None:
    """With every variable set every story but the upload passes, and the account is as before."""
    before = resources(sim)
    run = account.run(account.everything, "-n", "2")
    assert (run.status, run.counts) == (PASSED, {"passed": STORIES}), run.output
    assert run.output.count("left out, for want of") == 1
    assert "nothing is left of live-" in run.output
    assert resources(sim) == before


def test_an_upload_by_an_installed_release_with_a_role(
    account: Account, sim: Simulator, tmp_path: Path
) -> None:
    """A full stemcell, keys of the instance's role, and a bin/cpi that has its own cpi.json."""
    before = resources(sim)
    cpi_json = json.dumps({"cloud": {"properties": {"agent": {"mbus": "nats://127.0.0.1:4222"}}}})
    config = tmp_path / "installed.json"
    config.write_text(cpi_json)
    cpi = f'exec env PYTHONPATH={ROOT}/src {sys.executable} -m alicloud_cpi "$@" --config {config}'
    variables = {
        **account.essential,
        **dict.fromkeys(account.keys, ""),
        "LIVE_IMAGE_ID": "",
        "LIVE_STEMCELL": account.full_stemcell(),
        "LIVE_CPI": account.script(cpi),
        "LIVE_CREDENTIAL_SOURCE": "ecs_ram_role",
        "LIVE_METADATA_ENDPOINT": sim.plain_url,
    }
    run = account.run(variables, "-k", "upload or light")
    assert run.status == PASSED, run.output
    assert run.counts["passed"] == 2
    assert len(sim.calls("ImportImage")) == 2  # one for the run, one that is the story
    assert {str(call["key"])[:4] for call in sim.calls("CreateInstance")} == {"STS."}
    assert resources(sim) == before


def test_no_account(account: Account) -> None:
    """Without variables nothing is collected, not even to be skipped, and the header says why."""
    run = account.run({})
    assert (run.status, run.counts) == (NOTHING, {}), run.output
    assert "live: no LIVE_ variable is set, nothing is collected: see tests/live" in run.output


def test_a_run_of_all_tests(account: Account) -> None:
    """Where the folder is not named no story is chosen, though there is an account."""
    others = [f"--ignore={path}" for path in (ROOT / "tests").iterdir() if path.name != "live"]
    run = account.run(account.everything, "tests", *others, "--collect-only")
    assert (run.status, run.counts) == (NOTHING, {}), run.output


def test_variables_that_cannot_be_used(account: Account) -> None:
    """A run does not begin; it names all that it lacks, an empty one too, and all that is wrong.
    A file that is no stemcell is told at once, not by the first story that needs it.
    """
    wrong = {"LIVE_CA_CERT": "/nowhere/ca.pem", "LIVE_RUN_ID": "42/a"}
    run = account.run({"LIVE_REGION": REGION, "LIVE_INSTANCE_TYPE": "", **wrong})
    assert run.status == USAGE
    missing, *others = run.output.partition("missing: ")[2].split("; ")
    names = [f"LIVE_{name.upper()}" for name in ESSENTIAL if name != "region"]
    assert missing.split(", ") == [*names, *account.keys, "LIVE_STEMCELL or LIVE_IMAGE_ID"]
    assert others[0] == "LIVE_CA_CERT names no file: /nowhere/ca.pem"
    assert others[1].startswith("LIVE_RUN_ID must begin")
    live = Live({**account.essential, "LIVE_STEMCELL": __file__})
    assert live.troubles() == [f"LIVE_STEMCELL is no stemcell: {__file__}"]


def test_keys_that_are_refused(account: Account, sim: Simulator) -> None:
    """A run whose keys do not open the account does not begin, and shows none of them."""
    secret = "another-secret-than-the-account-has"
    run = account.run({**account.essential, "LIVE_ACCESS_KEY_SECRET": secret})
    assert run.status == USAGE
    assert "The account cannot be read: DescribeInstances: SignatureDoesNotMatch" in run.output
    assert secret not in run.output
    assert [call["action"] for call in sim.calls()] == ["DescribeInstances"]


def test_one_story_chosen_which_fails(account: Account, sim: Simulator) -> None:
    """Each optional variable that is not set is named, and keeps its stories from being chosen.
    What a failing story made is taken away, and nothing is left.
    """
    before = resources(sim)
    sim.add_fault(kind="error", action="AttachDisk", code="Forbidden.RAM", status=403, count=0)
    chosen = {**account.essential, NVME: account.outputs[NVME]}
    run = account.run(chosen, "-k", "test_networks or test_vm_types or upload")
    left_out = dict(re.findall(r"left out, for want of (LIVE_\w+)[^:]*: (.*)", run.output))
    assert left_out["LIVE_TEST_EIP"] == "an elastic IP address"
    optional = {*account.outputs, "LIVE_STEMCELL"} - {"LIVE_VPC_ID", "LIVE_DIRECTOR_EIP"}
    assert set(left_out) == optional - set(chosen)
    assert (run.status, run.counts) == (FAILED, {"failed": 1, "deselected": STORIES}), run.output
    assert "Forbidden.RAM" in run.output
    assert "nothing is left of live-" in run.output
    assert resources(sim) == before


def test_a_run_that_is_aborted(account: Account, sim: Simulator) -> None:
    """SIGTERM in the midst of a call stops the call, and what the story made is taken away."""
    before = resources(sim)
    sim.set_pace(disk__attach=2)
    chosen = {**account.essential, NVME: account.outputs[NVME]}
    with account.start(chosen, "-k", "nvme") as process:
        give_up = time.monotonic() + SECONDS
        while not sim.calls("AttachDisk") and time.monotonic() < give_up:
            time.sleep(0.05)
        process.terminate()
        run = ended(process)
    assert run.status == INTERRUPTED, run.output
    assert "nothing is left of live-" in run.output
    assert resources(sim) == before


def test_something_left_behind(account: Account, sim: Simulator) -> None:
    """What carries the run's tag in the end is a failure, is named, and is taken away."""
    before = resources(sim)
    tags = {"bosh-cpi-live": RUN_ID}
    row = {"region": REGION, "zone_id": ZONE, "status": "Available", "tags": tags}
    (disk,) = sim.seed({"disk": [row]})["disk"]
    light = {"image_id": {REGION: account.outputs["LIVE_IMAGE_ID"]}}
    stemcell = {"LIVE_IMAGE_ID": "", "LIVE_STEMCELL": account.stemcell(light, b"")}
    run = account.run({**account.essential, **stemcell, "LIVE_RUN_ID": RUN_ID}, "-k", "light")
    assert (run.status, run.counts["passed"]) == (FAILED, 1), run.output
    assert f"LEFT BEHIND by {RUN_ID}" in run.output
    assert f"{disk}: was left behind, deleted now" in run.output
    assert resources(sim) == before


def test_keys_that_would_be_shown(account: Account, tmp_path: Path) -> None:
    """An executable that repeats its request on stderr fails every story and shows nothing.
    Whatever a story prints or compares, reports have no key in them.
    """
    (tmp_path / "leak.py").write_text(LEAK)
    cpi = account.script("cat >&2", """echo '{"result": null, "error": null, "log": ""}'""")
    variables = {**account.essential, "LIVE_CPI": cpi, "PYTHONPATH": str(tmp_path)}
    run = account.run(variables, "-k", "light", "-p", "leak", "-l")
    assert (run.status, run.counts["failed"], run.counts["error"]) == (FAILED, 1, 1), run.output
    assert "create_stemcell shows a key, here <redacted>" in run.output
    assert "printed: <redacted>" in run.output
    assert "compared: <redacted>" in run.output


def test_a_call_that_does_not_end(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked to stop, which lets it take back what it made, and its last words are shown."""
    cpi = account.script("trap 'echo taken back; exit 0' TERM", "while :; do sleep 0.1; done")
    monkeypatch.setattr("live.executable.PATIENCE", 3)
    with pytest.raises(pytest.fail.Exception, match="info took more than 3 s: taken back"):
        Cpi(Live({**account.essential, "LIVE_CPI": cpi}), tmp_path).call("info")


@pytest.mark.parametrize("rows", [PAGE - 1, 2 * PAGE])
def test_a_list_of_several_pages(account: Account, sim: Simulator, rows: int) -> None:
    """Whatever there is is found, also where the last page is a full one."""
    row = {"region": REGION, "zone_id": ZONE, "status": "Available", "tags": {"many": "yes"}}
    made = sim.seed({"disk": [row] * rows})["disk"]
    found = Cloud(Live(account.everything)).tagged("DescribeDisks", "many", "yes")
    assert sorted(disk["DiskId"] for disk in found) == sorted(made)
