"""Opens Chromium without a window, for the tests of the simulator's page and its pictures."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSERS, DRIVER = ("chromium", "chromium-browser", "google-chrome"), "chromedriver"

# Nothing but the page is to be loaded.
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--no-proxy-server", "--hide-scrollbars"),
)


def missing() -> str:
    """Return which of the two programs is not installed; empty if both are."""
    if _browser() is None:
        return BROWSERS[0]
    return "" if shutil.which(DRIVER) else DRIVER


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def opened(width: int = 1400, height: int = 1000) -> Iterator[Chrome]:
    """Start a browser with an empty profile, and end it."""
    options = ChromeOptions()
    options.binary_location = _browser() or BROWSERS[0]
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # The driver is on this machine: no proxy leads to it.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "localhost,127.0.0.1"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        driver = Chrome(options, ChromeService(shutil.which(DRIVER)))
        try:
            yield driver
        finally:
            driver.quit()


def set_scheme(driver: Chrome, scheme: str) -> None:
    """Prefer light or dark colours, and no motion."""
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
