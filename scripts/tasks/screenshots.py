"""Take the pictures of the simulator's page that the documents show.

It plays a part of a VM's life against a simulator, and writes docs/pictures/page-light.png and
page-dark.png. It needs Chromium and its driver (Debian: chromium, chromium-driver).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tasks import ROOT, lifecycle
from tasks.command_line import Parser, folder, say
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

    from alicloud_sim import Simulator

NEEDS_VENV = True

WIDTH, HEIGHT = 1280, 1060
SCHEMES = ("light", "dark")
SECONDS_UNDER_WAY = 2.5
VERSION = {"api_version": 3}


def parser() -> Parser:
    """Describe the command line."""
    made = Parser("screenshots", __doc__)
    pictures = ROOT / "docs" / "pictures"
    made.add_argument("--dir", type=folder, default=pictures, help="default: docs/pictures")
    return made


def run(options: argparse.Namespace) -> int:
    """Play, and take the pictures.

    :raises Failed: there is no browser
    """
    from tasks import browser

    if browser.missing():
        raise Failed(f"there is no {browser.missing()}: install chromium and chromium-driver")
    try:
        _take(options.dir)
    except KeyboardInterrupt:
        raise Interrupted("the pictures are as they were, or only one is new") from None
    return 0


def _take(into: Path) -> None:
    from alicloud_sim import Simulator
    from alicloud_sim.__main__ import write_files
    from tasks import browser

    with tempfile.TemporaryDirectory() as name, Simulator(pace="instant") as sim:
        write_files(sim, Path(name))
        say("Playing a part of a VM's life ...")
        scene = _Scene(sim, Path(name) / "cpi.json")
        with browser.opened(WIDTH, HEIGHT) as driver:
            under_way = scene.play()
            try:
                driver.get(sim.plain_url)
                scene.wait_until_under_way()
                time.sleep(SECONDS_UNDER_WAY)
                for scheme in SCHEMES:
                    browser.set_scheme(driver, scheme)
                    picture = into / f"page-{scheme}.png"
                    picture.write_bytes(driver.get_screenshot_as_png())
                    say(f"{picture} written")
            finally:
                under_way.kill()
                under_way.wait()


class _Scene:
    """Makes the calls of a VM's life until its reboot, which stays under way."""

    def __init__(self, sim: Simulator, cpi_json: Path) -> None:
        self._sim = sim
        self._command = [sys.executable, "-m", "alicloud_cpi", "--config", str(cpi_json)]
        self._under_way: subprocess.Popen[str] | None = None

    def play(self) -> subprocess.Popen[str]:
        """Return the call that is under way."""
        self._sim.add_fault(kind="error", action="RebootInstance", code="Throttling.User")
        with contextlib.suppress(lifecycle.CallFailed):
            lifecycle.play(self, self._sim.world.constants)
        if self._under_way is None:
            raise Failed("a call of the CPI failed")
        self._sim.add_fault(kind="lost", action="DetachDisk")
        self._sim.add_fault(kind="delay", action="DescribeDisks", seconds=3, count=0)
        return self._under_way

    def wait_until_under_way(self) -> None:
        """Wait until the instance restarts."""
        while not self._sim.state()["jobs"]:
            time.sleep(0.1)

    def call(self, meaning: str, method: str, *arguments: Any) -> Any:
        """Make a call; the reboot is only begun."""
        del meaning
        context = {"director_uuid": "demo", "request_id": method, "vm": {"stemcell": VERSION}}
        request = json.dumps(
            {"method": method, "arguments": arguments, "context": context, "api_version": 2}
        )
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        if method == "reboot_vm":
            self._sim.set_pace("realistic")
            self._under_way = process
            _send(process, request)
            raise lifecycle.CallFailed(method)
        response = json.loads(process.communicate(request)[0])
        if response["error"]:
            raise lifecycle.CallFailed(method)
        return response["result"]


def _send(process: subprocess.Popen[str], request: str) -> None:
    if process.stdin is not None:
        process.stdin.write(request)
        process.stdin.close()
