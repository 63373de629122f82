"""Sampling: draw each next word, from all words or only from the likely ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.search.common import (
    Hypothesis,
    StepModel,
    as_caption,
    expansion,
    most_probable,
    start,
    step_all,
)
from showtell_lib.search.results import SearchResult
from showtell_lib.search.settings import LONGEST, check_max_length, check_number, check_whole
from showtell_lib.trace import Recorder, Status

# Relative error that float32 log-probabilities can put into a sum of probabilities.
ROUNDING = 1e-6


def sample(
    model: StepModel,
    state: np.ndarray,
    *,
    captions: int = 1,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
    seed: int = 0,
    max_length: int = LONGEST,
    trace: bool = False,
) -> SearchResult:
    """Draws captions word by word.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        captions: how many to draw, independently.
        temperature: log-probabilities are divided by it: below 1 sharper, above 1 flatter.
        top_k: draw only from this many most probable words (Fan et al. 2018); None: from all.
        top_p: draw only from the fewest most probable words that together reach this probability
            (nucleus sampling, Holtzman et al. 2020), after the temperature.
        seed: the same seed draws the same captions.
        max_length: most tokens, `<S>` and `</S>` included.
        trace: whether to record the search.

    Returns:
        As many captions as asked for, most probable first. Log-probabilities are the model's
        own, whatever distribution the words were drawn from.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    settings = check_settings(
        len(model.vocabulary),
        captions=captions,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
        max_length=max_length,
    )
    recorder = Recorder("sample", settings, enabled=trace)
    random, most = np.random.default_rng(settings["seed"]), settings["max_length"]
    drawn = [start(model, state)] * settings["captions"]
    for length in range(2, most + 1):
        drawn = _draw_all(model, drawn, settings, random, recorder, last=length == most)
    drawn = sorted(drawn, key=lambda hypothesis: hypothesis.order)
    ranked = [as_caption(h, model.vocabulary) for h in drawn]
    return SearchResult(ranked, recorder.trace([h.hypothesis_id for h in drawn]))


def check_settings(vocabulary_size: int, **settings: Any) -> dict[str, Any]:
    """Refuses settings that sampling cannot work with.

    Returns:
        The settings, with Python's numbers for NumPy's.

    Raises:
        SettingsError: with what is allowed.
    """
    top_k = settings["top_k"]
    top_p = check_number("top_p", settings["top_p"], above=0.0)
    if top_p > 1:
        raise SettingsError(f"top_p must be a number, above 0 to 1, not {settings['top_p']!r}")
    return {
        "captions": check_whole("captions", settings["captions"], 1),
        "temperature": check_number("temperature", settings["temperature"], above=0.0),
        "top_k": None if top_k is None else check_whole("top_k", top_k, 1, vocabulary_size),
        "top_p": top_p,
        "seed": check_whole("seed", settings["seed"], 0),
        "max_length": check_max_length(settings["max_length"]),
    }


def _draw_all(
    model: StepModel,
    hypotheses: list[Hypothesis],
    settings: dict[str, Any],
    random: np.random.Generator,
    recorder: Recorder,
    *,
    last: bool,
) -> list[Hypothesis]:
    """Adds a drawn word to each hypothesis that has not ended."""
    end_id = model.vocabulary.end_id
    going_on = [i for i, h in enumerate(hypotheses) if h.token_ids[-1] != end_id]
    if not going_on:
        return hypotheses
    log_probs, states = step_all(model, [hypotheses[i] for i in going_on])
    extended = list(hypotheses)
    for index, row, next_state in zip(going_on, log_probs, states, strict=True):
        token_id = _draw(row, settings, random)
        log_prob = float(row[token_id])
        grown = extended[index].extended(token_id, log_prob, next_state, recorder.new_id())
        status: Status = "finished" if token_id == end_id else "unfinished" if last else "kept"
        recorder.add(expansion(grown, model.vocabulary, status))
        extended[index] = grown
    return extended


def in_nucleus(probabilities: np.ndarray, top_p: float) -> np.ndarray:
    """Which words to draw from: a word is in if the words before it do not yet reach `top_p`.

    A sum that falls short of `top_p` by less than a millionth reaches it, too. Eight words of 0.1
    each make 0.8, but in binary numbers perhaps a little less; that must not let a ninth word in.

    Args:
        probabilities: float64 [words], most probable first.
        top_p: above 0, up to 1; at 1 every word is in.

    Returns:
        bool [words].
    """
    if top_p == 1:
        return np.full(len(probabilities), fill_value=True)
    before = np.concatenate([[0.0], np.cumsum(probabilities)[:-1]])
    return np.asarray(before < top_p * (1 - ROUNDING))


def _draw(log_probs: np.ndarray, settings: dict[str, Any], random: np.random.Generator) -> int:
    tokens = np.array(most_probable(log_probs, settings["top_k"] or len(log_probs)))
    below_best = np.asarray(log_probs[tokens], np.float64) - log_probs.max()
    with np.errstate(over="ignore"):  # A tiny temperature leaves the best words alone.
        probabilities = np.exp(below_best / settings["temperature"])
    probabilities /= probabilities.sum()
    nucleus = in_nucleus(probabilities, settings["top_p"])
    chosen = probabilities[nucleus] / probabilities[nucleus].sum()
    return int(tokens[nucleus][random.choice(len(chosen), p=chosen)])
