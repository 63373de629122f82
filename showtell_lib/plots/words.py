"""The probabilities of words: of the next one, and of each in a caption."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.scales import check_positive, name_powers
from showtell_lib.plots.wording import named, rounded
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import Vocabulary

ROW_HEIGHT = 0.28
LEAST_BITS = 4.0


def next_words(
    log_probs: ArrayLike,
    vocabulary: Vocabulary,
    *,
    count: int = 10,
    title: str = "",
    chosen: int | None = None,
    log: bool = False,
) -> Picture:
    """Bars of the most probable next words.

    Args:
        log_probs: natural-log probabilities, float [vocabulary] or [1, vocabulary].
        vocabulary: the words.
        count: how many words to show.
        title: above the figure.
        chosen: token id of the word that was taken; it stands out, and is added below if it is
            not among the most probable.
        log: whether to draw on a logarithmic axis, on which small probabilities can be told
            apart; dots, since bars begin at 0 and such an axis has none.
    """
    row = np.asarray(log_probs, np.float64).reshape(-1)
    order = [int(token_id) for token_id in np.argsort(-row, kind="stable")]
    shown = order[:count]
    if chosen is not None and chosen not in shown:
        shown.append(chosen)
    words = [vocabulary.word(token_id) for token_id in shown]
    probabilities = [float(np.exp(row[token_id])) for token_id in shown]
    at = shown.index(chosen) if chosen is not None else None
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(0.9 + ROW_HEIGHT * len(shown))
        axes = figure.add_subplot(title=title or None, xlabel="probability of the next word")
        (_dots if log else _horizontal_bars)(axes, words, probabilities, at)
    listed = _listed(words[:5], probabilities[:5])
    drawn = "Dots on a logarithmic axis" if log else "Bars"
    alt = f"{named(title)}{drawn} of the {count} most probable next words, the first: {listed}."
    if at is not None:
        alt += f" Chosen: {words[at]} with {rounded(probabilities[at])}."
    return Picture(figure, alt)


def word_probabilities(caption: Caption, *, title: str = "") -> Picture:
    """Bars of the probability that the model gave to each word of a caption, given those before.

    Args:
        caption: of any search.
        title: above the figure; the caption by default.
    """
    words = [word for word, _ in caption.words]
    probabilities = [float(np.exp(log_prob)) for _, log_prob in caption.words]
    least = first_largest(np.negative(probabilities)) if probabilities else None
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.0)
        axes = figure.add_subplot(title=title or textwrap.fill(caption.text, 88))
        axes.set(ylabel="probability of the word", ylim=(0, 1.12), yticks=[0, 0.25, 0.5, 0.75, 1])
        _upright_bars(axes, words, probabilities, least)
    listed = _listed(words, probabilities)
    alt = f"{named(title)}Probability of each word of the caption: {listed}."
    if least is not None:
        alt += f" The least probable is {words[least]}."
    return Picture(figure, alt)


def who_decided(words: Sequence[str], bits: ArrayLike, *, title: str = "") -> Picture:
    """How much of each word of a caption the photo decides, in bits, as bars.

    Args:
        words: of the caption, `</S>` among them.
        bits: float [words], as `embeddings.photo_influence` gives.
        title: above the figure.

    Raises:
        SettingsError: not as many words as values, or none.
    """
    values = np.asarray(bits, np.float64).reshape(-1)
    if not words or len(words) != len(values):
        raise SettingsError(f"there are {len(words)} words for {len(values)} values")
    labels = list(words)
    most = first_largest(values)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.2)
        axes = figure.add_subplot(title=title or None, ylabel="bits that the photo decides")
        _upright_bars(axes, labels, values.tolist(), most, decimals=1)
        # A word that the photo does not decide shall not fill the figure.
        axes.set_ylim(0, 1.18 * max(values.max(), LEAST_BITS))
        axes.axhline(1, color=style.FAINT, linewidth=1, linestyle="--", zorder=0)
        axes.text(
            1, 1, "dashed: 1 bit, twice as probable", transform=axes.transAxes, fontsize=8,
            ha="right", va="top",
        )  # fmt: skip
    listed = ", ".join(f"{word} {value:.1f}" for word, value in zip(labels, values, strict=True))
    return Picture(
        figure,
        f"{named(title)}How many bits of each word the photo decides, as bars: {listed}. "
        f"The most: {labels[most]}.",
    )


def _listed(words: Sequence[str], probabilities: Sequence[float]) -> str:
    return ", ".join(f"{w} {rounded(p)}" for w, p in zip(words, probabilities, strict=True))


def _upright_bars(
    axes: Axes,
    words: list[str],
    values: list[float],
    highlighted: int | None,
    decimals: int | None = None,
) -> None:
    bars = axes.bar(range(len(words)), values, color=_colors(len(words), highlighted), width=0.7)
    _stand_out(bars, highlighted)
    for index, value in enumerate(values):
        axes.annotate(
            rounded(value) if decimals is None else f"{value:.{decimals}f}",
            (index, value), (0, 2), ha="center", va="bottom",
            textcoords="offset points", fontsize=9,
            bbox={"facecolor": style.BACKGROUND, "edgecolor": "none", "pad": 0.8},
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
    _name_rows(axes, words, values, highlighted)
    axes.set_xlim(0, max([*values, 1e-9]) * 1.12)


def _dots(axes: Axes, words: list[str], values: list[float], highlighted: int | None) -> None:
    """A dot per word on a logarithmic axis, with a thin line that leads to it."""
    check_positive(values)
    left = 10.0 ** np.floor(np.log10(min(values)) - 0.3)
    for index, (value, color) in enumerate(
        zip(values, _colors(len(words), highlighted), strict=True)
    ):
        axes.plot([left, value], [index, index], color=style.GRID, linewidth=1.5, zorder=1)
        mark = "D" if index == highlighted else "o"
        axes.plot(value, index, mark, color=color, markersize=7, markeredgecolor=style.INK)
    axes.set_xscale("log")
    axes.set_xlim(left, max(1.0, max(values)) * (1 / left) ** 0.09)
    name_powers(axes.xaxis)
    axes.xaxis.set_minor_locator(NullLocator())
    _name_rows(axes, words, values, highlighted)


def _name_rows(axes: Axes, words: list[str], values: list[float], highlighted: int | None) -> None:
    """Each row's word on the left, and its value beside its end."""
    labels = list(words)
    if highlighted is not None:
        labels[highlighted] += " (chosen)"
    for index, value in enumerate(values):
        axes.annotate(
            rounded(value), (value, index), (6, 0), textcoords="offset points", va="center",
            fontsize=9,
        )  # fmt: skip
    axes.set_yticks(range(len(words)), labels)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
