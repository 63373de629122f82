"""The baseline: beam search as the published implementation works, cost for cost.

One photo at a time, one call of the model per step, all words of every hypothesis sorted in
Python, all steps run to the end. Written anew from the description of the algorithm; its answers
are those of `search.beam`, which a test holds it to.
"""

from __future__ import annotations

import heapq
import math
from typing import Any

import numpy as np

LEAST_PROBABILITY = 1e-12


def published_beam(
    captioner: Any, state: np.ndarray, beam_width: int = 3, max_length: int = 20
) -> list[tuple[list[int], float]]:
    """Token ids and log-probabilities of the best captions, best first."""
    vocabulary = captioner.vocabulary
    open_ = [(0.0, [vocabulary.start_id], state[0])]
    finished: list[tuple[float, list[int]]] = []
    for _ in range(max_length - 1):
        tokens = np.array([sentence[-1] for _, sentence, _ in open_])
        log_probs, states = captioner.step(tokens, np.stack([row for _, _, row in open_]))
        grown = []
        for (total, sentence, _), row, next_state in zip(
            open_, np.exp(log_probs), states, strict=True
        ):
            words = list(enumerate(row))
            words.sort(key=lambda pair: -pair[1])
            for token, probability in words[:beam_width]:
                if probability < LEAST_PROBABILITY:
                    continue
                extended = (total + math.log(probability), [*sentence, token])
                if token == vocabulary.end_id:
                    finished.append(extended)
                else:
                    grown.append((*extended, next_state))
        finished = heapq.nlargest(beam_width, finished, key=lambda h: h[0])
        open_ = heapq.nlargest(beam_width, grown, key=lambda h: h[0])
        if not open_:
            break
    best = finished or [(total, sentence) for total, sentence, _ in open_]
    return [(sentence, total) for total, sentence in sorted(best, key=lambda h: -h[0])]
