"""Names, passwords and user data of instances: what is refused (semantics.md section 4)."""

from __future__ import annotations

import base64
import binascii
import re
import string
from typing import TYPE_CHECKING

from alicloud_sim import names

if TYPE_CHECKING:
    from alicloud_sim.context import Ctx

USER_DATA_BYTES = 32 * 1024
PASSWORD_SIGNS = "()`~!@#$%^&*-_+=|{}[]:;'<>,.?/"  # noqa: S105 - the signs one may have
PASSWORD_LENGTHS = (8, 30)
PASSWORD_CLASSES = 3
LINUX_HOST = re.compile(r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*")
WINDOWS_HOST = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
HOST_LENGTHS = {"linux": (2, 64), "windows": (2, 15)}


def check_name(ctx: Ctx, name: str) -> None:
    """Refuse an instance name of a bad form; "" is absent.

    :raises ApiError: InvalidInstanceName.Malformed
    """
    names.check_name(ctx, name, "InvalidInstanceName.Malformed")


def check_description(ctx: Ctx, text: str) -> None:
    """Refuse a description of a bad form; "" is absent.

    :raises ApiError: InvalidDescription.Malformed
    """
    names.check_description(ctx, text, "InvalidDescription.Malformed")


def check_host_name(ctx: Ctx, name: str, os_type: str) -> None:
    """Refuse a host name of a bad form: other rules for Windows; "" is absent.

    :raises ApiError: InvalidHostName.Malformed
    """
    if not name:
        return
    low, high = HOST_LENGTHS.get(os_type, HOST_LENGTHS["linux"])
    form = WINDOWS_HOST if os_type == "windows" else LINUX_HOST
    digits_only = os_type == "windows" and name.isdigit()
    if not low <= len(name) <= high or not form.fullmatch(name) or digits_only:
        raise ctx.error(
            "InvalidHostName.Malformed", message=f"The specified HostName {name!r} is not valid."
        )


def check_password(ctx: Ctx, password: str, os_type: str) -> None:
    """Refuse a weak password: 8 to 30 characters of three of four classes; "" is absent.

    :raises ApiError: InvalidPassword.Malformed
    """
    if not password:
        return
    classes = (
        string.ascii_lowercase,
        string.ascii_uppercase,
        string.digits,
        PASSWORD_SIGNS,
    )
    used = sum(1 for characters in classes if set(characters) & set(password))
    low, high = PASSWORD_LENGTHS
    good = (
        low <= len(password) <= high
        and used >= PASSWORD_CLASSES
        and set(password) <= set("".join(classes))
        and not (os_type == "windows" and password.startswith("/"))
    )
    if not good:
        raise ctx.error("InvalidPassword.Malformed", message="The specified Password is not valid.")


def check_user_data(ctx: Ctx, text: str) -> None:
    """Refuse user data that is no Base64, or larger than 32 KB before Base64.

    The world's setting "user_data.max_bytes" sets another limit: it was 16 KB until 2024.

    :raises ApiError: InvalidUserData.Base64FormatInvalid or InvalidUserData.SizeExceeded
    """
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ctx.error(
            "InvalidUserData.Base64FormatInvalid",
            message="The specified UserData is not valid Base64.",
        ) from None
    most = int(ctx.world.settings.get("user_data.max_bytes", USER_DATA_BYTES))
    if len(raw) > most:
        raise ctx.error(
            "InvalidUserData.SizeExceeded",
            message=f"The specified UserData exceeds {most} bytes.",
        )
