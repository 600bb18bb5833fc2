"""Play what a BOSH Director does for one VM with a persistent disk, against the simulator.

For each call of the CPI it shows what the call means, the API calls it made, the time it took and
what exists afterwards; at the end the cloud fails in three ways. Takes about 20 seconds. NO_COLOR
or a pipe gives plain text.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tasks import lifecycle
from tasks.command_line import Parser
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse

    from alicloud_sim import Simulator
    from tasks.demo_output import Story
    from tasks.director import Director

NEEDS_VENV = True

INTRODUCTION = """\
BOSH deploys software on virtual machines. For each change in a cloud its Director starts the CPI
once, with one JSON request on stdin, and reads one JSON response from stdout. Here the Director is
played by this script, and the cloud by a simulator on port {port} of this machine.
"""

UPLOAD = "Upload a full stemcell: its disk image goes through OSS, and is imported as an image"


def parser() -> Parser:
    """Describe the command line."""
    return Parser("demo", __doc__)


def run(_: argparse.Namespace) -> int:
    """Play the story.

    :raises Failed: a call failed, or the cloud is not as it was before
    """
    try:
        _play()
    except KeyboardInterrupt:
        raise Interrupted("the simulated cloud ended with the demo, nothing is left") from None
    return 0


def _play() -> None:
    from alicloud_sim import Simulator
    from alicloud_sim.__main__ import write_files
    from tasks import stemcell
    from tasks.demo_output import output
    from tasks.director import ENVIRONMENT, Director

    shown = output()
    with tempfile.TemporaryDirectory() as name, Simulator(pace="fast") as sim:
        folder = Path(name)
        write_files(sim, folder)
        image = stemcell.write_image(folder / "image")
        before = lifecycle.ids(lifecycle.resources(sim))
        command = [sys.executable, "-m", "alicloud_cpi", "--config", str(folder / "cpi.json")]
        director = Director(sim, command, ENVIRONMENT, shown)
        shown.title("The BOSH CPI for Alibaba Cloud", INTRODUCTION.format(port=sim.port))
        try:
            shown.chapter("The life of a VM with a persistent disk")
            lifecycle.play(director, sim.world.constants)
            shown.chapter("A full stemcell: an image of its own")
            cid = director.call(UPLOAD, "create_stemcell", str(image), stemcell.PROPERTIES, {})
            director.call("Delete the image and its snapshot", "delete_stemcell", cid)
            _fail(director, sim, shown)
        except lifecycle.CallFailed as failed:
            raise Failed(f"{failed} failed, see above") from None
        if sim.bugs or lifecycle.ids(lifecycle.resources(sim)) != before:
            raise Failed(f"the cloud is not as it was before: {director.exists() or sim.bugs}")
        shown.end(director.summary())


def _fail(director: Director, sim: Simulator, shown: Story) -> None:
    """Show what the CPI does when the cloud fails."""
    shown.chapter("When the cloud fails")
    sim.add_fault(kind="lost", action="CreateDisk")
    meaning = (
        "The response to CreateDisk is lost: sent again with its ClientToken, it makes one disk"
    )
    disk = director.call(meaning, "create_disk", 20_480, {"category": "cloud_essd"})
    sim.add_fault(kind="status", action="DeleteDisk")
    director.call("DeleteDisk gets HTTP 503: the CPI pauses and repeats it", "delete_disk", disk)
    sim.add_fault(kind="error", action="StartInstance", code="OperationDenied.NoStock")
    director.refused(
        "The zone is sold out when the VM starts: it is deleted, and the error says so",
        *("create_vm", *lifecycle.vm_arguments(sim.world.constants, "agent-2")),
    )
