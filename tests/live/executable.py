"""The CPI as the Director starts it: a process per call, hardly any environment, real time.

By default it is this repository's; LIVE_CPI names another one, such as an installed release's
bin/cpi. That one has a configuration of its own: it is told the account in each call's context, as
a cpi-config entry would.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from live.settings import REDACTED
from support.cpi import DIRECTORS_ENVIRONMENT, SOURCE, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from live.settings import Live
    from support.cpi import Answer

# Seconds that a call may take; the CPI gives up by itself before that.
PATIENCE = 900
PATIENCE_OF = {"create_stemcell": 7200, "snapshot_disk": 7200, "update_disk": 2700}
CLEAN_UP = 300

# Methods whose context tells the stemcell's API version.
TOLD_THE_STEMCELL = ("create_vm", "delete_vm", "attach_disk", "detach_disk")

# What is left of the environment besides PATH: what the Director leaves, where create-env has
# installed the release, and the proxies that bin/cpi adds from its manifest.
KEPT = (
    *("HOME", "TMPDIR", "BOSH_PACKAGES_DIR", "BOSH_JOBS_DIR"),
    *("http_proxy", "https_proxy", "no_proxy"),
)

AGENT = {
    "mbus": "nats://127.0.0.1:4222",
    "ntp": ["ntp.cloud.aliyuncs.com"],
    "blobstore": {"provider": "local", "options": {"blobstore_path": "/var/vcap/micro_bosh/data"}},
}


class Cpi:
    """Makes calls, one process each."""

    def __init__(self, live: Live, folder: Path) -> None:
        self._live = live
        self._context: dict[str, Any] = {"director_uuid": live.run_id}
        self._environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            **DIRECTORS_ENVIRONMENT,
        }
        if "cpi" in live:
            self._command = [live["cpi"]]
            self._context |= live.alicloud
        else:
            config = folder / "cpi.json"
            config.touch(mode=0o600)
            properties = {"alicloud": live.alicloud, "agent": AGENT}
            config.write_text(json.dumps({"cloud": {"properties": properties}}))
            self._command = [sys.executable, "-m", "alicloud_cpi", "--config", str(config)]
            self._environment["PYTHONPATH"] = str(SOURCE)
        self._calls = 0

    def call(
        self,
        method: str,
        *arguments: Any,
        stemcell_api: int = 3,
        api: int = 3,
        context: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Make one call; its log is shown by a test that fails."""
        self._calls += 1
        known = {**self._context, "request_id": f"cpi-{self._calls:06}", **(context or {})}
        if method in TOLD_THE_STEMCELL:
            known["vm"] = {"stemcell": {"api_version": stemcell_api}}
        request = {
            "method": method,
            "arguments": arguments,
            "context": known,
            "api_version": api,
        }
        start = time.monotonic()
        stdout, stderr = self._run(method, json.dumps(request).encode())
        sys.stdout.write(f"{method}: {time.monotonic() - start:.1f} s\n{stderr}\n")
        return parsed(stdout, stderr)

    def ok(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Make one call that has to end well, and return its result."""
        answer = self.call(method, *arguments, **options)
        assert answer.error is None, f"{method}: {answer.error}"
        return answer.result

    def _run(self, method: str, request: bytes) -> tuple[str, str]:
        """Start the executable; it must exit 0 in time, and show no secret."""
        __tracebackhide__ = True  # the request may hold keys
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
        )
        seconds = PATIENCE_OF.get(method, PATIENCE)
        try:
            outputs = process.communicate(request, timeout=seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{method} took more than {seconds} s: {_stopped(process)}")
        except BaseException:
            _stopped(process)
            raise
        stdout, stderr = (output.decode(errors="replace") for output in outputs)
        shown = self._live.redact(stdout) + self._live.redact(stderr)
        if shown != stdout + stderr:
            pytest.fail(f"{method} shows a key, here {REDACTED}: {shown}")
        if process.returncode != 0:
            pytest.fail(f"{method} exits with status {process.returncode}: {shown}")
        return stdout, stderr


def _stopped(process: subprocess.Popen[bytes]) -> str:
    """Ask a process to stop, which lets it take back what it made; returns its last words."""
    process.terminate()
    try:
        stdout, _ = process.communicate(timeout=CLEAN_UP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "it did not stop when asked to, and was killed"
    return stdout.decode(errors="replace")
