"""Stands in for bosh-agent: takes its arguments, reads its settings, opens its message bus.

What it is to do otherwise stands in the agent_id: "fails" ends at once, "deaf" ignores SIGTERM,
"parent" starts a process of its own. It writes what it was given into the base directory.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit


def main(arguments: list[str]) -> int:
    """Be an agent until a signal comes."""
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    if (options["-P"], options["-M"]) != ("dummy", "dummy"):
        return 2
    config = json.loads(Path(options["-C"]).read_text("utf-8"))
    (source,) = config["Infrastructure"]["Settings"]["Sources"]
    if source["Type"] != "File":
        return 2
    settings = json.loads(Path(source["SettingsPath"]).read_text("utf-8"))
    sys.stderr.write(f"starting as {settings['agent_id']}\n")
    if settings["agent_id"] == "fails":
        sys.stderr.write("App setup: Getting blobstore\n")
        return 1
    if settings["agent_id"] == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = [sys.executable, "-c", "import time; time.sleep(600)"]
    children = [subprocess.Popen(child)] if settings["agent_id"] == "parent" else []
    state = {"pid": os.getpid(), "children": [child.pid for child in children]}
    base = Path(options["-b"])
    starts = base / "starts"
    with starts.open("a") as file:
        file.write("started\n")
    bus = urlsplit(settings.get("mbus", ""))
    if bus.scheme == "https":
        with socket.create_server((bus.hostname, bus.port)) as server:
            _say(base, state)
            while True:
                server.accept()[0].close()
    _say(base, state)
    signal.pause()
    return 0


def _say(base: Path, state: dict[str, object]) -> None:
    (base / "new").write_text(json.dumps(state))
    (base / "new").rename(base / "state.json")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
