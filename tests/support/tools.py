"""The tools of the executable, as an operator runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.cpi import DIRECTORS_ENVIRONMENT, NEVER_SHOWN, SOURCE


def tool(*arguments: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run the executable with these arguments; no output may hold a secret or a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "alicloud_cpi", *map(str, arguments)],
        input=text,
        capture_output=True,
        text=True,
        env={**DIRECTORS_ENVIRONMENT, "PYTHONPATH": str(SOURCE)},
        timeout=120,
        check=False,
    )
    for secret in NEVER_SHOWN:
        assert secret not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done
