"""How the demo is shown: with rich on a terminal, as plain text elsewhere or with NO_COLOR."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from tasks.director import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Progress as Bar

    from tasks.director import Call, Progress, Show

LONGEST_RESULT = 120

# API calls that change something, by their names; the others only read.
CHANGE = r"\b(?!Describe|List|Get|Head)[A-Z]\w+"

NEXT = """\
What to try next:

  ./scripts/simulate                      the same cloud, in another terminal
  ./scripts/call examples/create_vm.json  one call of the CPI against it
  ./scripts/call examples/has_vm.json vm_cid=CID_OF_THE_ANSWER
  docs/simulator.md                       faults, time, your own programs
  docs/install.md                         the CPI on a real account
"""


class Story(Output, Protocol):
    """What the demo is shown on."""

    def title(self, text: str, explanation: str) -> None:
        """Write the first lines."""

    def chapter(self, text: str) -> None:
        """Write a heading."""

    def end(self, summary: str) -> None:
        """Write the sums, and what to try next."""


def output() -> Story:
    """Choose by where stdout goes."""
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return RichOutput() if colored and os.environ.get("TERM") != "dumb" else PlainOutput()


def details(call: Call) -> Iterator[tuple[str, str]]:
    """Yield name and text of what came of a call."""
    result = call.result
    yield "API calls", call.api_calls or "none"
    if call.error:
        yield "error", call.error
    elif result != "null":
        cut = len(result) > LONGEST_RESULT
        yield "result", f"{result[: LONGEST_RESULT - 3]}..." if cut else result
    yield "exists now", call.exists or "nothing"


class PlainOutput:
    """Plain text."""

    def title(self, text: str, explanation: str) -> None:
        """Write the first lines."""
        self._write(f"{text}\n\n{explanation}")

    def chapter(self, text: str) -> None:
        """Write a heading."""
        self._write(f"\n{text}\n")

    @contextmanager
    def running(self, _number: int, _method: str, _meaning: str) -> Iterator[Show]:
        """Show nothing: what is under way is for terminals."""
        yield lambda _: None

    def call(self, call: Call) -> None:
        """Write what came of a call."""
        head = f"{call.number:2} {call.method} ({call.seconds:.2f} s): {call.meaning}"
        rows = [f"     {name}: {text}" for name, text in details(call)]
        self._write("\n".join([head, *rows]))

    def end(self, summary: str) -> None:
        """Write the sums, and what to try next."""
        self._write(f"\n{summary}. The simulated cloud is as it was before.\n\n{NEXT}")

    def _write(self, text: str) -> None:
        sys.stdout.write(f"{text.rstrip(chr(10))}\n")
        sys.stdout.flush()


class RichOutput:
    """Colors, and bars for what is under way."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console: Console = Console(highlight=False)

    def title(self, text: str, explanation: str) -> None:
        """Write the first lines."""
        self._console.rule(f"[bold]{text}")
        self._console.print(explanation.replace("\n", " "))

    def chapter(self, text: str) -> None:
        """Write a heading."""
        self._console.print(f"\n[bold underline]{text}\n")

    @contextmanager
    def running(self, number: int, method: str, meaning: str) -> Iterator[Show]:
        """Show the call, and a bar with what the cloud is at work on."""
        from rich.markup import escape

        self._console.print(f"[bold cyan]{number:2} {method}[/]  {escape(meaning)}")
        with _bar(self._console) as bar:
            task = bar.add_task("starting", total=1.0)

            def show(progress: Progress | None) -> None:
                text = progress.text if progress else "asking"
                bar.update(task, description=text, completed=progress.share if progress else 0)

            yield show

    def call(self, call: Call) -> None:
        """Write what came of a call."""
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        styles = {"error": "red", "result": "green", "exists now": "yellow"}
        table = Table.grid(padding=(0, 1))
        for name, value in [("time", f"{call.seconds:.2f} s"), *details(call)]:
            text = Text(value, styles.get(name, ""))
            if name == "API calls":
                text.highlight_regex(CHANGE, "bold")
            table.add_row(Text(name, "dim"), text)
        self._console.print(Padding(table, (0, 0, 0, 3)))

    def end(self, summary: str) -> None:
        """Write the sums, and what to try next."""
        from rich.panel import Panel

        self._console.rule()
        self._console.print(f"[bold green]{summary}. The simulated cloud is as it was before.")
        self._console.print(Panel(NEXT.rstrip(), expand=False))


def _bar(console: Console) -> Bar:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        BarColumn(24),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    return Progress(*columns, console=console, transient=True)
