"""Diverse beam search: groups of beams that avoid each other's words."""

from __future__ import annotations

from collections import Counter

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.search.beam_search import Beam, step_beams
from showtell_lib.search.common import (
    StepModel,
    as_caption,
    start,
)
from showtell_lib.search.results import SearchResult
from showtell_lib.search.settings import LONGEST, BeamSettings, check_number, check_whole
from showtell_lib.trace import Recorder


def diverse_beam(
    model: StepModel,
    state: np.ndarray,
    *,
    beam_width: int = 6,
    groups: int = 3,
    diversity: float = 0.5,
    length_penalty: float = 0.0,
    max_length: int = LONGEST,
    trace: bool = False,
) -> SearchResult:
    """Diverse beam search with Hamming diversity (Vijayakumar et al. 2016, section 3).

    The beam is divided into groups that take turns at each step. When a group ranks its words, a
    word costs `diversity` for each time that an earlier group has just chosen it. The penalty
    decides who stays; it is not added to any log-probability. Ending is not penalised.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        beam_width: hypotheses of all groups together.
        groups: how many groups; must divide `beam_width`. One group is plain beam search.
        diversity: strength of the penalty, in units of natural-log probability.
        length_penalty: as in `beam`.
        max_length: most tokens, `<S>` and `</S>` included.
        trace: whether to record the search.

    Returns:
        The captions of all groups, ranked by score. Two groups may find the same caption; it is
        returned once.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    settings = BeamSettings(beam_width, length_penalty, max_length).checked(len(model.vocabulary))
    groups, diversity = _check_groups(settings.beam_width, groups, diversity)
    options = {"groups": groups, "diversity": diversity, **settings.as_dict()}
    recorder = Recorder("diverse_beam", options, enabled=trace)
    first, width = start(model, state), settings.beam_width // groups
    beams = [Beam(model, first, width, settings.length_penalty, recorder, g) for g in range(groups)]
    for _ in range(settings.max_length - 1):
        if not _advance_all(beams, diversity, settings.max_length):
            break
    return _ranked(model, beams, recorder)


def _check_groups(beam_width: int, groups: int, diversity: float) -> tuple[int, float]:
    groups = check_whole("groups", groups, 1, beam_width)
    diversity = check_number("diversity", diversity)
    if beam_width % groups:
        raise SettingsError(
            f"groups must divide beam_width: {beam_width} hypotheses cannot be shared evenly "
            f"among {groups} groups"
        )
    return groups, diversity


def _advance_all(beams: list[Beam], diversity: float, max_length: int) -> bool:
    """One step of every group; False if no group can improve any more.

    A group that cannot improve goes on as long as others can: the words it chooses count for them.
    One model step serves all groups: what a group chooses only changes how the next ones rank.
    """
    running = [beam for beam in beams if beam.open]
    if all(beam.cannot_improve(max_length) for beam in running):
        return False
    chosen: Counter[int] = Counter()
    for beam, stepped in zip(running, step_beams(running), strict=True):
        penalties = {token_id: diversity * count for token_id, count in chosen.items()}
        chosen.update(hypothesis.token_ids[-1] for hypothesis in beam.advance(penalties, stepped))
    return True


def _ranked(model: StepModel, beams: list[Beam], recorder: Recorder) -> SearchResult:
    """Finished captions of all groups, or the unfinished ones if no group finished any."""
    returned = [(beam, beam.ranked()) for beam in beams]
    if any(beam.finished for beam in beams):
        returned = [(beam, beam.finished) for beam in beams]
    found = {h.token_ids: (beam, h) for beam, ranked in returned for h in ranked}
    pairs = sorted(found.values(), key=lambda pair: (-pair[0].score(pair[1]), pair[1].token_ids))
    captions = [as_caption(h, model.vocabulary, beam.score(h)) for beam, h in pairs]
    return SearchResult(captions, recorder.trace([h.hypothesis_id for _, h in pairs]))
