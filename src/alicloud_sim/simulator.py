"""The simulator as one object: a world behind a port. Tests and the command start it.

    with Simulator(pace="instant") as sim:
        client(sim.url, sim.ca_pem); sim.advance(60); sim.add_fault(kind="lost"); sim.reset()

What a test changes of the world is in simulated_cloud.py.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Self

from . import dashboard
from .certificates import issue, server_context
from .control import PREFIX, Control
from .server import PortServer
from .simulated_cloud import SimulatedCloud

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .messages import HttpRequest, HttpResponse


LOG = logging.getLogger("alicloud_sim")


class Simulator(SimulatedCloud):
    """A simulated Alibaba Cloud on a loopback port."""

    def __init__(
        self,
        port: int = 0,
        pace: str = "fast",
        read_lag: float = 0.0,
        random_seed: int = 1,
        *,
        agent: str | Path | None = None,
        agent_folder: Path | None = None,
        report: Callable[[str], None] = LOG.info,
    ) -> None:
        """Make the world; nothing listens before start()."""
        super().__init__(
            pace,
            read_lag,
            random_seed,
            agent=agent,
            agent_folder=agent_folder,
            report=report,
        )
        self._issued = issue()
        self._port = port
        self._server: PortServer | None = None
        self._thread: threading.Thread | None = None
        self._control = Control(self)

    # Life

    def start(self) -> Self:
        """Listen and serve in the background."""
        self.gateway.stopping.clear()
        self._server = PortServer(
            self._port,
            server_context(self._issued),
            self._answer,
            self.gateway.stopping,
            self._streams,
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        if self.agents is not None:
            self.agents.start()
        return self

    def stop(self) -> None:
        """Stop serving; stalled and delayed answers end at once."""
        self.gateway.stopping.set()
        if self.agents is not None:
            self.agents.stop()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.close_all()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port it listens on.

        :raises RuntimeError: not started
        """
        if self._server is None:
            raise RuntimeError("the simulator is not started")
        return self._server.port

    @property
    def url(self) -> str:
        """The endpoint over TLS, for every service."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def plain_url(self) -> str:
        """The same endpoint over plain HTTP."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ca_pem(self) -> str:
        """The certificate that clients have to trust."""
        return self._issued.ca_pem

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(PREFIX):
            return self._control.answer(request)
        if dashboard.claims(request):
            return dashboard.answer()
        return self.gateway.answer(request)

    def _streams(self, request: HttpRequest) -> bool:
        # The control API reads a body only once it has let its request in.
        return request.path.startswith(PREFIX) or self.gateway.streams(request)
