"""Checks of what properties name by id or name: whether it exists in the account and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any

from alicloud_cpi.cloud_properties.schema import is_variable
from alicloud_cpi.context import CallContext
from alicloud_cpi.tools.cloud_config import CloudConfig, as_object, as_objects, as_texts
from alicloud_cpi.tools.findings import ERROR, NOTE, WARNING, Finding, guarded


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of resources.

    :param paths: the properties that name one
    :param default: the job's property that names one for all
    """

    title: str
    paths: tuple[str, ...]
    default: str = ""


# By the method of the inventory that looks for them, or as below.
_LISTED = {
    "security_groups": _Kind(
        "security group", ("security_group_ids", "security_group_id"), "default_security_groups"
    ),
    "key_pairs": _Kind("key pair", ("key_pair_name",), "default_key_name"),
    "snapshot_policies": _Kind("automatic snapshot policy", ("auto_snapshot_policy_id",)),
    "images": _Kind("image", ("stemcell_id",)),
    "deployment_sets": _Kind("deployment set", ("deployment_set_id",)),
    "dedicated_hosts": _Kind("dedicated host", ("dedicated_host_id",)),
    "vpcs": _Kind("VPC", ("vpc_id",)),
    "load_balancers": _Kind("classic load balancer", ("slbs",)),
    "vserver_groups": _Kind("vServer group", ("slb_server_group",)),
    "nlb_groups": _Kind(
        "NLB server group", ("nlb_server_groups.server_group_id", "nlb_server_group_ids")
    ),
    "alb_groups": _Kind("ALB server group", ("alb_server_groups.server_group_id",)),
}

# Those that a service of their own finds.
_FOUND_ONE_BY_ONE = {
    "images": attrgetter("images.find"),
    "deployment_sets": attrgetter("deployment_sets.find"),
    "dedicated_hosts": attrgetter("dedicated_hosts.find"),
    "vpcs": attrgetter("vswitches.vpc_ranges"),
}

# No request lists these with the permissions of the CPI: a dry run refuses one that is missing.
# By the words that the code of such a refusal has.
_KEYS = "KMS"
_GROUPS = "RESOURCEGROUP"
_COPIED = {
    _KEYS: _Kind(
        "KMS key",
        ("kms_key_id", "system_disk.kms_key_id", "ephemeral_disk.kms_key_id"),
        "kms_key_id",
    ),
    _GROUPS: _Kind("resource group", ("resource_group_id",), "resource_group_id"),
}
# Tried with each VM type, by the dry run of CreateInstance.
_OF_VMS = (
    _Kind("RAM role", ("ram_role_name",), "default_ram_role_name"),
    _Kind("private pool", ("private_pool.id",)),
)

_SECTIONS = ("azs", "vm_types", "vm_extensions", "resource_pools", "disk_types", "disk_pools")

Use = tuple[str, str]


class NamedChecks:
    """The checks of one document and of the job's defaults."""

    def __init__(self, ctx: CallContext, cloud: CloudConfig) -> None:
        self._config = ctx.config
        self._services = ctx.services
        self._region = ctx.config.region
        self._cloud = cloud

    def run(self) -> Iterator[Finding]:
        """Yield what is named and does not exist."""
        for method, kind in _LISTED.items():
            yield from guarded(kind.title, partial(self._check, method, kind))

    def try_copies(self, image_id: str) -> Iterator[Finding]:
        """Yield the KMS keys and resource groups with which the cloud would copy no image."""
        for word, kind in _COPIED.items():
            for name, uses in self._uses(kind).items():
                key, group = (name, "") if word == _KEYS else ("", name)
                error = self._services.inventory.copy_refusal(
                    self._region, image_id, kms_key_id=key, resource_group_id=group
                )
                if error is None:
                    continue
                level, problem = ERROR, f"{kind.title} '{name}' cannot be used: {error.message}"
                if word not in error.code.upper().replace(".", ""):
                    level = WARNING
                    problem = f"{kind.title} '{name}' could not be checked: {error.message}"
                for where, path in uses:
                    yield Finding(level, where, f"{path}: {problem}")

    def untried(self) -> Iterator[Finding]:
        """Yield what only a dry run with a stemcell can check."""
        for kind in (*_COPIED.values(), *_OF_VMS):
            for name, uses in self._uses(kind).items():
                for where, path in uses:
                    message = f"{path}: {kind.title} '{name}' is not checked: give --stemcell"
                    yield Finding(NOTE, where, message)

    def _check(self, method: str, kind: _Kind) -> Iterator[Finding]:
        uses = self._uses(kind)
        if not uses:
            return
        missing = sorted(set(uses) - self._existing(method, sorted(uses)))
        for name in missing:
            for where, path in uses[name]:
                problem = f"{kind.title} '{name}' not found in region {self._region}"
                yield Finding(ERROR, where, f"{path}: {problem}")

    def _existing(self, method: str, names: list[str]) -> set[str]:
        if method in _FOUND_ONE_BY_ONE:
            find = _FOUND_ONE_BY_ONE[method](self._services)
            return {name for name in names if find(self._region, name)}
        found: set[str] = getattr(self._services.inventory, method)(self._region, names)
        return found

    def _uses(self, kind: _Kind) -> dict[str, list[Use]]:
        """Return the names with the entries and properties that have them."""
        found: dict[str, list[Use]] = defaultdict(list)
        for where, properties in self._all_properties():
            for path in kind.paths:
                for name in _values(properties, path.split(".")):
                    found[name].append((where, f"cloud_properties.{path}"))
        if kind.default:
            for name in as_texts(getattr(self._config, kind.default)):
                if name:
                    found[name].append(("cpi.json", f"alicloud.{kind.default}"))
        return found

    def _all_properties(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the cloud_properties in the region of the configuration."""
        for section in _SECTIONS:
            for entry in self._cloud.section(section):
                if entry.properties.get("region") in (None, "", self._region):
                    yield entry.where, entry.properties
        for entry in self._cloud.section("networks"):
            yield entry.where, entry.properties
        for where, subnet in self._cloud.subnets():
            yield where, as_object(subnet.get("cloud_properties"))


def _values(value: Any, path: list[str]) -> list[str]:
    """Return the texts at a path: of an array, or of the objects of one."""
    if not path:
        return [text for text in as_texts(value) if text and not is_variable(text)]
    steps = [value] if isinstance(value, dict) else as_objects(value)
    return [text for step in steps for text in _values(step.get(path[0]), path[1:])]
