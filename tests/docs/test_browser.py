"""The site in a real browser: it fits the screen, its links and pictures are good.

Needs Debian's chromium and chromium-driver, and the Python package selenium.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from docs.documents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

webdriver: Any = pytest.importorskip("selenium.webdriver", reason="needs the package selenium")
BROWSER, DRIVER = shutil.which("chromium") or "", shutil.which("chromedriver") or ""

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason="needs a browser: apt-get install -y chromium chromium-driver"
)

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LAPTOP, PHONE = 1280, 390

# What is wider than the screen: the page, by how much, and by which elements.
TOO_WIDE = """
const width = document.documentElement.clientWidth;
const wide = [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > width + 1)
  .map(one => one.tagName + ' ' + one.textContent.trim().slice(0, 40));
return document.documentElement.scrollWidth > width ? wide : [];
"""
LINKS = """
const found = [...document.querySelectorAll('a[href]')].map(one => one.href);
return [found, [...document.querySelectorAll('[id]')].map(one => one.id),
        [...document.images].filter(one => !one.naturalWidth).map(one => one.src)];
"""
# Texts and boxes of a picture: left, top, right, bottom in its own units.
DRAWN = """
const place = one => { const box = one.getBBox();
                       return [box.x, box.y, box.x + box.width, box.y + box.height]; };
const texts = [...document.querySelectorAll('text')].map(one => [one.textContent, place(one)]);
return [texts, [...document.querySelectorAll('rect')].map(place)];
"""


class Box(NamedTuple):
    """Where something is drawn."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether both cover a place."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0 and down > 0

    def holds_start_of(self, other: Box) -> bool:
        """Whether the other one begins here."""
        middle = (other.top + other.bottom) / 2
        return self.left <= other.left <= self.right and self.top <= middle <= self.bottom


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start a browser with a profile of its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=DRIVER)
    started = webdriver.Chrome(options=options, service=service)
    yield started
    started.quit()


@pytest.mark.parametrize("width", [LAPTOP, PHONE])
def test_no_page_is_wider_than_the_screen(browser: Any, site: Path, width: int) -> None:
    """Wide tables wrap, or scroll by themselves."""
    screen = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    found = {}
    for page in sorted(site.glob("*.html")):
        browser.get(page.as_uri())
        if wide := browser.execute_script(TOO_WIDE):
            found[page.name] = wide[:3]
    assert found == {}


def test_every_link_leads_to_a_page_and_a_heading(browser: Any, site: Path) -> None:
    """As the browser resolves them; every picture is shown."""
    links: dict[str, list[str]] = {}
    ids: dict[str, list[str]] = {}
    for page in sorted(site.glob("*.html")):
        browser.get(page.as_uri())
        links[page.name], ids[page.name], missing = browser.execute_script(LINKS)
        assert missing == [], page.name
    broken = [
        (page, link)
        for page, found in links.items()
        for link in found
        if page != "404.html" and urlsplit(link).scheme == "file" and not _leads(site, link, ids)
    ]
    assert broken == []


def _leads(site: Path, link: str, ids: dict[str, list[str]]) -> bool:
    parts = urlsplit(link)
    target = Path(unquote(parts.path))
    if not target.is_relative_to(site) or not target.is_file():
        return False
    return not parts.fragment or unquote(parts.fragment) in ids[target.name]


@pytest.mark.parametrize(
    "picture", sorted((ROOT / "docs").rglob("*.svg")), ids=lambda path: path.stem
)
def test_texts_of_pictures_stay_in_their_boxes(browser: Any, picture: Path) -> None:
    """No text covers another one or crosses the border of the box in which it begins."""
    browser.get(picture.as_uri())
    drawn, boxes = browser.execute_script(DRAWN)
    texts = [(words, Box(*place)) for words, place in drawn]
    assert texts
    for number, (words, place) in enumerate(texts):
        around = [box for box in (Box(*one) for one in boxes) if box.holds_start_of(place)]
        assert all(place.right <= box.right for box in around), f"{words!r} crosses its border"
        covered = [other for other, its in texts[number + 1 :] if place.overlaps(its)]
        assert covered == [], words
