"""The changes that the credentials may make, by feature: for ``doctor``.

docs/ram-policies.md has the same actions by the same features.
"""

from __future__ import annotations

from dataclasses import dataclass

from alicloud_cpi.context import CallContext
from alicloud_cpi.services.permissions import TESTABLE


@dataclass(frozen=True, slots=True)
class Feature:
    """Actions that one feature needs; not every installation uses an optional one."""

    name: str
    actions: tuple[str, ...]
    is_optional: bool = True

    @property
    def tested(self) -> list[str]:
        """The actions that take a dry run."""
        return [action for action in self.actions if action in TESTABLE]

    @property
    def untested(self) -> list[str]:
        """The other actions."""
        return [action for action in self.actions if action not in TESTABLE]


def _of(product: str, names: str) -> tuple[str, ...]:
    return tuple(f"{product}:{name}" for name in names.split())


FEATURES = (
    Feature(
        "VMs",
        (
            *_of("ecs", "CreateInstance StartInstance StopInstance RebootInstance DeleteInstance"),
            *_of("ecs", "ModifyInstanceAttribute DeleteNetworkInterface TagResources"),
            "ecs:UntagResources",
        ),
        is_optional=False,
    ),
    Feature(
        "disks",
        (
            *_of("ecs", "ModifyDiskSpec CreateDisk AttachDisk DetachDisk ResizeDisk DeleteDisk"),
            "ecs:ModifyDiskAttribute",
        ),
        is_optional=False,
    ),
    Feature("snapshots", _of("ecs", "CreateSnapshot DeleteSnapshot"), is_optional=False),
    Feature("images", _of("ecs", "DeleteImage"), is_optional=False),
    Feature("full stemcells", _of("ecs", "ImportImage CancelTask")),
    Feature("copied stemcells", _of("ecs", "CopyImage ModifyImageAttribute CancelCopyImage")),
    Feature("RAM roles", _of("ram", "PassRole")),
    Feature("automatic snapshots", _of("ecs", "ApplyAutoSnapshotPolicy")),
    Feature("elastic IP addresses", _of("vpc", "AssociateEipAddress UnassociateEipAddress")),
    Feature("placement", _of("ecs", "CreateDeploymentSet")),
    Feature(
        "several networks",
        (
            *_of("ecs", "CreateNetworkInterface AttachNetworkInterface AssignIpv6Addresses"),
            "ecs:AssignPrivateIpAddresses",
        ),
    ),
    Feature(
        "managed networks",
        (
            *_of("vpc", "DeleteVSwitch CreateVSwitch"),
            *_of("ecs", "CreateSecurityGroup DeleteSecurityGroup"),
        ),
    ),
    Feature("CLB", _of("slb", "AddBackendServers AddVServerGroupBackendServers")),
    Feature("NLB", _of("nlb", "AddServersToServerGroup RemoveServersFromServerGroup")),
    Feature("ALB", _of("alb", "AddServersToServerGroup RemoveServersFromServerGroup")),
)


def denied(ctx: CallContext, feature: Feature) -> list[str]:
    """Return the actions of a feature that take a dry run and that the credentials do not allow.

    :raises ApiError: the cloud could not be reached
    """
    may, region = ctx.services.permissions.may, ctx.config.region
    return [action for action in feature.tested if not may(region, action)]
