"""Beam search of several photos side by side, traced: for who asks for many trees at a time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from showtell_lib.search.beam_search import Beam, step_beams
from showtell_lib.search.common import StepModel, start
from showtell_lib.search.results import SearchResult
from showtell_lib.search.settings import BeamSettings
from showtell_lib.trace import Recorder


def beam_batch(
    model: StepModel, states: Iterable[np.ndarray], settings: BeamSettings
) -> list[SearchResult]:
    """Beam search of several photos side by side, traced; one model step serves them all.

    Each photo gets what `beam` gives it, up to near ties: in company a model's numbers may differ
    in the last digits.

    Args:
        model: anything with `step` and `vocabulary`.
        states: encoded photos, float32 [photos, 2 * units].
        settings: the same for all.

    Returns:
        For each photo its captions and its trace.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    settings = settings.checked(len(model.vocabulary))
    searches = [_begun(model, state, settings) for state in states]
    going_on = searches
    for _ in range(settings.max_length - 1):
        if not going_on:
            break
        for search, stepped in zip(going_on, step_beams(going_on), strict=True):
            search.advance(stepped=stepped)
        going_on = [s for s in going_on if s.open and not s.cannot_improve(settings.max_length)]
    return [search.result() for search in searches]


def _begun(model: StepModel, state: np.ndarray, settings: BeamSettings) -> Beam:
    recorder = Recorder("beam", settings.as_dict(), enabled=True)
    first = start(model, state)
    return Beam(model, first, settings.beam_width, settings.length_penalty, recorder)
