"""Which methods exist, and what arguments each takes.

The one place that answers NotImplemented. An action is imported by its name when it is called, so
that a call loads nothing that another method needs.
"""

from __future__ import annotations

from alicloud_cpi.errors import CpiError, MethodNotImplemented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class Argument:
    """One positional argument: its name in messages and the JSON kinds it may have."""

    def __init__(
        self, name: str, kinds: tuple[type, ...], expected: str, *, optional: bool = False
    ) -> None:
        self.name = name
        self.kinds = kinds
        self.expected = expected
        self.optional = optional


def _cid(name: str) -> Argument:
    return Argument(name, (str,), "a non-empty string")


def _hash(name: str, *, optional: bool = False, null: bool = False) -> Argument:
    kinds = (dict, type(None)) if null else (dict,)
    return Argument(name, kinds, "an object or null" if null else "an object", optional=optional)


_SIZE = Argument("size", (int,), "a positive integer, the size in MiB")
_VM_CID = _cid("vm_cid")
_DISK_CID = _cid("disk_cid")
_PROPERTIES = _hash("cloud_properties", null=True)

METHODS: dict[str, tuple[Argument, ...]] = {
    "info": (),
    "create_stemcell": (
        Argument("image_path", (str,), "a string"),
        _PROPERTIES,
        _hash("env", optional=True, null=True),
    ),
    "delete_stemcell": (_cid("stemcell_cid"),),
    "create_vm": (
        _cid("agent_id"),
        _cid("stemcell_cid"),
        _hash("cloud_properties"),
        _hash("networks"),
        Argument("disk_cids", (list, type(None)), "an array or null", optional=True),
        _hash("env", optional=True, null=True),
    ),
    "delete_vm": (_VM_CID,),
    "has_vm": (_VM_CID,),
    "reboot_vm": (_VM_CID,),
    "set_vm_metadata": (_VM_CID, _hash("metadata")),
    "get_disks": (_VM_CID,),
    "calculate_vm_cloud_properties": (_hash("desired_instance_size"),),
    "create_disk": (
        _SIZE,
        _PROPERTIES,
        Argument("vm_cid", (str, type(None)), "a string or null", optional=True),
    ),
    "has_disk": (_DISK_CID,),
    "attach_disk": (_VM_CID, _DISK_CID),
    "detach_disk": (_VM_CID, _DISK_CID),
    "delete_disk": (_DISK_CID,),
    "resize_disk": (_DISK_CID, _SIZE),
    "update_disk": (_DISK_CID, _SIZE, _PROPERTIES),
    "set_disk_metadata": (_DISK_CID, _hash("metadata")),
    "snapshot_disk": (_DISK_CID, _hash("metadata", optional=True, null=True)),
    "delete_snapshot": (_cid("snapshot_cid"),),
}


def find(method: str, arguments: Sequence[Any]) -> Callable[..., Any]:
    """Return the action of a method, once its arguments are known to fit.

    :raises MethodNotImplemented: no such method
    :raises CpiError: too few or too many arguments, or one of the wrong type, which is named
    """
    expected = METHODS.get(method)
    if expected is None:
        raise MethodNotImplemented(f"The CPI does not implement the method '{method[:64]}'")
    _check(method, arguments, expected)
    action: Callable[..., Any] = __import__(f"alicloud_cpi.actions.{method}", fromlist=["run"]).run
    return action


def _check(method: str, arguments: Sequence[Any], expected: tuple[Argument, ...]) -> None:
    least = sum(not argument.optional for argument in expected)
    most = len(expected)
    if not least <= len(arguments) <= most:
        wanted = str(most) if least == most else f"{least} to {most}"
        names = ", ".join(argument.name for argument in expected)
        raise CpiError(
            f"{method} takes {wanted} arguments ({names}), got {len(arguments)}"
            if expected
            else f"{method} takes no arguments, got {len(arguments)}"
        )
    for position, (value, argument) in enumerate(zip(arguments, expected, strict=False), start=1):
        if not _fits(value, argument):
            raise CpiError(
                f"{method}: argument {position}, {argument.name}, must be {argument.expected}"
            )


def _fits(value: Any, argument: Argument) -> bool:
    if isinstance(value, bool) or not isinstance(value, argument.kinds):
        return False
    if isinstance(value, int):
        return value > 0
    return not argument.expected.startswith("a non-empty") or bool(value.strip())
