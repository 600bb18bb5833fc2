"""Play what a BOSH Director does for one VM with a persistent disk, against the simulator.

For each call of the CPI it shows what the call means, the API calls it made, the time it took and
what exists afterwards. Takes about 20 seconds. NO_COLOR or a pipe gives plain text.
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

NEEDS_VENV = True

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
        shown.title(f"A simulated Alibaba Cloud on port {sim.port}, and the CPI's executable:")
        try:
            lifecycle.play(director, sim.world.constants)
            cid = director.call(UPLOAD, "create_stemcell", str(image), stemcell.PROPERTIES, {})
            director.call("Delete the image and its snapshot", "delete_stemcell", cid)
        except lifecycle.CallFailed as failed:
            raise Failed(f"{failed} failed, see above") from None
        if sim.bugs or lifecycle.ids(lifecycle.resources(sim)) != before:
            raise Failed(f"the cloud is not as it was before: {director.exists() or sim.bugs}")
        shown.end(director.summary())
