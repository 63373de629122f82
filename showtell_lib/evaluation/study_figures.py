"""Figures of the search study: what a wider beam changes, and where searches part."""

from __future__ import annotations

import numpy as np

from showtell_lib import plots
from showtell_lib.evaluation.search_study import EXACT, SearchStudy
from showtell_lib.plots import Picture

# Of log-probabilities: computed with another batch size, the same caption may differ by so much.
SAME_LOG_PROB = 1e-3


def by_width(study: SearchStudy, *, title: str = "") -> Picture:
    """Log-probability, length and CIDEr by beam width, and of the optimum: means and spread."""
    measures = {
        "log-probability": study.log_probs,
        "words": study.words,
        "CIDEr": study.cider,
    }
    places = [*map(str, study.widths), "best"]
    label = "beam width; best: the optimum"
    return plots.spreads(places, measures, x_label=label, title=title)


def agreement(
    study: SearchStudy,
    *,
    pairs: tuple[tuple[int | str, int | str], ...] = ((1, 3), (3, EXACT)),
    title: str = "",
) -> Picture:
    """How often two searches agree, and both directions in which they differ.

    Each pair has two bars: by log-probability, whose caption the model finds more probable; by
    CIDEr, whose is more like people's.

    Args:
        study: of N photos.
        pairs: two searches each, by beam width or `"exact"`.
        title: above the figure.
    """
    rows, table = [], []
    for first, second in pairs:
        for judge in ("log-probability", "CIDEr"):
            names = f"{_name(first)} and {_name(second)}"
            rows.append(f"{names},\nby {judge}")
            table.append(directions(study, first, second, judge))
    parts = {name: [row[name] for row in table] for name in table[0]}
    return plots.shares(rows, parts, x_label="photos", title=title)


def directions(
    study: SearchStudy, first: int | str, second: int | str, judge: str
) -> dict[str, int]:
    """On how many photos two searches agree, and which of them is ahead on the others.

    Args:
        study: of N photos.
        first: a beam width, or `"exact"`.
        second: another.
        judge: `log-probability` or `CIDEr`.
    """
    numbers = study.log_probs if judge == "log-probability" else study.cider
    gain = numbers[:, study.column(second)] - numbers[:, study.column(first)]
    same = study.same(first, second)
    level = ~same & (np.abs(gain) <= SAME_LOG_PROB)
    return {
        "same caption": int(same.sum()),
        "others, level": int(level.sum()),
        "the second better": int((~same & ~level & (gain > 0)).sum()),
        "the first better": int((~same & ~level & (gain < 0)).sum()),
    }


def named_errors(study: SearchStudy, *, title: str = "") -> Picture:
    """Search errors and model errors of every beam width, as `SearchStudy.errors` names them."""
    counts = [study.errors(width).counts() for width in study.widths]
    rows = [f"beam width {width}" if width > 1 else "greedy" for width in study.widths]
    parts = {name: [count[name] for count in counts] for name in counts[0]}
    return plots.shares(rows, parts, x_label="photos", title=title)


def _name(search: int | str) -> str:
    return {1: "greedy", EXACT: "optimum"}.get(search, f"beam {search}")
