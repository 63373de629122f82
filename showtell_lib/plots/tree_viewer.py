"""The search tree that moves: a viewer of traces for pages that have no kernel behind them."""

from __future__ import annotations

from importlib.resources import files


def tree_viewer() -> str:
    """The viewer as JavaScript, to be put between a page's `<script>` tags.

    It defines `showTrace(element, trace)`, which draws a trace into an element of the page; `trace`
    is what `SearchTrace.to_json` writes, as a JavaScript object. It loads nothing from anywhere, so
    a page that holds it and its traces works from a file, too.
    """
    return files(__package__).joinpath("tree_viewer.js").read_text(encoding="utf-8")
