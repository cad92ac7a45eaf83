"""Keep pictures of pages for the README."""

import os
from pathlib import Path

from playwright.sync_api import Page

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def keep_picture(page: Page, name: str) -> None:
    """Save a picture for the README when asked to; tests never depend on it."""
    if os.environ.get("TRINHKY_PICTURES") == "1":
        IMAGES.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state("networkidle")
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled", caret="hide")
