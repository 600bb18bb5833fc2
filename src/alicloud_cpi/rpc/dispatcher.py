"""Runs one call: the method table, the action, and the response to whatever happens.

The only place that answers NotImplemented, and the only one that catches every exception. An
action is imported when its method is called, so that ``info``, which runs before every other call,
loads no SDK and no logging.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from alicloud_cpi import signals
from alicloud_cpi.context import CallContext
from alicloud_cpi.errors import (
    CloudError,
    CpiError,
    CpiFailure,
    Interrupted,
    MethodNotImplemented,
)
from alicloud_cpi.redaction import MAX_SECRETS, Secrets, size_of_secrets
from alicloud_cpi.rpc import protocol
from alicloud_cpi.rpc.limits import TIME_LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from alicloud_cpi.clock import Clock

# Ids of Alibaba Cloud have 20 to 60 characters; names of BOSH networks and agents are short, too.
_MAX_ID = 1024
_MAX_SHOWN = 64

# What the ids of the cloud's resources begin with.
_KINDS = {"i-": "VM", "d-": "disk", "s-": "snapshot", "m-": "stemcell"}


class Argument(NamedTuple):
    """One positional argument: its name in messages and the JSON types that it may have."""

    name: str
    types: tuple[type, ...]
    expected: str
    optional: bool = False
    is_id: bool = False
    # For a cid: the kind of its resource, a value of ``_KINDS``.
    kind: str = ""

    def accepts(self, value: Any) -> bool:
        """Whether the value has one of the types; sizes must be positive, ids not empty."""
        if isinstance(value, bool) or not isinstance(value, self.types):
            return False
        if isinstance(value, int):
            return value > 0
        return not self.is_id or (bool(value.strip()) and len(value) <= _MAX_ID)

    def other_kind(self, value: Any) -> str:
        """Return the kind of a cid that is one of another kind; else an empty string."""
        kind = _KINDS.get(value[:2], "") if self.kind and isinstance(value, str) else ""
        return kind if kind != self.kind else ""


def _id(name: str, kind: str = "") -> Argument:
    expected = f"a non-empty string of at most {_MAX_ID} characters"
    return Argument(name, (str,), expected, is_id=True, kind=kind)


def _hash(name: str, *, optional: bool = False, nullable: bool = False) -> Argument:
    types = (dict, type(None)) if nullable else (dict,)
    expected = "an object or null" if nullable else "an object"
    return Argument(name, types, expected, optional)


_VM_CID = _id("vm_cid", "VM")
_DISK_CID = _id("disk_cid", "disk")
_STEMCELL_CID = _id("stemcell_cid", "stemcell")
_SIZE = Argument("size", (int,), "a positive integer, the size in MiB")
_PROPERTIES = _hash("cloud_properties", nullable=True)

METHODS: dict[str, tuple[Argument, ...]] = {
    "info": (),
    "create_stemcell": (
        # Empty for a light stemcell, which does not use it.
        Argument("image_path", (str,), "a string"),
        _PROPERTIES,
        _hash("env", optional=True, nullable=True),
    ),
    "delete_stemcell": (_STEMCELL_CID,),
    "create_vm": (
        _id("agent_id"),
        _STEMCELL_CID,
        _hash("cloud_properties"),
        _hash("networks"),
        Argument("disk_cids", (list, type(None)), "an array or null", optional=True),
        _hash("env", optional=True, nullable=True),
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
        Argument("vm_cid", (str, type(None)), "a string or null", optional=True, kind="VM"),
    ),
    "has_disk": (_DISK_CID,),
    "attach_disk": (_VM_CID, _DISK_CID),
    "detach_disk": (_VM_CID, _DISK_CID),
    "delete_disk": (_DISK_CID,),
    "resize_disk": (_DISK_CID, _SIZE),
    "update_disk": (_DISK_CID, _SIZE, _PROPERTIES),
    "set_disk_metadata": (_DISK_CID, _hash("metadata")),
    "snapshot_disk": (_DISK_CID, _hash("metadata", optional=True, nullable=True)),
    "delete_snapshot": (_id("snapshot_cid", "snapshot"),),
    "create_network": (_hash("subnet"),),
    "delete_network": (_id("network_cid", "network"),),
}


class Dispatcher:
    """Runs one call and returns the response as JSON text."""

    def __init__(self, config_path: str | PathLike[str] | None, clock: Clock) -> None:
        self._config_path = config_path
        self._clock = clock
        self._secrets = Secrets()
        self._logging = False

    def respond(self, text: bytes) -> str:
        """Return the response to the request in ``text``; never raises an ``Exception``."""
        try:
            request = protocol.parse_request(text)
            if len(text) > MAX_SECRETS:
                _limit_secrets(request)
            return protocol.success(self._run(request))
        except CpiFailure as failure:
            return self._failed(failure)
        except Interrupted as interrupted:
            return self.interrupted(interrupted)
        except Exception as error:  # noqa: BLE001 - a bug must be answered, too
            return self._crashed(error)

    def interrupted(self, interrupted: Interrupted) -> str:
        """Return the response of a call that a signal ended."""
        return self._failed(CloudError(interrupted.message))

    def not_written(self, response: str, error: OSError) -> None:
        """Log a response that the caller did not take: the log is where it can be found."""
        if not self._logging:
            self._start_logging("-", "-")
        import logging

        logging.getLogger(__name__).error(
            "the response could not be written (%s): %s", error.strerror, response
        )

    def _run(self, request: protocol.Request) -> Any:
        self._secrets.add_from(request.arguments)
        self._secrets.add_from(request.context)
        if request.method != "info":
            self._start_logging(request.method, request.context.get("request_id", "-"))
        check_arguments(request.method, request.arguments)
        signals.limit_time(TIME_LIMITS[request.method])
        if self._config_path is None:
            raise CpiError("No configuration given: start the CPI with --config FILE")
        ctx = CallContext(
            api_version=request.api_version,
            context=request.context,
            config_path=self._config_path,
            clock=self._clock,
            secrets=self._secrets,
        )
        action = import_module(f"alicloud_cpi.actions.{request.method}")
        try:
            result = action.run(ctx, *request.arguments)
            # A signal from here on would report a failure and leave the result behind.
            signals.ignore()
        finally:
            ctx.close()
        return result

    def _start_logging(self, method: str, request_id: object) -> None:
        from alicloud_cpi import logs

        logs.start(self._secrets, method=method, request_id=request_id)
        self._logging = True

    def _failed(self, failure: CpiFailure) -> str:
        message = self._secrets.redact(failure.message)
        if self._logging:
            import logging

            logging.getLogger(__name__).error("%s: %s", failure.type, message)
        return protocol.failure(failure, message)

    def _crashed(self, error: Exception) -> str:
        """Respond to an unexpected exception: its text goes to the log only, redacted."""
        if not self._logging:
            self._start_logging("-", "-")
        import logging

        kind = type(error).__name__
        logging.getLogger(__name__).error("unexpected %s", kind, exc_info=error)
        failure = CpiError(
            f"Internal error of the CPI: {kind}; the log of this call has the details"
        )
        return protocol.failure(failure, failure.message)


def _limit_secrets(request: protocol.Request) -> None:
    """Refuse a request whose secrets take too long to be searched for.

    :raises CpiError: it has more than any user data holds
    """
    if size_of_secrets(request.arguments, request.context) > MAX_SECRETS:
        raise CpiError(
            f"The request has more than {MAX_SECRETS} characters of passwords, keys and "
            "certificates: user data holds 32 KiB"
        )


def check_arguments(method: str, arguments: Sequence[Any]) -> None:
    """Check a request against the method table.

    :raises MethodNotImplemented: no such method
    :raises CpiError: too few or too many arguments, or one of the wrong type, which is named
    """
    expected = METHODS.get(method)
    if expected is None:
        raise MethodNotImplemented(_not_implemented(method))
    least = sum(not argument.optional for argument in expected)
    most = len(expected)
    if not least <= len(arguments) <= most:
        count = str(most) if least == most else f"{least} to {most}"
        names = ", ".join(argument.name for argument in expected)
        takes = f"{count} arguments ({names})" if expected else "no arguments"
        raise CpiError(f"{method} takes {takes}, got {len(arguments)}")
    for position, (value, argument) in enumerate(zip(arguments, expected, strict=False), start=1):
        if not argument.accepts(value):
            raise CpiError(
                f"{method}: argument {position}, {argument.name}, must be {argument.expected}"
            )
        other = argument.other_kind(value)
        if other:
            raise CpiError(
                f"{method}: argument {position}, {argument.name}, must be the cid of a "
                f"{argument.kind}: '{value[:_MAX_SHOWN]}' is the cid of a {other}"
            )


def _not_implemented(method: str) -> str:
    from difflib import get_close_matches

    nearest = get_close_matches(method[:64], METHODS, n=1)
    hint = f"; did you mean '{nearest[0]}'?" if nearest else ""
    return f"The CPI does not implement the method '{method[:64]}'{hint}"
