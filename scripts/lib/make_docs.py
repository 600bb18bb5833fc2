"""Writes the parts of the documents that come from the sources, and builds the site of them.

Tables stand between marks in a document that is otherwise written by hand; pictures are whole
files. Both are committed, so that they are there for who reads the repository itself.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

import docs_pictures
import docs_tables

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_MARKED = re.compile(r"(<!-- from (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def current() -> dict[Path, str]:
    """Return every document that has something of the sources in it, as it should be now."""
    page = DOCS / "configuration.md"
    written = _MARKED.sub(_filled, page.read_text("utf-8"))
    return {
        page: written,
        DOCS / "pictures" / "layers.svg": docs_pictures.layers(ROOT),
        DOCS / "pictures" / "create_vm.svg": docs_pictures.create_vm(),
    }


def _filled(mark: re.Match[str]) -> str:
    return f"{mark[1]}\n{docs_tables.table(ROOT, mark[2])}\n{mark[3]}"


def refresh(*, check: bool) -> list[str]:
    """Write what is behind its source, unless it is only to be told; returns its names."""
    behind = []
    for path, text in current().items():
        if not path.exists() or path.read_text("utf-8") != text:
            behind.append(str(path.relative_to(ROOT)))
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
    return behind


def main() -> int:
    """Refresh, then build."""
    parser = argparse.ArgumentParser(prog="scripts/docs")
    parser.add_argument("--check", action="store_true", help="write nothing into docs/")
    parser.add_argument("--dir", type=Path, default=ROOT / "site", help="where the site goes")
    options = parser.parse_args()
    behind = refresh(check=options.check)
    for name in behind:
        sys.stdout.write(
            f"{name} {'is behind: run scripts/docs' if options.check else 'written'}\n"
        )
    if behind and options.check:
        return 1
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    places = ["--config-file", str(ROOT / "mkdocs.yml"), "--site-dir", str(options.dir.resolve())]
    return subprocess.run([*command, *places], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
