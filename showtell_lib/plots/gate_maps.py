"""The LSTM's gates over the words of a caption, as heat-maps."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from showtell_lib.errors import SettingsError
from showtell_lib.lstm import Gates
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named

# As many as have room for their number beside their row.
UNITS_SHOWN = 24
# Field, heading, colours, range where it has one.
PANELS: tuple[tuple[str, str, str, tuple[int, int] | None], ...] = (
    ("input_gate", "input gate: what gets in", style.SEQUENTIAL, (0, 1)),
    ("forget_gate", "forget gate: what stays", style.SEQUENTIAL, (0, 1)),
    ("output_gate", "output gate: what shows", style.SEQUENTIAL, (0, 1)),
    ("candidate", "candidate: what could be written", style.DIVERGING, (-1, 1)),
    ("cell_state", "cell state, after", style.DIVERGING, None),
    ("hidden_state", "hidden state, after", style.DIVERGING, (-1, 1)),
)


def gates(
    words: Sequence[str],
    gates: Sequence[Gates],
    *,
    units: Sequence[int] | None = None,
    title: str = "",
) -> Picture:
    """Heat-maps of all gates and states: a column per word, a row per unit.

    Args:
        words: the words that were fed, one per step.
        gates: the gates of each step, of one hypothesis (N = 1).
        units: which units to show, counted from 0; 24 evenly chosen ones by default.
        title: above the figure.

    Raises:
        SettingsError: not as many words as steps, or none.
    """
    if not words or len(words) != len(gates):
        raise SettingsError(f"there are {len(words)} words for {len(gates)} steps of gates")
    values = {name: np.stack([getattr(g, name)[0] for g in gates]) for name, *_ in PANELS}
    size = values["input_gate"].shape[1]
    evenly = np.unique(np.linspace(0, size - 1, min(UNITS_SHOWN, size)).astype(int))
    chosen = np.asarray(units if units is not None else evenly)
    labels = list(words)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(7.2)
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        grid = figure.subplots(2, 3, sharey=True, sharex=True)
        for axes, (name, heading, colors, limits) in zip(grid.flat, PANELS, strict=True):
            shown = values[name][:, chosen].T
            _heat_map(axes, shown, heading, colors, limits)
        for axes in grid[1]:
            axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=9)
        for axes in grid[:, 0]:
            axes.set_ylabel(f"{len(chosen)} of {size} units, by number")
            axes.set_yticks(range(len(chosen)), [str(unit) for unit in chosen], fontsize=8)
    return Picture(figure, _describe(labels, values, len(chosen), title))


def _heat_map(
    axes: Axes, shown: np.ndarray, heading: str, colors: str, limits: tuple[int, int] | None
) -> None:
    # A cell state has no bounds: the range that holds nearly all of it, as a whole number.
    high = limits[1] if limits else max(1, int(np.ceil(np.quantile(np.abs(shown), 0.95))))
    low = limits[0] if limits else -high
    image = axes.imshow(
        shown, cmap=colors, vmin=low, vmax=high, aspect="auto", interpolation="nearest"
    )
    axes.set_title(heading, fontsize=10)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = axes.figure.colorbar(
        image, ax=axes, pad=0.02, fraction=0.05, ticks=sorted({low, 0, high})
    )
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)


def _describe(words: list[str], values: dict[str, np.ndarray], count: int, title: str) -> str:
    """Alt text: over all units, the mean and peak of each gate, and how far the cells reach."""
    means = []
    for name in ("input_gate", "forget_gate", "output_gate"):
        by_word = values[name].mean(axis=1)
        most = words[first_largest(by_word)]
        means.append(f"{name.replace('_', ' ')} {by_word.mean():.2g} (most open at {most})")
    reach = np.abs(values["cell_state"]).max(axis=1)
    return (
        f"{named(title)}Heat-maps of the LSTM's gates and states in {count} units over "
        f"{len(words)} words: {' '.join(words)}. Means: {'; '.join(means)}. The largest cell is "
        f"{reach[0]:.1f} from 0 after {words[0]}, {reach[-1]:.1f} after {words[-1]}."
    )
