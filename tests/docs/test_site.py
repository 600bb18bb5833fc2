"""scripts/docs: the generated parts are current, and the site is built without a warning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs.documents import pages

if TYPE_CHECKING:
    from pathlib import Path

# Pages that come from outside docs/.
ELSEWHERE = {"changelog", "contributing", "coverage", "pipeline", "security", "zh"}


def test_every_document_is_a_page(site: Path) -> None:
    """Also those outside docs/."""
    inside = {path[len("docs/") : -len(".md")] for path in pages() if path.startswith("docs/")}
    assert {path.stem for path in site.glob("*.html")} - {"404"} == inside | ELSEWHERE


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No font, script, style or picture is from another host: the site can be read offline."""
    wanted = re.compile(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=\"?(https?:)?//[^>]*>")
    texts = (page.read_text("utf-8") for page in site.rglob("*.html"))
    fetched = [found[0] for text in texts for found in wanted.finditer(text)]
    assert [tag for tag in fetched if "canonical" not in tag] == []


def test_pictures_are_in_the_site(site: Path) -> None:
    """Those of the architecture page."""
    shown = re.findall(r'src="(pictures/[^"]+)"', (site / "architecture.html").read_text("utf-8"))
    assert sorted(shown) == [f"pictures/{name}.svg" for name in ("create_vm", "layers", "one_call")]
    assert all((site / name).read_text("utf-8").startswith("<svg") for name in shown)
