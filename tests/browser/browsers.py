"""The browser of the system that the browser tests drive."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
# Of the page or frame in which it is asked.
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
# In which a test finds a tab.
DESK = {"width": 1280, "height": 720}
needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs Chromium: install chromium")


@contextmanager
def listening(page: Any, listeners: dict[str, Callable[[Any], object]]) -> Iterator[None]:
    """Tells the events of a page to listeners, by the name of the event, as long as the block."""
    for event, listener in listeners.items():
        page.on(event, listener)
    yield
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
