"""The files of a VM's agent: its configuration, and its settings out of the user data.

Of the settings, two things cannot be as on a VM of its own and are replaced: the port of the
message bus that the agent opens, where another process has it, and the folder of a local blobstore.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

SERVED = "https"
"""The scheme of a message bus that the agent opens itself; of others it is a client."""
LOCAL = "local"
DEFAULT_PORT = 443


class NoSettingsError(Exception):
    """The user data of an instance holds no agent settings that can be used."""


class AgentFiles:
    """The folder of one VM, which has what a disk would have, and its log beside."""

    def __init__(self, folder: Path, instance_id: str) -> None:
        """Name them; nothing is written yet."""
        self.folder = folder / instance_id
        self.base = self.folder / "vcap"
        self.config = self.folder / "agent.json"
        self.settings = self.folder / "settings.json"
        self.log = folder / f"{instance_id}.log"

    def write(self, user_data: str, taken: Collection[int]) -> int | None:
        """Write all of them; return the port of the agent's message bus, if it opens one.

        :param taken: ports of other agents
        :raises NoSettingsError: the user data holds none that can be used
        """
        settings = read_settings(user_data)
        port = _settle_port(settings, taken)
        _replace_folder(settings, str(self.base / "data" / "blobs"))
        self.base.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = {"Type": "File", "SettingsPath": str(self.settings)}
        _write_private(self.config, {"Infrastructure": {"Settings": {"Sources": [source]}}})
        _write_private(self.settings, settings)
        return port

    def remove(self) -> None:
        """Remove the folder; the log stays."""
        shutil.rmtree(self.folder, ignore_errors=True)


def read_settings(user_data: str) -> dict[str, Any]:
    """Read agent settings from user data.

    :raises NoSettingsError: there are none
    """
    try:
        settings = json.loads(base64.b64decode(user_data, validate=True))
    except (ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict) or not settings.get("agent_id"):
        raise NoSettingsError("its user data holds no agent settings")
    return settings


def _of_env(settings: dict[str, Any]) -> dict[str, Any]:
    env = settings.get("env")
    bosh = env.get("bosh") if isinstance(env, dict) else None
    return bosh if isinstance(bosh, dict) else {}


def _settle_port(settings: dict[str, Any], taken: Collection[int]) -> int | None:
    """Replace the port of the message bus by one that is free: itself, if it is."""
    mbus = _of_env(settings).get("mbus")
    urls = mbus.get("urls") if isinstance(mbus, dict) else None
    own = [url for url in (*(urls or ()), settings.get("mbus")) if _is_served(url)]
    if not own:
        return None
    try:
        parts = urlsplit(own[0])
        wanted = parts.port or DEFAULT_PORT
    except ValueError:
        raise NoSettingsError("the message bus in its settings is no URL") from None
    port = free_port(parts.hostname or "", wanted, taken)
    if urls and isinstance(mbus, dict):
        mbus["urls"] = [_with_port(url, port) if _is_served(url) else url for url in urls]
    if _is_served(settings.get("mbus")):
        settings["mbus"] = _with_port(settings["mbus"], port)
    return port


def _is_served(url: Any) -> bool:
    return isinstance(url, str) and url.startswith(f"{SERVED}://")


def _with_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name = host[: host.rindex("]") + 1] if "]" in host else host.partition(":")[0]
    return parts._replace(netloc=f"{user}{at}{name}:{port}").geturl()


def free_port(host: str, wanted: int, taken: Collection[int]) -> int:
    """Return the wanted port, or another one where that is in use."""
    if wanted not in taken and not _is_in_use(host, wanted):
        return wanted
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _is_in_use(host: str, port: int) -> bool:
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _replace_folder(settings: dict[str, Any], folder: str) -> None:
    """Let a local blobstore be in the VM's folder, where its agent serves it."""
    for blobstore in (settings.get("blobstore"), *(_of_env(settings).get("blobstores") or ())):
        if isinstance(blobstore, dict) and blobstore.get("provider") == LOCAL:
            options = blobstore.get("options")
            given = options if isinstance(options, dict) else {}
            blobstore["options"] = {**given, "blobstore_path": folder}


def _write_private(path: Path, document: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is a descriptor
        json.dump(document, file)
