'''A simulator of Alibaba Cloud: the same requests, refusals and waits, on a loopback port.

It knows nothing of its clients. How to add an action, in a module of a resource such as
ecs/snapshots.py, which the package's __init__ (ecs/__init__.py) imports:

    @dataclass
    class Snapshot(Record):                       # records.py: id, account, region, created,
        kind: ClassVar[str] = "snapshot"          # status and tags are there already
        prefix: ClassVar[str] = "s"               # of its ids
        disk_id: str = ""

    @ecs.action("CreateSnapshot", params="DiskId SnapshotName Tag DryRun")
    def create_snapshot(ctx: Ctx, p: Params) -> dict[str, Any]:
        """..."""
        names.check_name(ctx, p.text("SnapshotName"), "InvalidSnapshotName.Malformed")
        disk = ctx.need(Disk, p.text("DiskId"), "InvalidDiskId.NotFound")
        if disk.status not in ("In_use", "Available"):
            raise ctx.error("IncorrectDiskStatus", message="...")
        ctx.dry_run(p.flag("DryRun"))
        snapshot = Snapshot(id=ctx.new_id(Snapshot), account=ctx.account, region=ctx.region,
                            disk_id=disk.id, tags=tags.read(ctx, p.items("Tag")))
        ctx.begin("snapshot.create", ctx.add(snapshot), "progressing", "accomplished")
        return {"SnapshotId": snapshot.id}

Parameters. `params` names what the handler reads; "DataDisk.Size" opens one field of a list
or object, "DataDisk" all. Names the API has but params lacks are refused with 501, names the
API lacks with 400, before any effect. Required, types, enums, limits: checked beforehand from
api/actions.json. p.text integer number flag texts items fields ids json_list given; absent
is "" or None or the default. ClientToken is the framework's: declare nothing.

Refusals. ApiError("Code", "text") or ctx.error("Code", "OtherSpelling", message=...): the
first one that api/errors.json has for the action, then for its product (products), then for
all (gateway). A code that none of them has is a bug (500
SimulatorBug, Simulator.bugs), and so is a field that the real answer does not have.

Records. ctx.find/need/records give the real ones, to change; ctx.visible/view what readers
see (read lag, listing delay), to show. page(ctx, p, rows) cuts pages and notes what was
seen; ctx.view(kind, id) does for one. ctx.world.get/all cross accounts and regions.

Time. ctx.begin(key, record, status, then): `then` is a status or a function that may begin
the next change. ctx.world.later(key, record, function, *watched) leaves the status alone.
Add the key to the three tables' source in pace.py. ctx.world.jobs.of((kind, id)) tells what
is under way, .cancel(...) drops it. ctx.world.remove(record) releases; world.on_removed(kind,
function) is told of it.

New products: registry.rpc_service("Slb") in slb/service.py, imported below; services that
are no RPC (OSS, metadata): an HttpService appended to registry.HTTP_SERVICES.
'''

from . import alb, ecs, location, metadata, nlb, oss, ram, slb, sts, vpc
from .simulator import Simulator

__all__ = [
    "Simulator",
    "alb",
    "ecs",
    "location",
    "metadata",
    "nlb",
    "oss",
    "ram",
    "slb",
    "sts",
    "vpc",
]
