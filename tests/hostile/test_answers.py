"""Answers that are not as documented: an error or a lost response, never "there is none"."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

from faults.matrix_scenarios import SCENARIOS, Bench
from support.forger import VALUES, WHOLE, Forger, Forgery, members
from support.hostile import judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.cpi import Answer
    from support.forger import Path

# What a call can create or delete.
KINDS = (
    *("instance", "disk", "snapshot", "image", "bucket", "eni"),
    *("vswitch", "security_group", "deployment_set"),
)
# Forged answers per scenario, chosen at random, the same in every run; all of them take hours.
CHOSEN = 12
# No call may take longer, on the simulator's clock.
LONGEST_SECONDS = 7200.0


class Case(NamedTuple):
    """A forged answer to the nth request of an action: to that one, or to all from then on."""

    service: str
    action: str
    nth: int
    forgery: str | Forgery
    times: int

    def forged(self, body: bytes) -> bytes:
        """Return the answer to send in place of the true one."""
        return WHOLE[self.forgery] if isinstance(self.forgery, str) else self.forgery.apply(body)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a simulated cloud of this module's own."""
    with Bench() as found:
        yield found


def cases(seen: dict[tuple[str, str, int], bytes]) -> list[Case]:
    """List every forgery of every answer that a call got."""
    found = []
    for where, body in seen.items():
        forgeries: list[str | Forgery] = list(WHOLE)
        if body.startswith(b"{"):
            paths = members(json.loads(body))
            forgeries += [Forgery(path, value) for path in paths for value in VALUES]
        found += [Case(*where, forgery, count) for forgery in forgeries for count in (0, 1)]
    return found


def cannot_be_told(case: Case) -> bool:
    """Whether an image that was created, or found by its name, has the id or name of another."""
    forgery = case.forgery
    if isinstance(forgery, str) or case.action not in ("DescribeImages", "CopyImage"):
        return False
    return forgery.value == "text" and forgery.path[-1] in ("ImageId", "ImageName")


def ids(bench: Bench) -> set[str]:
    """List the ids of what there is."""
    records = bench.sim.state()["records"]
    return {found for kind in KINDS for found in records.get(kind, {})}


@cache
def true_answers(bench: Bench, scenario: str) -> dict[tuple[str, str, int], bytes]:
    """Return the answers that an undisturbed call gets."""
    bench.reset()
    request = SCENARIOS[scenario](bench)
    bench.settle()
    forger = Forger.at(bench.sim)
    assert bench.cpi.call(request.method, *request.arguments).error is None
    return forger.seen


def run(bench: Bench, scenario: str, case: Case) -> Answer:
    """Make the call with the forged answer; expect success or an error, and nothing lost."""
    bench.reset()
    forger = Forger.at(bench.sim)
    request = SCENARIOS[scenario](bench)
    bench.settle()
    forger.honest()
    before, began = ids(bench), bench.sim.world.clock.now()
    named = {found for cid in request.arguments for found in images_of(bench, str(cid))}
    forger.forge(case.service, case.action, case.nth, case.forged, case.times)
    answer = bench.cpi.call(request.method, *request.arguments)
    took = bench.sim.world.clock.now() - began
    forger.honest()
    bench.settle()
    assert "Internal error" not in answer.message, answer.stderr[-3000:]
    assert answer.type != "CpiError", answer.message
    assert took < LONGEST_SECONDS
    outcome(request.method, named, answer, before, ids(bench))
    return answer


def images_of(bench: Bench, cid: str) -> list[str]:
    """Return what a cid is of: of a light stemcell the copies, as its image is not ours."""
    if not cid.endswith(" light"):
        return [cid]
    images = bench.sim.state()["records"]["image"]
    source = cid.removesuffix(" light")
    return [key for key, row in images.items() if row["tags"].get("bosh-cpi-copy-of") == source]


def outcome(
    method: str, named: set[str], answer: Answer, before: set[str], after: set[str]
) -> None:
    """Compare an answer with what there was before the call and after it.

    :param named: what the call's arguments are the cids of
    """
    if answer.error is not None:
        created = {found for found in after - before if found not in answer.message}
        excused = "may have been created" in answer.message
        # What belongs to a VM or an image is named by naming that.
        parts: tuple[str, ...] = ("d-", "eni-") if "VM 'i-" in answer.message else ()
        parts = ("s-",) if "image 'm-" in answer.message else parts
        assert excused or all(found.startswith(parts) for found in created), answer.message
        assert method.startswith("delete_") or not before - after - named
    elif method.startswith("has_"):
        assert answer.result is True
    elif method.startswith("delete_"):
        assert not named & after
    elif method.startswith("create_"):
        made = answer.result[0] if isinstance(answer.result, list) else answer.result
        assert made.removesuffix(" light") in after


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_a_forged_answer(bench: Bench, scenario: str) -> None:
    """Members missing, null or of other types; HTML, NaN and bad UTF-8; once or for ever."""
    found = [one for one in cases(true_answers(bench, scenario)) if not cannot_be_told(one)]
    chosen = random.Random(scenario).sample(found, min(CHOSEN, len(found)))  # noqa: S311 - not secret
    for case in chosen:
        try:
            run(bench, scenario, case)
        except AssertionError as error:
            raise AssertionError(f"{case.action} {case.nth}: {case.forgery}") from error


def every(body: bytes) -> Callable[[bytes], bytes]:
    """Return what replaces any answer by this one."""
    return lambda _: body


ABSENT = [
    b"{}",
    b'{"status": "ok"}',
    b'{"RequestId": "r-1"}',
    b'{"RequestId": "r-1", "Instances": null, "Disks": null}',
    b'{"RequestId": "r-1", "Instances": {}, "Disks": {}}',
    b'{"RequestId": "r-1", "Instances": [], "Disks": []}',
    b'{"RequestId": "r-1", "Instances": {"Instance": null}, "Disks": {"Disk": null}}',
    b'{"RequestId": "r-1", "Instances": {"Instance": {}}, "Disks": {"Disk": {}}}',
    b'{"Instances": {"Instance": []}, "Disks": {"Disk": []}}',
    b'{"RequestId": "r-1", "TotalCount": 1, "Instances": {"Instance": []}, "Disks": {"Disk": []}}',
    b'{"RequestId": 7, "Instances": {"Instance": []}, "Disks": {"Disk": []}}',
    b'{"RequestId": "r-1", "Instances": {"Instance": []}, "Disks": {"Disk": []}, "Disks": {}}',
]


@pytest.mark.parametrize("body", ABSENT, ids=lambda body: body.decode()[:60])
@pytest.mark.parametrize("method", ["has_vm", "delete_vm", "has_disk", "delete_disk"])
def test_no_list_is_not_an_empty_list(bench: Bench, method: str, body: bytes) -> None:
    """delete_vm must not say "deleted", nor has_vm "no", of what is there."""
    bench.reset()
    forger = Forger.at(bench.sim)
    if method.endswith("vm"):
        cid, action = bench.storage.vm(), "DescribeInstances"
    else:
        cid, action = bench.storage.disk(), "DescribeDisks"
    forger.honest()
    forger.forge("ecs", action, 1, every(body))
    answer = judged(bench.cpi.call(method, cid))
    assert answer.type == "CloudError"
    assert action in answer.message
    assert cid in ids(bench)


IDS = ['""', "null", "[]", "7", "true", "{}", '"i-\\ud800"', '"../../x"', '"' + "i" * 200 + '"']


@pytest.mark.parametrize("value", [*IDS, ""])
@pytest.mark.parametrize("scenario", ["create_vm", "create_disk", "snapshot_disk"])
def test_an_id_that_is_none_is_a_lost_response(bench: Bench, scenario: str, value: str) -> None:
    """The same ClientToken brings the true one; if it never comes, the error says what may be."""
    action, member = {
        "create_vm": ("CreateInstance", "InstanceId"),
        "create_disk": ("CreateDisk", "DiskId"),
        "snapshot_disk": ("CreateSnapshot", "SnapshotId"),
    }[scenario]
    body = '{"RequestId": "r-1"' + (f', "{member}": {value}' if value else "") + "}"
    for count in (1, 0):
        bench.reset()
        forger = Forger.at(bench.sim)
        request = SCENARIOS[scenario](bench)
        bench.settle()
        forger.honest()
        forger.forge("ecs", action, 1, every(body.encode()), count)
        answer = judged(bench.cpi.call(request.method, *request.arguments))
        if count:
            assert answer.error is None, answer.message
            tokens = {call["params"]["ClientToken"] for call in bench.sim.calls(action=action)}
            assert len(tokens) == 1
        else:
            assert action in answer.message
            assert "may have been created" in answer.message


@pytest.mark.parametrize(
    ("scenario", "service", "action", "kind"),
    [
        ("create_vm, new deployment set", "ecs", "CreateDeploymentSet", "deployment set"),
        ("create_vm, several interfaces", "ecs", "CreateNetworkInterface", "network interface"),
        ("create_network", "ecs", "CreateSecurityGroup", "security group named 'bosh-"),
        ("create_network", "vpc", "CreateVSwitch", "vSwitch with range 10.0.9.0/24"),
    ],
)
def test_what_may_have_been_created_is_said(
    bench: Bench, scenario: str, service: str, action: str, kind: str
) -> None:
    """No answer ever has the id of what a call made: the error says of what kind it is."""
    bench.reset()
    forger = Forger.at(bench.sim)
    request = SCENARIOS[scenario](bench)
    if scenario == "create_network":
        request.arguments[0]["cloud_properties"]["create_security_group"] = True
    bench.settle()
    forger.honest()
    forger.forge(service, action, 1, every(b'{"RequestId": "r-1"}'), 0)
    answer = judged(bench.cpi.call(request.method, *request.arguments))
    assert action in answer.message
    assert f"A {kind}" in answer.message
    assert "may have been created" in answer.message


@pytest.mark.parametrize(
    ("scenario", "action", "path", "name"),
    [
        ("delete_stemcell, copied", "DescribeImages", ("Images", "Image"), "ImageName"),
        (
            *("create_vm, new deployment set", "DescribeDeploymentSets"),
            *(("DeploymentSets", "DeploymentSet"), "DeploymentSetName"),
        ),
    ],
)
def test_what_has_no_name_may_be_what_is_looked_for(
    bench: Bench, scenario: str, action: str, path: tuple[str, str], name: str
) -> None:
    """A search by name whose answer has no names has found neither something nor nothing."""
    bench.reset()
    forger = Forger.at(bench.sim)
    request = SCENARIOS[scenario](bench)
    bench.settle()
    before = ids(bench)
    forger.honest()

    def nameless(body: bytes) -> bytes:
        found = {"ImageId": "m-1", "DeploymentSetId": "ds-1", "Status": "Available"}
        return json.dumps({**json.loads(body), path[0]: {path[1]: [found]}}).encode()

    forger.forge("ecs", action, 1, nameless, 0)
    answer = judged(bench.cpi.call(request.method, *request.arguments))
    assert f"{name}: it must be a non-empty string" in answer.message
    assert ids(bench) == before


@pytest.mark.parametrize(
    ("method", "action", "member"),
    [
        ("delete_vm", "DescribeInstances", "InstanceId"),
        ("delete_disk", "DescribeDisks", "DiskId"),
        ("delete_snapshot", "DescribeSnapshots", "SnapshotId"),
    ],
)
def test_an_answer_about_another_resource_changes_none(
    bench: Bench, method: str, action: str, member: str
) -> None:
    """A filter that something in between dropped must not delete the first one of the account."""
    bench.reset()
    forger = Forger.at(bench.sim)
    request = SCENARIOS[method](bench)
    bench.settle()
    before = ids(bench)
    forger.honest()
    cid = request.arguments[0]
    other = cid[:-4] + "zzzz"
    forger.forge("ecs", action, 1, lambda body: body.replace(cid.encode(), other.encode()))
    answer = judged(bench.cpi.call(method, cid))
    assert "no usable" in answer.message
    assert member in answer.message
    assert ids(bench) == before
    changes = [c["action"] for c in bench.sim.calls() if c["action"].startswith("Delete")]
    assert changes == []


PREFIXES = ("NetworkInterfaceSets", "NetworkInterfaceSet", 0, "Ipv4PrefixSets", "Ipv4PrefixSet", 0)


@pytest.mark.parametrize("value", ["text", "many digits"])
@pytest.mark.parametrize(
    ("scenario", "service", "action", "path"),
    [
        (
            "create_vm, vSwitch lists",
            *("vpc", "DescribeVSwitches", ("VSwitches", "VSwitch", 0, "CidrBlock")),
        ),
        (
            "create_vm, prefixes",
            *("ecs", "DescribeNetworkInterfaces", (*PREFIXES, "Ipv4Prefix")),
        ),
    ],
)
def test_a_range_that_is_none_is_an_error(
    bench: Bench, scenario: str, service: str, action: str, path: Path, value: str
) -> None:
    """It names the member."""
    answer = run(bench, scenario, Case(service, action, 1, Forgery(path, value), 0))
    assert f"{path[-1]}: it must be an IPv4 address or range" in answer.message


@pytest.mark.parametrize("value", ["gone", "null", "number", "list", "surrogate", "many digits"])
def test_an_import_whose_task_has_no_id(bench: Bench, value: str) -> None:
    """The image is imported all the same: its task is looked up where it is needed."""
    case = Case("ecs", "ImportImage", 1, Forgery(("TaskId",), value), 0)
    assert run(bench, "create_stemcell, full", case).message == ""


def test_pages_without_an_end_are_an_error(bench: Bench) -> None:
    """The same NextToken for ever, and a new one for ever."""
    numbers = iter(range(10**9))

    def same(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "NextToken": "again"}).encode()

    def new(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "NextToken": f"t-{next(numbers)}"}).encode()

    for forge, most in ((same, 5), (new, 1100)):
        bench.reset()
        forger = Forger.at(bench.sim)
        request = SCENARIOS["get_disks"](bench)
        forger.honest()
        before = len(bench.sim.calls())
        forger.forge("ecs", "DescribeDisks", 1, forge)
        answer = judged(bench.cpi.call(request.method, *request.arguments))
        assert "NextToken" in answer.message
        assert len(bench.sim.calls()) - before < most
