"""Robustness and speed: defects 39 to 49 of the Go CPI v61, one test for each.

A test's number is the defect's in the list of them, its docstring the rule that holds here. The
others are in test_go_v61_defects_data_loss, _contract and _configuration.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from alicloud_sim.vpc.eip_record import Eip, freeing
from support import stemcells
from support.connections import Connections
from support.cpi import run
from support.storage import refused
from support.world import REGION

if TYPE_CHECKING:
    from pathlib import Path

    from alicloud_sim import Simulator
    from support.director import Director
    from support.storage import Storage
    from support.vms import Vms
    from support.world import Names

FORBIDDEN = {"kind": "error", "code": "Forbidden.RAM", "status": 403}
THROTTLED = {"kind": "error", "code": "Throttling.User", "status": 400}


def test_39_throttling_is_outwaited(director: Director, vms: Vms, sim: Simulator) -> None:
    """A throttled request is repeated, and a throttled look does not end a wait or cost a VM."""
    sim.add_fault(action="CreateInstance", **THROTTLED)
    sim.add_fault(action="DescribeInstances", nth=2, count=2, **THROTTLED)
    cid = director.vm()
    assert vms.vm(cid).status == "Running"
    assert len(sim.calls("CreateInstance")) == 2
    assert sim.calls("DeleteInstance") == []


def test_40_codes_decide_on_repeats_and_the_token_stays(
    director: Director, storage: Storage, sim: Simulator, names: Names
) -> None:
    """A message's words never count; pauses are short; a repeat is the same request."""
    vm, disk_cid = storage.vm(), storage.disk()
    words = "OperationConflict: Throttling, the system is busy, try again"
    final = {"code": "InvalidParameter", "message": words, "status": 400}
    sim.add_fault(kind="error", action="AttachDisk", **final)
    refused(director.call("attach_disk", vm, disk_cid), "CloudError", "InvalidParameter")
    sim.add_fault(kind="error", action="AttachDisk", code="OperationConflict", status=403, count=3)
    director.ok("attach_disk", vm, disk_cid)
    first, *_, last = (call["time"] for call in sim.calls("AttachDisk")[1:])
    assert (len(sim.calls("AttachDisk")), last - first < 6) == (5, True)
    sim.add_fault(kind="lost", action="CreateInstance")
    cid = director.vm(networks=names.networks(ip=None))
    assert len({call["params"]["ClientToken"] for call in sim.calls("CreateInstance")}) == 1
    assert list(sim.state()["records"]["instance"]) == [vm, cid]


def test_41_vms_queue_up_for_a_load_balancer(
    director: Director, vms: Vms, sim: Simulator, names: Names
) -> None:
    """A load balancer that is being changed by another VM's call is waited for."""
    sim.set_pace(slb__change=0.5)
    there = Connections(sim)

    def make(number: int) -> str:
        return director.vm(
            agent=f"agent-{number}",
            networks=names.networks(ip=f"10.0.1.{20 + number}"),
            slbs=[there.balancer],
            slb_server_group=[there.vserver_group],
        )

    with ThreadPoolExecutor(2) as pool:
        cids = sorted(pool.map(make, range(2)))
    assert sorted(cid for cid, _ in there.backends()) == cids
    assert sorted(cid for cid, _, _ in there.vserver_members()) == cids
    assert any(call.get("code") for call in sim.calls() if call["service"] == "slb")
    assert sorted(sim.state()["records"]["instance"]) == cids
    assert vms.vm(cids[0]).status == "Running"


def test_42_an_address_that_is_being_unbound_is_waited_for(
    director: Director, sim: Simulator, names: Names
) -> None:
    """A VM gets the elastic IP address that its predecessor has not quite let go of."""
    there = Connections(sim)
    (eip,) = [found for found in sim.world.all(Eip) if found.ip_address == there.ip]
    sim.set_pace(eip__unassociate=4)
    with sim.world.lock:
        eip.status, eip.instance_id = "Unassociating", "i-predecessor"
        sim.world.later("eip.unassociate", eip, freeing(eip))
    vip = {"type": "vip", "ip": there.ip}
    cid = director.vm(networks={**names.networks(), "public": vip})
    assert there.eip() == ("InUse", cid)


def test_43_the_ephemeral_disk_may_show_late(director: Director, vms: Vms, sim: Simulator) -> None:
    """A disk that lists do not show yet is waited for, and the agent is told where it is."""
    sim.set_pace(disk__listed=2.5)
    cid = director.vm(ephemeral_disk={"size": 20480})
    assert len(sim.calls("DescribeDisks")) > 1
    path = vms.settings(cid)["disks"]["ephemeral"]
    assert path.endswith(vms.data_disk(cid).serial_number)


def test_44_a_failed_import_ends_with_the_next_look(
    director: Director, storage: Storage, sim: Simulator
) -> None:
    """An image that could not be imported is seen as such at once, with the reason, and goes."""
    content = {"id": "images/raw", "bucket": "images", "key": "raw", "size": stemcells.MIB}
    sim.seed({"oss_bucket": [{"id": "images"}], "oss_object": [content]})
    storage.set(image__import_fails=True)
    properties = stemcells.properties(oss_bucket="images", oss_object="raw")
    answer = director.call("create_stemcell", "", properties)
    refused(answer, "CloudError", "CreateFailed", "ImportImageFailed")
    assert storage.own_images() == []
    assert sorted(sim.state()["records"]["oss_object"]) == ["images/raw"]


def test_45_paths_may_have_spaces(director: Director, tmp_path: Path) -> None:
    """The configuration is found wherever create-env is at home.

    The rest of this defect, a package that is of no one platform, is for tests/release.
    """
    path = tmp_path / "my installation" / "a job" / "cpi.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(director.cpi.path.read_bytes())
    text = director.cpi.request("has_disk", ["d-1"])
    for options in (["--config", str(path)], [f"-configFile={path}"]):
        assert run(options, text).result is False


def test_46_waits_and_clean_ups_end_in_time(
    director: Director, vms: Vms, storage: Storage, sim: Simulator
) -> None:
    """A clean-up asks once and then waits; a wait's limit is real time, however slow the API."""
    sim.set_pace(instance__delete=1)
    sim.add_fault(action="StartInstance", **FORBIDDEN)
    refused(director.create(), "VMCreationFailed", "Cleaned up")
    assert (len(sim.calls("DeleteInstance")), vms.left()) == (1, {})
    sim.add_fault(kind="delay", action="DescribeDisks", seconds=1, count=0)
    refused(director.call("attach_disk", storage.vm(), "d-gone"), "DiskNotFound")
    assert len(sim.calls("DescribeDisks")) <= 6


def test_47_only_the_configured_regions_are_searched(director: Director, sim: Simulator) -> None:
    """What is missing is looked for at home and in cross_regions, with no right to list regions."""
    sim.change_key(director.cpi.properties["access_key_id"], denied=["DescribeRegions"])
    assert director.ok("has_disk", "d-gone") is False
    assert _asked(sim) == [("DescribeDisks", REGION)]
    director.cpi.configure(cross_regions=["cn-hangzhou"])
    assert director.ok("has_vm", "i-gone") is False
    there = [("DescribeInstances", REGION), ("DescribeInstances", "cn-hangzhou")]
    assert _asked(sim)[1:] == there


def _asked(sim: Simulator) -> list[tuple[str, str]]:
    return [(call["action"], call["params"]["RegionId"]) for call in sim.calls()]


def test_48_a_vm_takes_few_requests_over_one_connection(
    director: Director, vms: Vms, sim: Simulator, names: Names
) -> None:
    """All requests of a call share a connection; all security groups are joined in one request."""
    cid = director.vm(security_group_ids=names.groups)
    assert sorted(vms.vm(cid).security_group_ids) == sorted(names.groups)
    assert len({call["client_port"] for call in sim.calls()}) == 1
    assert len(sim.calls()) <= 9


def test_49_an_upload_is_parallel_and_leaves_nothing(
    director: Director, storage: Storage, sim: Simulator, tmp_path: Path
) -> None:
    """Parts are sent side by side, each repeated alone, and bucket and parts go in every case."""
    path = stemcells.tarball(tmp_path, stemcells.image(12 * stemcells.MIB))
    arguments = [path, stemcells.properties()]
    sim.add_fault(kind="status", action="UploadPart", status=503)
    sim.add_fault(kind="delay", action="UploadPart", seconds=0.5, count=0)
    cid = director.ok("create_stemcell", *arguments)
    assert [image.id for image in storage.own_images()] == [cid]
    assert _most_at_once(sim.calls("UploadPart")) > 2
    sim.add_fault(service="oss", action="UploadPart", **{**FORBIDDEN, "code": "AccessDenied"})
    refused(director.call("create_stemcell", *arguments), "CloudError", "AccessDenied")
    assert len(sim.calls("AbortMultipartUpload")) == 1
    records = sim.state()["records"]
    assert [records.get(kind) for kind in ("oss_bucket", "oss_object", "oss_upload")] == [
        {},
        {},
        {},
    ]


def _most_at_once(calls: list[dict[str, Any]]) -> int:
    """Count the calls that were under way at the same time."""
    spans = [(call["time"], call["time"] + call["duration"]) for call in calls]
    under_way: list[int] = [
        sum(start <= moment < end for start, end in spans) for moment, _ in spans
    ]
    return max(under_way)
