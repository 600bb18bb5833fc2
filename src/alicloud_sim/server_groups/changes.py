"""Changes of a group: one job at a time, which GetJobStatus or ListAsynJobs follows.

While a job is under way every other change of the group is refused by itself: with
Conflict.Lock (ALB ResourceInConfiguring) for the first "<product>.lock" seconds, then with
IncorrectStatus.serverGroup (ALB IncorrectStatus.ServerGroup) until the job is done, after
"<product>.change". Which code comes when is not in the reference; it has both.

The world's setting "<product>.job_fails" (true, or names or ids of groups) lets jobs end
Failed: added servers are gone again, removed and changed ones are as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alicloud_sim.settings import picks

from . import entries, members

if TYPE_CHECKING:
    from collections.abc import Callable

    from alicloud_sim.context import Ctx
    from alicloud_sim.params import Params

    from .entries import Entry
    from .records import Family, Server, ServerGroup

NOT_FOUND = ("ResourceNotFound.serverGroup", "ResourceNotFound.ServerGroup")


def add(ctx: Ctx, p: Params, family: Family[Any, Any, Any]) -> str:
    """Put servers into a group: Adding, then Available. Gives the job's id."""
    group = _need(ctx, p, family)
    made = members.make(ctx, family, group, entries.read(ctx, p, group))
    ctx.dry_run(p.flag("DryRun"))
    for server in made:
        ctx.add(server)

    def undo() -> None:
        for server in made:
            ctx.world.remove(server)

    return _begin(ctx, family, group, "Create", (made, "Adding"), lambda: None, undo)


def remove(ctx: Ctx, p: Params, family: Family[Any, Any, Any]) -> str:
    """Take servers out of a group: Removing, then gone; an absent one is refused."""
    group = _need(ctx, p, family)
    leaving = [server for server, _ in _named(ctx, p, family, group)]
    ctx.dry_run(p.flag("DryRun"))

    def done() -> None:
        for server in leaving:
            ctx.world.remove(server)

    return _begin(ctx, family, group, "Delete", (leaving, "Removing"), done, lambda: None)


def update(ctx: Ctx, p: Params, family: Family[Any, Any, Any]) -> str:
    """Change weights and descriptions: Configuring, then Available with the new ones."""
    group = _need(ctx, p, family)
    pairs = _named(ctx, p, family, group)
    ctx.dry_run(p.flag("DryRun"))

    def done() -> None:
        for server, entry in pairs:
            server.weight = server.weight if entry.weight is None else entry.weight
            server.description = entry.description or server.description

    servers = [server for server, _ in pairs]
    return _begin(ctx, family, group, "Update", (servers, "Configuring"), done, lambda: None)


def _need(ctx: Ctx, p: Params, family: Family[Any, Any, Any]) -> ServerGroup:
    """Find the group of a call, free to be changed."""
    group: ServerGroup = ctx.need(family.group, p.text("ServerGroupId"), *NOT_FOUND)
    if group.status == "Available":
        return group
    if ctx.now < group.locked_until:
        raise ctx.error(
            *("Conflict.Lock", "ResourceInConfiguring"),
            message=f"The Lock [{group.id}] is conflict.",
        )
    raise ctx.error(
        *("IncorrectStatus.serverGroup", "IncorrectStatus.ServerGroup"),
        message=f"The status of servergroup [{group.id}] is incorrect.",
    )


def _named(
    ctx: Ctx, p: Params, family: Family[Any, Any, Any], group: ServerGroup
) -> list[tuple[Server, Entry]]:
    """Find the servers that the entries of a call mean.

    :raises ApiError: one is not in the group
    """
    present: list[Server] = family.members(ctx.world, group.id)
    pairs = []
    for entry in entries.read(ctx, p, group):
        for server in present:
            same = (server.server_id, server.server_type, server.port) == (
                entry.server_id,
                entry.server_type,
                entry.port,
            )
            if same and entry.ip in ("", server.ip):
                pairs.append((server, entry))
                break
        else:
            raise ctx.error(
                "ResourceNotFound.BackendServer",
                message="The specified resource of BackendServer is not found.",
            )
    return pairs


def _begin(
    ctx: Ctx,
    family: Family[Any, Any, Any],
    group: ServerGroup,
    operation: str,
    changing: tuple[list[Server], str],
    done: Callable[[], None],
    undo: Callable[[], None],
) -> str:
    """Begin a job; `changing` are the servers concerned and their status meanwhile."""
    world, (servers, status) = ctx.world, changing
    job = family.job(
        id=family.new_job_id(world),
        account=ctx.account,
        region=ctx.region,
        group_id=group.id,
        api=ctx.spec.name,
        operation=operation,
    )
    ctx.add(job)
    for server in servers:
        server.status = status
    fails = picks(world, f"{family.name}.job_fails", group.id, group.name)

    def finish() -> None:
        for server in servers:
            server.status = "Available"
        (undo if fails else done)()
        group.status = "Available"
        job.status, job.ended = ("Failed" if fails else "Succeeded"), world.clock.now()

    group.locked_until = ctx.now + world.pace.seconds(f"{family.name}.lock")
    ctx.begin(f"{family.name}.change", group, "Configuring", finish, job, *servers)
    return str(job.id)
