"""The browser of the system that the browser tests drive."""

from __future__ import annotations

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
# Of the page or frame in which it is asked.
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium: install chromium")
