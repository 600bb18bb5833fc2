"""Write the generated parts of the documents, and build the site.

Generated tables are between marks in documents that are otherwise written by hand; pictures are
separate files. Both are committed, for readers of the repository. A warning fails the build.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from tasks import ROOT
from tasks.command_line import Parser, folder, wait_for
from tasks.errors import Failed, Interrupted

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

NEEDS_VENV = True

DOCS = ROOT / "docs"

_MARKED = re.compile(r"(<!-- from (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def parser() -> Parser:
    """Describe the command line."""
    docs = Parser("docs", __doc__)
    add = docs.add_argument
    add(
        "--check", action="store_true", help="write nothing into docs/; exit 1 if it is out of date"
    )
    add("--dir", type=folder, default=ROOT / "site", help="folder of the site; default: site")
    return docs


def run(options: argparse.Namespace) -> int:
    """Refresh, then build.

    :raises Failed: with --check, if a document is out of date
    """
    outdated = refresh(check=options.check)
    if outdated and options.check:
        raise Failed(f"out of date, run scripts/docs: {', '.join(outdated)}")
    for name in outdated:
        sys.stdout.write(f"{name} written\n")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    try:
        return wait_for(
            [*build, "--config-file", ROOT / "mkdocs.yml", "--site-dir", options.dir.resolve()]
        )
    except KeyboardInterrupt:
        raise Interrupted(f"the site in {options.dir} is not complete") from None


def refresh(*, check: bool) -> list[str]:
    """Return the names of documents that are out of date, and write them unless ``check``."""
    outdated = []
    for path, text in current().items():
        if not path.exists() or path.read_text("utf-8") != text:
            outdated.append(str(path.relative_to(ROOT)))
            if not check:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
    return outdated


def current() -> dict[Path, str]:
    """Return every document that has generated parts, with its current text."""
    from alicloud_sim import coverage
    from tasks.docs import one_call, pictures, tables

    def filled(mark: re.Match[str]) -> str:
        return f"{mark[1]}\n{tables.table(ROOT, mark[2])}\n{mark[3]}"

    page = DOCS / "configuration.md"
    return {
        page: _MARKED.sub(filled, page.read_text("utf-8")),
        ROOT / "src" / "alicloud_sim" / "COVERAGE.md": coverage.document(),
        DOCS / "pictures" / "layers.svg": pictures.layers(ROOT),
        DOCS / "pictures" / "create_vm.svg": pictures.create_vm(),
        DOCS / "pictures" / "one_call.svg": one_call.one_call(),
    }
