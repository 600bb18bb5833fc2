"""scripts/screenshots takes the pictures that the documents show."""

from __future__ import annotations

import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from docs.documents import ROOT
from tasks import browser
from tasks.screenshots import SCHEMES, WIDTH

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n"


def width(picture: bytes) -> int:
    """Return the width of a PNG."""
    assert picture.startswith(PNG)
    return int(struct.unpack_from(">I", picture, 16)[0])


@pytest.mark.slow
@pytest.mark.skipif(bool(browser.missing()), reason=f"not installed: {browser.missing()}")
def test_it_takes_a_light_and_a_dark_picture(tmp_path: Path) -> None:
    """Of the same width as the committed ones."""
    script = ROOT / "scripts" / "screenshots"
    subprocess.run([script, "--dir", tmp_path], check=True, capture_output=True, timeout=120)
    light, dark = ((tmp_path / f"page-{scheme}.png").read_bytes() for scheme in SCHEMES)
    assert light != dark
    assert width(light) == width(dark) == WIDTH


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_documents_have_both(scheme: str) -> None:
    """Committed, since a browser is needed to make them."""
    picture = ROOT / "docs" / "pictures" / f"page-{scheme}.png"
    assert width(picture.read_bytes()) == WIDTH
