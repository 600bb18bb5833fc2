"""A hook of MkDocs: makes documents outside docs/ pages of the site.

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
