"""A hook of MkDocs: makes documents outside docs/ pages of the site, and tables fit.

Documents link to each other by their paths in the repository; this changes them to links between
pages. A link to anything else stays as it is, and fails the strict build.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[3]

# Documents outside docs/, and their names in the site.
ELSEWHERE = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.zh.md": "zh.md",
    "SECURITY.md": "security.md",
    "ci/README.md": "pipeline.md",
    "src/alicloud_sim/COVERAGE.md": "coverage.md",
}
# The site's front page replaces the repository's.
_REPLACED_BY = {"README.md": "index.md"}

# A table with more columns than this gets the class "matrix" (docs/css/site.css).
_MOST_COLUMNS = 8

_TABLE = re.compile(r"<table>\s*<thead>.*?</thead>", re.DOTALL)
_CELL = re.compile(r"<td\b.*?</td>", re.DOTALL)
_TEXT = re.compile(r">[^<]+<")
_LONG_NAME = re.compile(r"\S{16,}")
# Where a long name may be broken: behind a separator, and before a capital letter.
_BREAK = re.compile(r"(?<=[_./=:-])(?=\w)|(?<=[a-z])(?=[A-Z])")

# Numbers of the Go release's defects: the first column of migration.md's tables, and in parity.md.
_NUMBER_CELL = re.compile(r"<td>(\d+)</td>")
_DEFECTS = re.compile(r"\bbetter \d+(?:, \d+)*")
_NUMBER = re.compile(r"\d+")

_LINK = re.compile(r"(\]\()([^)#\s:]+)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents outside docs/."""
    for source, page in ELSEWHERE.items():
        if (ROOT / source).exists():
            files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Change links between documents to links between pages."""
    del config, files
    uri = page.file.src_uri
    sources = {name: source for source, name in ELSEWHERE.items()}
    home = posixpath.dirname(sources.get(uri, f"docs/{uri}"))

    def page_link(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(home, link[2]))
        known = {**ELSEWHERE, **_REPLACED_BY}.get(target) or target.removeprefix("docs/")
        if known == target:
            return link[0]
        return f"{link[1]}{posixpath.relpath(known, posixpath.dirname(uri) or '.')}{link[3]}"

    return _LINK.sub(page_link, markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let names in tables be broken, mark tables with many columns, and link numbers of defects."""
    del config, files
    html = _TABLE.sub(_marked, _CELL.sub(_breakable, html))
    if page.file.src_uri == "migration.md":
        return _NUMBER_CELL.sub(_numbered, html)
    return _DEFECTS.sub(_linked, html) if page.file.src_uri == "parity.md" else html


def _marked(table: re.Match[str]) -> str:
    is_wide = table[0].count("<th") - 1 > _MOST_COLUMNS
    kind = "table table-striped matrix" if is_wide else "table table-striped"
    return table[0].replace("<table>", f'<table class="{kind}">')


def _numbered(cell: re.Match[str]) -> str:
    return f'<td id="defect-{cell[1]}">{cell[1]}</td>'


def _linked(numbers: re.Match[str]) -> str:
    return _NUMBER.sub(r'<a href="migration.html#defect-\g<0>">\g<0></a>', numbers[0])


def _breakable(cell: re.Match[str]) -> str:
    def broken(text: re.Match[str]) -> str:
        return _LONG_NAME.sub(lambda name: _BREAK.sub("<wbr>", name[0]), text[0])

    return _TEXT.sub(broken, cell[0])
