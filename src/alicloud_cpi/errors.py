"""The error types that the Director knows. No other type leaves this program.

::

    CpiFailure
    ├── CpiError              the request or the configuration is wrong, or the CPI has a bug
    ├── MethodNotImplemented  the method is not offered (only the method table raises it)
    ├── NotSupported          the method is offered, but not for this case: the Director falls back
    └── CloudError            the cloud refused, or a state was not reached in time
        ├── VMCreationFailed    create_vm; the only type whose ok_to_retry the Director acts on
        ├── VMNotFound
        ├── NetworkNotFound
        ├── DiskNotFound
        ├── DiskNotAttached
        └── NoDiskSpace

Source: the Director's own list, CPI contract section 1. The Director turns any other type into
``UnknownError``.
"""

from __future__ import annotations


class CpiFailure(Exception):
    """A failed call, as it is reported to the caller."""

    type = "Bosh::Clouds::CpiError"

    def __init__(self, message: str, *, ok_to_retry: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.ok_to_retry = ok_to_retry

    def append(self, sentence: str) -> None:
        """Append a sentence to the message, such as what was left behind."""
        self.message = f"{self.message.rstrip('. ')}. {sentence}"
        self.args = (self.message,)


class CpiError(CpiFailure):
    """The request or the configuration is wrong, or the CPI has a bug."""


class MethodNotImplemented(CpiFailure):
    """The CPI does not offer this method."""

    type = "Bosh::Clouds::NotImplemented"


class NotSupported(CpiFailure):
    """The method is offered, but not for this case. The Director falls back where it can."""

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
    """A signal asked the program to stop, or the call has taken too long.

    It is no ``Exception``, so that no handler swallows it; clean-up still runs. It is reported as a
    CloudError once everything that the call created is deleted.
    """

    def __init__(self, cause: str, *, effect_unknown: bool = False) -> None:
        """Make one.

        :param cause: the signal's name, or the time limit
        """
        super().__init__(cause)
        self.message = f"The CPI was stopped by {cause}"
        # Whether a create request was left without its response.
        self.effect_unknown = effect_unknown

    def append(self, sentence: str) -> None:
        """Append a sentence to the message, such as what was left behind."""
        self.message = f"{self.message}. {sentence}"


class CleanUpTimeout(BaseException):
    """Deleting a resource of a failed call took too long. No handler but the clean-up's sees it."""

    def __init__(self, seconds: int) -> None:
        self.message = f"not deleted within {seconds} s"
        super().__init__(self.message)
