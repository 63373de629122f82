"""Reliability diagrams: how often predictions of a probability are right (Guo et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import matplotlib
import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.curves import DASHES, MARKS
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named


class Predictions(Protocol):
    """Predictions of about the same probability, as `reports.calibrate` groups them."""

    @property
    def probability(self) -> float:
        """Their mean probability, 0 to 1."""

    @property
    def right(self) -> float:
        """The share of them that is right, 0 to 1."""


def reliability(
    curves: Mapping[str, Sequence[Predictions]],
    *,
    y_label: str = "share that is right",
    title: str = "",
) -> Picture:
    """How often a model is right (up) when it is so sure (to the right), beside the diagonal.

    A calibrated model's points lie on the diagonal. Below it the model is too sure, above it not
    sure enough.

    Args:
        curves: by name, groups of predictions, as `reports.calibrate` makes them.
        y_label: what being right means.
        title: above the figure.

    Raises:
        SettingsError: there is nothing to draw.
    """
    if not curves or not all(curves.values()):
        raise SettingsError("there is nothing to draw")
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(4.6, 6.2)
        axes = figure.add_subplot(title=title or None, xlabel="mean probability", ylabel=y_label)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.plot([0, 1], [0, 1], color=style.FAINT, linestyle=(0, (2, 2)), linewidth=1)
        axes.text(0.06, 0.0, "calibrated", rotation=45, color=style.INK, fontsize=9)
        axes.text(0.97, 0.04, "too sure", ha="right", color=style.INK, fontsize=9)
        axes.text(0.03, 0.94, "not sure enough", color=style.INK, fontsize=9)
        for index, (name, groups) in enumerate(curves.items()):
            axes.plot(
                [group.probability for group in groups], [group.right for group in groups],
                label=name, color=style.CYCLE[index % len(style.CYCLE)], markersize=5,
                marker=MARKS[index % len(MARKS)], linestyle=DASHES[index % len(DASHES)],
            )  # fmt: skip
        axes.grid()
        figure.legend(frameon=False, loc="outside lower center", ncols=2)
    told = "; ".join(f"{name} {_course(groups)}" for name, groups in curves.items())
    return Picture(
        figure,
        f"{named(title)}Reliability diagram, {y_label} over mean probability, beside the diagonal "
        f"on which a calibrated model lies. {told}.",
    )


def _course(groups: Sequence[Predictions]) -> str:
    """Where a curve begins and ends, and how many of its points lie below the diagonal."""
    first, last = groups[0], groups[-1]
    below = int(np.sum([group.right < group.probability for group in groups]))
    return (
        f"goes from {first.right:.2f} at probability {first.probability:.2f} to {last.right:.2f} "
        f"at {last.probability:.2f}, with {below} of {len(groups)} points below the diagonal"
    )
