"""The probabilities of words: of the next one, and of each in a caption."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from numpy.typing import ArrayLike

from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named, word_label
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import Vocabulary

ROW_HEIGHT = 0.28


def next_words(
    log_probs: ArrayLike,
    vocabulary: Vocabulary,
    *,
    count: int = 10,
    title: str = "",
    chosen: int | None = None,
) -> Picture:
    """Bars of the most probable next words.

    Args:
        log_probs: natural-log probabilities, float [vocabulary] or [1, vocabulary].
        vocabulary: the words.
        count: how many words to show.
        title: above the figure.
        chosen: token id of the word that was taken; it stands out, and is added below if it is
            not among the most probable.
    """
    row = np.asarray(log_probs, np.float64).reshape(-1)
    order = [int(token_id) for token_id in np.argsort(-row, kind="stable")]
    shown = order[:count]
    if chosen is not None and chosen not in shown:
        shown.append(chosen)
    words = [word_label(vocabulary.word(token_id)) for token_id in shown]
    probabilities = [float(np.exp(row[token_id])) for token_id in shown]
    at = shown.index(chosen) if chosen is not None else None
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(0.9 + ROW_HEIGHT * len(shown))
        axes = figure.add_subplot(title=title or None, xlabel="probability of the next word")
        _horizontal_bars(axes, words, probabilities, at)
    listed = ", ".join(f"{w} {p:.2g}" for w, p in zip(words[:5], probabilities[:5], strict=True))
    alt = f"{named(title)}Bars of the {count} most probable next words, the first: {listed}."
    if at is not None:
        alt += f" Chosen: {words[at]} with {probabilities[at]:.2g}."
    return Picture(figure, alt)


def word_probabilities(caption: Caption, *, title: str = "") -> Picture:
    """Bars of the probability that the model gave to each word of a caption, given those before.

    Args:
        caption: of any search.
        title: above the figure; the caption by default.
    """
    words = [word_label(word) for word, _ in caption.words]
    probabilities = [float(np.exp(log_prob)) for _, log_prob in caption.words]
    least = first_largest(np.negative(probabilities)) if probabilities else None
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.0)
        axes = figure.add_subplot(title=title or textwrap.fill(caption.text, 88))
        axes.set(ylabel="probability of the word", ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1])
        _upright_bars(axes, words, probabilities, least)
    listed = ", ".join(f"{w} {p:.2g}" for w, p in zip(words, probabilities, strict=True))
    alt = f"{named(title)}Probability of each word of the caption: {listed}."
    if least is not None:
        alt += f" The least probable is {words[least]}."
    return Picture(figure, alt)


def _upright_bars(
    axes: Axes, words: list[str], values: list[float], highlighted: int | None
) -> None:
    bars = axes.bar(range(len(words)), values, color=_colors(len(words), highlighted), width=0.7)
    _stand_out(bars, highlighted)
    for index, value in enumerate(values):
        axes.annotate(
            f"{value:.2g}", (index, value), (0, 2), ha="center", va="bottom",
            textcoords="offset points", fontsize=9,
        )  # fmt: skip
    slanted: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(len(words)), words, **(slanted if len(words) > 11 else {}))


def _colors(count: int, highlighted: int | None) -> list[str]:
    return [style.ORANGE if index == highlighted else style.BLUE for index in range(count)]


def _stand_out(bars: BarContainer, highlighted: int | None) -> None:
    """Hatches a bar, for whoever does not see its colour."""
    if highlighted is not None:
        bars.patches[highlighted].set_hatch("///")
        bars.patches[highlighted].set_edgecolor(style.INK)


def _horizontal_bars(
    axes: Axes, words: list[str], values: list[float], highlighted: int | None
) -> None:
    bars = axes.barh(range(len(words)), values, color=_colors(len(words), highlighted), height=0.72)
    _stand_out(bars, highlighted)
    labels = list(words)
    if highlighted is not None:
        labels[highlighted] += " (chosen)"
    for index, value in enumerate(values):
        axes.annotate(
            f"{value:.2g}", (value, index), (4, 0), textcoords="offset points", va="center",
            fontsize=9,
        )  # fmt: skip
    axes.set_yticks(range(len(words)), labels)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set_xlim(0, max([*values, 1e-9]) * 1.12)
