"""The executable as it is, but for its clock: waits move the simulated cloud's clock instead.

    python -m support.on_sim_time CONTROL_URL --config FILE < request.json

So a call can be a process of its own, stopped and killed like any, and still take no time to wait.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from urllib.parse import urlsplit


class ControlledClock:
    """Real time, plus what was slept in no time."""

    control = ""

    def __init__(self) -> None:
        self._slept = 0.0

    def now(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic() + self._slept

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._slept

    def sleep(self, seconds: float) -> None:
        """Let the simulated cloud's time pass."""
        self._slept += seconds
        connection = http.client.HTTPConnection(self.control)
        body = json.dumps({"advance": seconds})
        connection.request("POST", "/_sim/clock", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        assert answer.status == http.client.OK


def main() -> int:
    """Run the executable's own main on this clock."""
    from alicloud_cpi.__main__ import main as real_main

    ControlledClock.control = urlsplit(sys.argv[1]).netloc
    return real_main(sys.argv[2:], ControlledClock())


if __name__ == "__main__":
    sys.exit(main())
