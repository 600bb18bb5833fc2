"""The error types that the Director knows; no other ever leaves this program.

::

    CpiFailure
    ├── CpiError            the request or the configuration cannot be understood, or a bug
    ├── MethodNotImplemented  the method is not offered (only the method table says so)
    ├── NotSupported        the method is offered, this use of it is not: fall back
    └── CloudError          the cloud refused, or did not come to the wanted state in time
        ├── VMCreationFailed    create_vm; the only type whose ok_to_retry the Director acts on
        ├── VMNotFound
        ├── NetworkNotFound
        ├── DiskNotFound
        ├── DiskNotAttached
        └── NoDiskSpace

Source: the Director's own list, CPI contract section 1. Any other type name becomes
``UnknownError`` there.
"""

from __future__ import annotations


class CpiFailure(Exception):
    """A failed call: what is told to the caller."""

    type = "Bosh::Clouds::CpiError"

    def __init__(self, message: str, *, ok_to_retry: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.ok_to_retry = ok_to_retry

    def add(self, sentence: str) -> None:
        """Append what else the caller must know, such as what was left behind."""
        self.message = f"{self.message.rstrip('. ')}. {sentence}"
        self.args = (self.message,)


class CpiError(CpiFailure):
    """The request or the configuration is wrong, or this program is."""


class MethodNotImplemented(CpiFailure):
    """The CPI does not offer this method."""

    type = "Bosh::Clouds::NotImplemented"


class NotSupported(CpiFailure):
    """The method is offered, but not for this case: the Director falls back where it can."""

    type = "Bosh::Clouds::NotSupported"


class CloudError(CpiFailure):
    """The cloud refused a request, or did not reach the wanted state in time."""

    type = "Bosh::Clouds::CloudError"


class VMCreationFailed(CloudError):
    """create_vm failed and left nothing behind, unless the message names it."""

    type = "Bosh::Clouds::VMCreationFailed"


class VMNotFound(CloudError):
    """There is no VM with this vm_cid."""

    type = "Bosh::Clouds::VMNotFound"

    def __init__(self, vm_cid: str) -> None:
        super().__init__(f"VM '{vm_cid}' not found")


class NetworkNotFound(CloudError):
    """There is no network with this cid."""

    type = "Bosh::Clouds::NetworkNotFound"


class DiskNotFound(CloudError):
    """There is no disk with this disk_cid."""

    type = "Bosh::Clouds::DiskNotFound"

    def __init__(self, disk_cid: str) -> None:
        super().__init__(f"Disk '{disk_cid}' not found")


class DiskNotAttached(CloudError):
    """The disk exists but is not attached to the VM that the caller named."""

    type = "Bosh::Clouds::DiskNotAttached"


class NoDiskSpace(CloudError):
    """The stemcell or disk does not fit."""

    type = "Bosh::Clouds::NoDiskSpace"


class Interrupted(BaseException):
    """The program was told to stop: passes every ``except Exception``, but undoes what it passes.

    Answered as a CloudError once everything on its way has been taken back.
    """

    def __init__(self, signal_name: str, *, in_doubt: bool = False) -> None:
        super().__init__(signal_name)
        self.message = f"The CPI was stopped by {signal_name}"
        # Whether a request that makes something was left without its answer.
        self.in_doubt = in_doubt

    def add(self, sentence: str) -> None:
        """Append what else the caller must know, such as what was left behind."""
        self.message = f"{self.message}. {sentence}"
