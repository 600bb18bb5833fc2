"""A probe per assumed rule of the simulator: what the cloud does, in a word or two.

Each returns what it observed, which test_probes.py compares with "assumed" in the simulator's
api/rules.json. A probe makes nothing that costs more than a small VM or disk, and takes it away.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, NamedTuple

from cloud import Refused

from live.bench import ACCEPTED, REFUSED, Bench, bucket_of, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Probe(NamedTuple):
    """What is done, and the LIVE_ variables that it cannot do without."""

    run: Callable[[Bench], str]
    needs: tuple[str, ...]


PROBES: dict[str, Probe] = {}


def probe(rule: str, *needs: str) -> Callable[[Callable[[Bench], str]], Callable[[Bench], str]]:
    """Register the probe of a rule."""

    def register(run: Callable[[Bench], str]) -> Callable[[Bench], str]:
        PROBES[rule] = Probe(run, needs)
        return run

    return register


# Instances


@probe("order-of-checks")
def _order_of_checks(bench: Bench) -> str:
    return bench.new_instance(InstanceType="ecs.none.large", ImageId="m-none").partition(".")[0]


@probe("spot-limit-missing")
def _spot_limit_missing(bench: Bench) -> str:
    return bench.new_instance(SpotStrategy="SpotWithPriceLimit")


@probe("address-without-vswitch")
def _address_without_vswitch(bench: Bench) -> str:
    return bench.new_instance(VSwitchId="", PrivateIpAddress="10.0.1.200")


@probe("attribute-without-change")
def _attribute_without_change(bench: Bench) -> str:
    return bench.outcome("ModifyInstanceAttribute", {"InstanceId": bench.vm})


@probe("metadata-options-running")
def _metadata_options_running(bench: Bench) -> str:
    options = {"InstanceId": bench.vm, "HttpEndpoint": "enabled", "HttpTokens": "optional"}
    return bench.outcome("ModifyInstanceMetadataOptions", options)


@probe("types-listed")
def _types_listed(bench: Bench) -> str:
    answer = bench.send("DescribeInstanceTypes", {})
    return "a page" if answer.get("NextToken") else "all"


# Disks and snapshots


@probe("attach-disk-in-use")
def _attach_disk_in_use(bench: Bench) -> str:
    return _attached_twice(bench, wait=True)


@probe("attach-disk-attaching")
def _attach_disk_attaching(bench: Bench) -> str:
    return _attached_twice(bench, wait=False)


def _attached_twice(bench: Bench, *, wait: bool) -> str:
    disk = bench.story.disk(bench.vm)
    attachment = {"InstanceId": bench.vm, "DiskId": disk}
    bench.send("AttachDisk", attachment)
    if wait:
        bench.disk_becomes(disk, "In_use")
    observed = bench.outcome("AttachDisk", attachment)
    bench.disk_becomes(disk, "In_use")
    bench.story.cpi.ok("detach_disk", bench.vm, disk)
    bench.story.remove(disk)
    return observed


@probe("resize-twice")
def _resize_twice(bench: Bench) -> str:
    disk = bench.story.disk()
    bench.send("ResizeDisk", {"DiskId": disk, "NewSize": "40"})
    observed = bench.outcome("ResizeDisk", {"DiskId": disk, "NewSize": "60"})
    bench.disk_becomes(disk, "Available")
    bench.story.remove(disk)
    return observed


@probe("delete-snapshot-twice")
def _delete_snapshot_twice(bench: Bench) -> str:
    (system,) = bench.api.rows("DescribeDisks", InstanceId=bench.vm, DiskType="system")
    snapshot = bench.send("CreateSnapshot", {"DiskId": system["DiskId"]})["SnapshotId"]
    return ", ".join(bench.outcome("DeleteSnapshot", {"SnapshotId": snapshot}) for _ in range(2))


# Images


@probe("copy-image-region")
def _copy_image_region(bench: Bench) -> str:
    name = f"{bench.live.run_id}-probe"
    try:
        copy = bench.send("CopyImage", {"ImageId": bench.image_id, "DestinationImageName": name})
    except Refused as refusal:
        return refusal.code
    bench.outcome("CancelCopyImage", {"ImageId": copy["ImageId"]})
    return ACCEPTED


@probe("create-image-both-ids")
def _create_image_both_ids(bench: Bench) -> str:
    return bench.outcome("CreateImage", {"SnapshotId": "s-none", "InstanceId": "i-none"})


@probe("create-image-no-id")
def _create_image_no_id(bench: Bench) -> str:
    return bench.outcome("CreateImage", {"ImageName": f"{bench.live.run_id}-probe"})


@probe("images-unknown-status")
def _images_unknown_status(bench: Bench) -> str:
    return bench.outcome("DescribeImages", {"Status": "Nonsense"})


@probe("tasks-unknown-status")
def _tasks_unknown_status(bench: Bench) -> str:
    answer = bench.send("DescribeTasks", {"TaskStatus": "Nonsense"})
    return f"{len(answer['TaskSet']['Task'])} tasks"


# Tags and interfaces


@probe("untag-keys-and-all")
def _untag_keys_and_all(bench: Bench) -> str:
    resource = {"ResourceType": "instance", "ResourceId.1": bench.vm}
    return bench.outcome("UntagResources", {**resource, "TagKey.1": "none", "All": "true"})


@probe("untag-nothing")
def _untag_nothing(bench: Bench) -> str:
    resource = {"ResourceType": "instance", "ResourceId.1": bench.vm}
    return bench.outcome("UntagResources", resource)


@probe("remove-no-tags")
def _remove_no_tags(bench: Bench) -> str:
    return bench.outcome("RemoveTags", {"ResourceType": "instance", "ResourceId": bench.vm})


@probe("interfaces-by-address")
def _interfaces_by_address(bench: Bench) -> str:
    observed = bench.outcome("DescribeNetworkInterfaces", {"PrivateIpAddress.1": "10.0.1.200"})
    return observed if observed == ACCEPTED else REFUSED


# Addresses and load balancers


@probe("eip-unbind-free", "test_eip")
def _eip_unbind_free(bench: Bench) -> str:
    asked = {"EipAddress": bench.live["test_eip"]}
    (eip,) = bench.send("DescribeEipAddresses", asked, "vpc")["EipAddresses"]["EipAddress"]
    parameters = {"AllocationId": eip["AllocationId"], "InstanceId": bench.vm}
    return bench.outcome("UnassociateEipAddress", parameters, "vpc")


@probe("clb-add-twice", "slb_id")
def _clb_add_twice(bench: Bench) -> str:
    servers = json.dumps([{"ServerId": bench.vm, "Weight": "100"}])
    group = {"LoadBalancerId": bench.live["slb_id"], "BackendServers": servers}
    bench.send("AddBackendServers", group, "slb")
    observed = bench.outcome("AddBackendServers", group, "slb")
    bench.until_accepted("RemoveBackendServers", group, "slb")
    return observed if observed == ACCEPTED else REFUSED


@probe("clb-modify-one-list", "slb_server_group_id")
def _clb_modify_one_list(bench: Bench) -> str:
    servers = json.dumps([{"ServerId": bench.vm, "Port": "9001"}])
    group = {"VServerGroupId": bench.live["slb_server_group_id"], "OldBackendServers": servers}
    return bench.outcome("ModifyVServerGroupBackendServers", group, "slb").partition(".")[0]


@probe("nlb-second-change", "nlb_server_group_id")
def _nlb_second_change(bench: Bench) -> str:
    group = {"ServerGroupId": bench.live["nlb_server_group_id"]}

    def servers(port: str) -> dict[str, str]:
        server = {"ServerId": bench.vm, "ServerType": "Ecs", "Port": port}
        return {**group, **{f"Servers.1.{name}": value for name, value in server.items()}}

    bench.send("AddServersToServerGroup", servers("9001"), "nlb")
    observed = bench.outcome("AddServersToServerGroup", servers("9002"), "nlb")
    bench.until_accepted("RemoveServersFromServerGroup", servers("9001"), "nlb")
    return observed


# OSS


@probe("oss-error-number")
def _oss_error_number(bench: Bench) -> str:
    with bucket_of(bench.live) as bucket:
        bucket.delete_bucket()
        refusal = refusal_of(bucket.list_objects)
    return f"{refusal.status} {refusal.code} {refusal.details.get('EC')}"


@probe("oss-put-bucket-again")
def _oss_put_bucket_again(bench: Bench) -> str:
    with bucket_of(bench.live) as bucket:
        refusal = refusal_of(bucket.create_bucket)
    return refusal.code if refusal else ACCEPTED


@probe("oss-bucket-with-upload")
def _oss_bucket_with_upload(bench: Bench) -> str:
    with bucket_of(bench.live) as bucket:
        bucket.init_multipart_upload("probe")
        refusal = refusal_of(bucket.delete_bucket)
    return refusal.code if refusal else ACCEPTED


@probe("oss-range-standard")
def _oss_range_standard(bench: Bench) -> str:
    with bucket_of(bench.live) as bucket:
        bucket.put_object("probe", b"0123456789")
        headers = {"x-oss-range-behavior": "standard"}
        refusal = refusal_of(
            lambda: bucket.get_object("probe", byte_range=(20, 30), headers=headers)
        )
    return f"{refusal.status} {refusal.code}" if refusal else ACCEPTED


@probe("oss-multipart-etag")
def _oss_multipart_etag(bench: Bench) -> str:
    part_info = importlib.import_module("oss2.models").PartInfo
    with bucket_of(bench.live) as bucket:
        upload_id = bucket.init_multipart_upload("probe").upload_id
        part = bucket.upload_part("probe", upload_id, 1, b"0123456789")
        made = bucket.complete_multipart_upload("probe", upload_id, [part_info(1, part.etag)])
    return f"ends with {made.etag[-2:]}"
