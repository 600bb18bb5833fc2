"""Rename the change log's "Unreleased" section to a version, and print its text.

    changelog.py CHANGELOG.md 1.2.3 >notes.md

An empty section is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

HEADING = "## Unreleased\n"


def released(text: str, version: str, day: str) -> tuple[str, str]:
    """Return the change log with a dated section for the version, and that section's text.

    :raises SystemExit: the section is empty, or the version exists already
    """
    if re.search(rf"^## {re.escape(version)} ", text, re.MULTILINE):
        sys.exit(f"The change log has {version} already")
    before, heading, rest = text.partition(HEADING)
    notes, _, older = rest.partition("\n## ")
    if not heading or not notes.strip():
        sys.exit(f"The change log says nothing under '{HEADING.strip()}'")
    older = f"\n## {older}" if older else ""
    return f"{before}{HEADING}\n## {version} ({day})\n{notes}{older}", notes.strip() + "\n"


def main(path: str, version: str) -> int:
    """Rewrite the file and print the notes."""
    file = Path(path)
    day = dt.datetime.now(dt.UTC).date().isoformat()
    text, notes = released(file.read_text("utf-8"), version, day)
    file.write_text(text, "utf-8")
    sys.stdout.write(notes)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
