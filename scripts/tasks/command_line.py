"""What every script shares: its arguments, one-line errors, and a clean end on Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import math
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tasks import ROOT, environment
from tasks.errors import Failed, Interrupted, WrongValue

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILURE, KILLED, INTERRUPTED = 1, 128, 130
LARGEST_PORT = 65535
SECONDS_TO_END = 1.0

# First argument of the second start of a task, with .venv's Python.
_IN_VENV = "--in-venv"


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line; options are written in full."""

    def __init__(self, name: str, description: str | None, **keywords: Any) -> None:
        super().__init__(
            prog=f"scripts/{name}",
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **keywords,
        )

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments.

        :raises WrongValue: always
        """
        raise WrongValue(f"{message}; see {self.prog} --help")


def port(text: str) -> int:
    """Read a port; 0 is any free one."""
    return _number(text, "a port", 0, LARGEST_PORT)


def count(text: str) -> int:
    """Read a number of things, at least one."""
    return _number(text, "a number", 1, sys.maxsize)


def seconds(text: str) -> float:
    """Read a duration."""
    with contextlib.suppress(ValueError):
        value = float(text)
        if value >= 0 and math.isfinite(value):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, 0 or more")


def file(text: str) -> Path:
    """Read the path of a file that exists."""
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text).absolute()


def program(text: str) -> str:
    """Read the name or the path of a program that can be started."""
    found = shutil.which(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a program that can be started")
    return str(Path(found).absolute())


def existing_folder(text: str) -> Path:
    """Read the path of a folder that exists."""
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {text!r}")
    return Path(text).absolute()


def folder(text: str) -> Path:
    """Read the path of a folder to write into, which may be made."""
    path = Path(text).absolute()
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder that can be written to")
    return path


def new_file(text: str) -> Path:
    """Read the path of a file to write, in a folder that exists."""
    path = Path(text).absolute()
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written")
    return path


def _number(text: str, what: str, least: int, most: int) -> int:
    value = int(text) if text.isascii() and text.isdigit() else -1
    if not least <= value <= most:
        limits = f"{least} to {most}" if most != sys.maxsize else f"{least} or more"
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}: expected {limits}")
    return value


def say(text: str) -> None:
    """Write a line to stderr: what is being done, not the result."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def wait_for(command: Sequence[str | Path], **keywords: Any) -> int:
    """Run a command to its end and return its exit status.

    SIGTERM and SIGHUP are passed on. On Ctrl-C the terminal interrupts the command as well: it gets
    the time to end by itself.

    :raises Failed: there is no such command
    """
    try:
        process = subprocess.Popen(command, **keywords)
    except FileNotFoundError:
        raise Failed(f"there is no {command[0]}: remove .venv if it is in there") from None
    with process:
        passed_on = {
            number: signal.signal(number, lambda number, _: process.send_signal(number))
            for number in (signal.SIGTERM, signal.SIGHUP)
        }
        try:
            status = process.wait()
        except KeyboardInterrupt:
            _end(process)
            raise
        finally:
            for number, handler in passed_on.items():
                signal.signal(number, handler)
    return status if status >= 0 else KILLED - status


def _end(process: subprocess.Popen[Any]) -> None:
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        try:
            process.wait()
        except KeyboardInterrupt:
            process.kill()


def main(arguments: Sequence[str]) -> int:
    """Run the task that the first argument names; returns the exit status."""
    in_venv = arguments[:1] == [_IN_VENV]
    name, *given = arguments[1:] if in_venv else arguments
    if name == "run":
        name, *given = given or ["--help"]
    try:
        return _run(name, given, in_venv=in_venv)
    except Failed as failed:
        say(f"scripts/{name}: {failed}")
        return failed.status
    except (OSError, UnicodeError) as error:
        return _broken(name, error)
    except KeyboardInterrupt as interrupt:
        left = str(interrupt) if isinstance(interrupt, Interrupted) else ""
        say(f"scripts/{name}: interrupted{left and f': {left}'}")
        return INTERRUPTED


def _broken(name: str, error: OSError | UnicodeError) -> int:
    """Say what a file or a pipe that cannot be used was; returns the exit status."""
    if isinstance(error, BrokenPipeError):
        # Whoever read the output has ended; nothing may be flushed into the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        say(f"scripts/{name}: {error}")
    return FAILURE


def _run(name: str, given: list[str], *, in_venv: bool) -> int:
    if name in ("--help", "-h"):
        sys.stdout.write(_listing())
        return 0
    if name not in task_names():
        raise WrongValue(f"there is no such script; there are: {', '.join(task_names())}")
    task = importlib.import_module(_module(name))
    options, others = task.parser().parse_known_args(given)
    if others and not getattr(task, "PASSES_ARGUMENTS_ON", False):
        task.parser().error(f"unrecognized arguments: {' '.join(others)}")
    options.others = others
    if task.NEEDS_VENV and not in_venv:
        python = environment.ensure()
        os.execv(python, [str(python), _main_file(), _IN_VENV, name, *given])  # noqa: S606
    return int(task.run(options))


def _main_file() -> str:
    return str(Path(__file__).with_name("__main__.py"))


def task_names() -> list[str]:
    """Return the names of all scripts: the links to scripts/run."""
    return sorted(path.name for path in (ROOT / "scripts").iterdir() if _is_script(path))


def _is_script(path: Path) -> bool:
    return path.is_file() and path.suffix == "" and path.name != "run"


def _listing() -> str:
    lines = ["Each of these has --help:"]
    for name in task_names():
        docstring = importlib.import_module(_module(name)).__doc__ or ""
        lines.append(f"  scripts/{name:17} {docstring.partition(chr(10))[0]}")
    return "\n".join([*lines, ""])


def _module(name: str) -> str:
    return f"tasks.{name.replace('-', '_')}"
