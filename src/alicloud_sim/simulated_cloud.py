"""The simulated cloud without its port: a world, what calls pass, and what a test changes of it.

Every method here is also an address below /_sim/ (control.py).
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import seeding
from .accounts import AccessKey
from .agents import Agents
from .auth import Authenticator
from .gateway import Gateway
from .seed import seed
from .world import World

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = logging.getLogger("alicloud_sim")


class SimulatedCloud:
    """A simulated Alibaba Cloud; a Simulator makes it answer on a port."""

    def __init__(
        self,
        pace: str,
        read_lag: float,
        random_seed: int,
        *,
        agent: str | Path | None,
        agent_folder: Path | None,
        report: Callable[[str], None],
    ) -> None:
        """Make the world.

        With the path of a bosh-agent, each running instance has one (agents.py), in a folder; what
        becomes of it is reported.
        """
        self.world = World(seed, pace, random_seed)
        self._read_lag = read_lag
        self.world.set_lag(read_lag)
        self.gateway = Gateway(self.world, Authenticator())
        self.agents: Agents | None = None
        if agent is not None:
            folder = agent_folder or Path(tempfile.mkdtemp(prefix="alicloud-sim-agents-"))
            self.agents = Agents(self.world, str(agent), folder.absolute(), report)

    @property
    def bugs(self) -> list[str]:
        """What broke inside the simulator: tests want this empty."""
        return self.gateway.bugs

    # State

    def reset(self) -> None:
        """Go back to the seed and forget calls, faults, limits, nonces, skew and bugs."""
        with self.world.lock:
            self.world.reset()
            self.world.set_lag(self._read_lag)
            self.gateway.auth.reset()
            self.gateway.faults.clear()
            self.gateway.throttles.clear()
            self.gateway.calls.clear()
            self.gateway.bugs.clear()

    def state(self) -> dict[str, Any]:
        """Dump the world as JSON-able values."""
        with self.world.lock:
            own = {"calls": self.gateway.calls.span(), "bugs": len(self.bugs)}
            return {**self.world.state(), **own}

    def seed(self, document: dict[str, Any]) -> dict[str, list[str]]:
        """Add records, quotas, stock and settings (seeding.py); tell the ids by kind.

        :raises ValueError: a document that makes no sense
        """
        with self.world.lock:
            made = seeding.apply(self.world, document)
            self.world.commit()
            return made

    def calls(self, action: str | None = None) -> list[dict[str, Any]]:
        """List the calls since the last reset, oldest first, all or those of one action."""
        return self.gateway.calls.list(action)

    def changes(self) -> list[dict[str, Any]]:
        """List what the cloud was at work on, and when: changes that ended, then the others."""
        with self.world.lock:
            self.world.tick()
            return self.world.jobs.changes()

    # Time

    def set_pace(self, name: str | None = None, **keys: float) -> None:
        """Choose a pace table, or set single keys in seconds (dots written as __).

        :raises ValueError: no such table
        """
        with self.world.lock:
            if name:
                self.world.pace.choose(name)
            for key, seconds in keys.items():
                self.world.pace.set(key.replace("__", "."), float(seconds))

    def set_lag(self, seconds: float) -> None:
        """Let reads see the state of some seconds ago."""
        with self.world.lock:
            self.world.set_lag(seconds)

    def advance(self, seconds: float) -> None:
        """Move the world's clock forward and complete what falls due."""
        with self.world.lock:
            self.world.clock.advance(seconds)
            self.world.tick()

    def freeze(self) -> None:
        """Stop the world's clock: only advance() moves it."""
        with self.world.lock:
            self.world.clock.freeze()

    def resume(self) -> None:
        """Let the clock run on."""
        with self.world.lock:
            self.world.clock.resume()

    def set_signature_skew(self, seconds: float) -> None:
        """Let the gateway's clock for signatures differ from real time."""
        self.gateway.auth.skew_seconds = seconds

    # Faults

    def add_fault(self, **rule: Any) -> int:
        """Add a scripted fault (faults.py) and tell its id.

        :raises ValueError: a rule that makes no sense
        """
        return self.gateway.faults.add(**rule)

    def clear_faults(self) -> None:
        """Drop all faults and limits."""
        self.gateway.faults.clear()
        with self.world.lock:
            self.gateway.throttles.clear()

    def add_limit(self, **limit: Any) -> None:
        """Add a call limit (throttling.py).

        :raises ValueError: a limit that makes no sense
        """
        with self.world.lock:
            self.gateway.throttles.add(**limit)

    # Keys

    def add_key(self, key_id: str, secret: str, **fields: Any) -> AccessKey:
        """Add an access key: account, token, expires_in (seconds of the world), role, denied.

        :raises ValueError: a field that keys do not have
        """
        with self.world.lock:
            lifetime = fields.pop("expires_in", None)
            if lifetime is not None:
                fields["expires"] = self.world.clock.now() + float(lifetime)
            fields.setdefault("account", self.world.account)
            try:
                key = AccessKey(key_id, secret, **fields)
            except TypeError as error:
                raise ValueError(str(error)) from error
            self.world.keys[key_id] = key
            return key

    def change_key(
        self, key_id: str, *, enabled: bool | None = None, denied: list[str] | None = None
    ) -> None:
        """Disable or enable a key, or deny it actions ("CreateDisk", "ecs:Delete*").

        :raises ValueError: no such key
        """
        with self.world.lock:
            key = self.world.keys.get(key_id)
            if key is None:
                raise ValueError(f"no access key {key_id}")
            if enabled is not None:
                key.enabled = enabled
            if denied is not None:
                key.denied = list(denied)
