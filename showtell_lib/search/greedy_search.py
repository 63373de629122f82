"""Greedy decoding: always the most probable next word."""

from __future__ import annotations

import numpy as np

from showtell_lib.search.common import (
    StepModel,
    as_caption,
    expansion,
    start,
    step_all,
)
from showtell_lib.search.results import SearchResult
from showtell_lib.search.settings import LONGEST, check_max_length
from showtell_lib.trace import Recorder, Status


def greedy(
    model: StepModel, state: np.ndarray, *, max_length: int = LONGEST, trace: bool = False
) -> SearchResult:
    """Greedy decoding; ties go to the lower token id.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        max_length: most tokens, `<S>` and `</S>` included.
        trace: whether to record the search.

    Returns:
        One caption, unfinished if `</S>` did not come in time.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    max_length = check_max_length(max_length)
    recorder = Recorder("greedy", {"max_length": max_length}, enabled=trace)
    end_id = model.vocabulary.end_id
    hypothesis = start(model, state)
    for length in range(2, max_length + 1):
        log_probs, states = step_all(model, [hypothesis])
        token_id = int(np.argmax(log_probs[0]))
        log_prob = float(log_probs[0, token_id])
        hypothesis = hypothesis.extended(token_id, log_prob, states[0], recorder.new_id())
        going_on: Status = "kept" if length < max_length else "unfinished"
        status: Status = "finished" if token_id == end_id else going_on
        recorder.add(expansion(hypothesis, model.vocabulary, status))
        if token_id == end_id:
            break
    caption = as_caption(hypothesis, model.vocabulary)
    return SearchResult([caption], recorder.trace([hypothesis.hypothesis_id]))
