"""Starts processes one after the other and measures them, for processes.Runner.

It is a small process because the peak memory of a child counts from the fork: the child of a large
process would be measured as large as its parent.

One JSON object per line: {"command", "environment", "folder"}; the folder holds the file stdin, and
afterwards stdout and stderr. Answers {"status", "began", "seconds", "cpu", "peak_mib"}.
"""

import json
import os
import signal
import sys
import time


def main() -> None:
    """Run the commands on stdin until it ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(measured(**json.loads(line))) + "\n")
        sys.stdout.flush()


def measured(command: list[str], environment: dict[str, str], folder: str) -> dict[str, float]:
    """Run one process to its end."""
    made = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, f"{folder}/stdin", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, f"{folder}/stdout", made, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, f"{folder}/stderr", made, 0o600),
    ]
    began, start = time.time(), time.monotonic()
    child = os.posix_spawn(
        command[0], command, environment, file_actions=files, setsigdef=[signal.SIGINT]
    )
    _, status, usage = os.wait4(child, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "began": began,
        "seconds": time.monotonic() - start,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2),
    }


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the bench closes stdin when it is interrupted
    main()
