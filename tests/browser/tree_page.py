"""A page of its own for the viewer of search traces, as a site embeds it, and traces to show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from showtell_lib import plots, search
from showtell_lib.trace import SearchTrace
from tests.toy_models import START_STATE, ToyModel, random_model

Search = Callable[[ToyModel, int], SearchTrace]


def _beam(model: ToyModel, seed: int) -> SearchTrace:
    width, penalty = 1 + seed % 6, (seed % 4) / 2
    found = search.beam(
        model, START_STATE, beam_width=width, length_penalty=penalty, max_length=9, trace=True
    )
    return found.recorded


def _diverse(model: ToyModel, seed: int) -> SearchTrace:
    found = search.diverse_beam(
        model, START_STATE, beam_width=2 + seed % 2 * 4, groups=2, max_length=8, trace=True
    )
    return found.recorded


def _sample(model: ToyModel, seed: int) -> SearchTrace:
    found = search.sample(
        model, START_STATE, captions=4, temperature=0.5 + seed % 3, seed=seed, trace=True
    )
    return found.recorded


def _exact(model: ToyModel, seed: int) -> SearchTrace:
    found = search.exact(
        model, START_STATE, captions=1 + seed % 3, budget=200, max_length=7, trace=True
    )
    assert found.trace is not None
    return found.trace


SEARCHES: dict[str, Search] = {
    "greedy": lambda model, _: search.greedy(model, START_STATE, trace=True).recorded,
    "beam": _beam,
    "diverse_beam": _diverse,
    "sample": _sample,
    "exact": _exact,
}


def random_trace(algorithm: str, seed: int) -> SearchTrace:
    """What a search records of a random model."""
    model = random_model(seed, size=6 + seed % 9, sharpness=1 + seed % 3)
    return SEARCHES[algorithm](model, seed)


def write(path: Path) -> None:
    """Writes a page that holds the viewer and nothing else."""
    path.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A search tree</title>'
        '<meta name="viewport" content="width=device-width"></head><body style="margin: 0">'
        f'<main id="tree"></main><script>{plots.tree_viewer()}</script></body></html>',
        encoding="utf-8",
    )


def open_in(page: Any, folder: Path) -> None:
    """Opens the viewer's page from a file, which is written into a folder."""
    write(folder / "tree.html")
    page.goto((folder / "tree.html").as_uri())


def opened(browser: Any, folder: Path, **settings: Any) -> Any:
    """The viewer's page, opened from a file in a tab of its own.

    Args:
        browser: of Playwright.
        folder: into which the page is written.
        settings: of Playwright's page.
    """
    page = browser.new_page(**settings)
    open_in(page, folder)
    return page


def show(page: Any, trace: SearchTrace) -> None:
    """Shows a trace on the viewer's page."""
    page.evaluate(
        "trace => showTrace(document.getElementById('tree'), trace)", json.loads(trace.to_json())
    )
