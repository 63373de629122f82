"""The exercise checks of notebook 03: solutions pass, mistakes are named."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from showtell_lib import checks
from showtell_lib.checks import notebook_03
from showtell_lib.checks.tiny_model import tiny_model
from showtell_lib.lstm import sigmoid
from tests.notebook_source import solution, stub

EXERCISES = ("log_probability", "perplexity", "lstm_step")


def check(exercise: str, attempt: Any) -> checks.Result:
    return getattr(notebook_03, exercise)(attempt)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes(exercise: str) -> None:
    result = check(exercise, solution("03", exercise, np=np, sigmoid=sigmoid))
    assert result.passed, result.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted_yet(exercise: str) -> None:
    result = check(exercise, stub("03", exercise))
    assert not result.attempted
    assert repr(result) == "not attempted yet"


def test_the_checks_of_a_notebook_are_reached_by_name() -> None:
    assert checks.notebook_03 is notebook_03
    with pytest.raises(AttributeError, match="no attribute 'lesson_03'"):
        _ = checks.lesson_03


def rows(model: Any, state: Any, token_ids: list[int], *, keep_state: bool = False) -> Any:
    """The next word's log-probabilities along a caption."""
    for token_id in token_ids[:-1]:
        log_probs, next_state = model.step([token_id], state)
        state = state if keep_state else next_state
        yield log_probs[0]


def along(model: Any, state: Any, token_ids: list[int]) -> list[float]:
    pairs = zip(rows(model, state, token_ids), token_ids[1:], strict=True)
    return [float(row[token_id]) for row, token_id in pairs]


def first_state_for_all(model: Any, state: Any, token_ids: list[int]) -> float:
    found = rows(model, state, token_ids, keep_state=True)
    return sum(row[token_id] for row, token_id in zip(found, token_ids[1:], strict=True))


def the_word_put_in(model: Any, state: Any, token_ids: list[int]) -> float:
    pairs = zip(rows(model, state, token_ids), token_ids[:-1], strict=True)
    return sum(row[token_id] for row, token_id in pairs)


def fed_back(model: Any, state: Any, token_ids: list[int]) -> float:
    """As `along`, but what is fed is the model's own best word."""
    total, fed = 0.0, token_ids[0]
    for token_id in token_ids[1:]:
        log_probs, state = model.step([fed], state)
        total, fed = total + float(log_probs[0, token_id]), int(log_probs[0].argmax())
    return total


def its_own_words(model: Any, state: Any, token_ids: list[int]) -> float:
    total, fed = 0.0, token_ids[0]
    for _ in token_ids[1:]:
        log_probs, state = model.step([fed], state)
        total, fed = total + float(log_probs[0].max()), int(log_probs[0].argmax())
    return total


def wrong_id(model: Any, state: Any, token_ids: list[int]) -> float:
    return float(model.step([len(model.vocabulary)], state)[0].max())


def wrong_state(model: Any, state: Any, token_ids: list[int]) -> float:
    return float(model.step(token_ids, state)[0].sum())


WRONG_LOG_PROBABILITIES = {
    "you fed the model its own best word": fed_back,
    "Feed the caption's word, whatever": its_own_words,
    "the sign is flipped": lambda *given: -sum(along(*given)),
    "this is in bits": lambda *given: sum(along(*given)) / np.log(2),
    "feed `<S>` too": lambda model, state, ids: sum(along(model, state, ids[1:])),
    "SettingsError: token id 7 is outside the vocabulary": wrong_id,
    "SettingsError: 5 token ids need as many states, not 1": wrong_state,
    "token ids must be whole numbers": lambda model, state, ids: model.step("dog", state),
    "the answer should be one number, not 'no'": lambda *given: "no",
    "the answer should be one number, but has the shape [4]": along,
    "return its natural logarithm": lambda *given: np.exp(sum(along(*given))),
    "you added probabilities": lambda *given: np.exp(along(*given)).sum(),
    "the mean per word": lambda *given: np.mean(along(*given)),
    "the end token is missing": lambda *given: sum(along(*given)[:-1]),
    "Hand on the state": first_state_for_all,
    "about the *next* word": the_word_put_in,
    "add the caption's own word's": lambda *given: sum(row.max() for row in rows(*given)),
    "not the sum of the words' log-probabilities": lambda *given: -1.0,
    "stopped with ZeroDivisionError": lambda *given: 1 / 0,
}


@pytest.mark.parametrize("message", WRONG_LOG_PROBABILITIES)
def test_wrong_log_probabilities(message: str) -> None:
    expect_message("log_probability", WRONG_LOG_PROBABILITIES[message], message)


def popping(model: Any, state: Any, token_ids: list[int]) -> float:
    total, last = 0.0, token_ids.pop(0)
    while token_ids:
        log_probs, state = model.step([last], state)
        last = token_ids.pop(0)
        total += log_probs[0, last]
    return total


def one_by_one(model: Any, state: Any, token_ids: list[int]) -> Any:
    """Hands `step` a single id and a single state, as the captioner also takes them."""
    total = np.zeros(1)
    for last, following in pairwise(token_ids):
        log_probs, state = model.step(last, state[0])
        total = total + log_probs[:, following]
    return total


RIGHT_LOG_PROBABILITIES: dict[str, Callable[..., Any]] = {
    "pops from the list": popping,
    "ids and states one by one, an array of one": one_by_one,
    "a NumPy scalar": lambda *given: np.float32(sum(along(*given))),
    "a list of one": lambda *given: [sum(along(*given))],
}


@pytest.mark.parametrize("how", RIGHT_LOG_PROBABILITIES)
def test_right_log_probabilities(how: str) -> None:
    result = check("log_probability", RIGHT_LOG_PROBABILITIES[how])
    assert result.passed, result.message


RIGHT_PERPLEXITIES: dict[str, Callable[..., Any]] = {
    "pure Python": lambda rows: math.exp(-sum(rows) / len(rows)),
    "in place": lambda rows: np.exp(np.negative(rows, out=rows).mean()),
    "a product of probabilities": lambda rows: np.exp(rows).prod() ** (-1 / len(rows)),
}


@pytest.mark.parametrize("how", RIGHT_PERPLEXITIES)
def test_right_perplexities(how: str) -> None:
    result = check("perplexity", RIGHT_PERPLEXITIES[how])
    assert result.passed, result.message


WRONG_PERPLEXITIES = {
    "e to the power of the mean": lambda rows: (-np.mean(rows)) ** np.e,
    "for the 1 log-probabilities": lambda rows: np.exp(-np.mean(rows)) if len(rows) == 3 else 1,
    "the minus sign is missing": lambda rows: np.exp(np.mean(rows)),
    "a power of 2": lambda rows: 2 ** -np.mean(rows),
    "grows with the caption's length": lambda rows: np.exp(-np.sum(rows)),
    "the mean of 1 / probability": lambda rows: np.mean(np.exp(-np.asarray(rows))),
    "the perplexity is 1, not 0.00": lambda rows: -np.mean(rows),
    "have a perplexity of 4": lambda rows: 1 - np.mean(rows),
}


@pytest.mark.parametrize("message", WRONG_PERPLEXITIES)
def test_wrong_perplexities(message: str) -> None:
    expect_message("perplexity", WRONG_PERPLEXITIES[message], message)


def cell(
    order: tuple[int, ...] = (0, 1, 2, 3),
    *,
    forget: Callable[..., Any] = lambda f: sigmoid(f + 1),
    keep: Callable[..., Any] = lambda bias: bias,
    squash: Callable[..., Any] = np.tanh,
    show: Callable[..., Any] = np.tanh,
    join: Callable[..., Any] = lambda cell, hidden: [cell, hidden],
    split: int = 1,
) -> Callable[..., Any]:
    """An LSTM cell with a fault of choice, written independently of the check's own cell."""

    def step(vectors: Any, state: Any, kernel: Any, bias: Any) -> Any:
        old, hidden = np.split(state, 2, axis=1)[::split]
        sums = np.split(np.hstack([vectors, hidden]) @ kernel + keep(bias), 4, axis=1)
        i, j, f, o = (sums[place] for place in order)
        new = forget(f) * old + sigmoid(i) * squash(j)
        return np.hstack(join(new, sigmoid(o) * show(new)))

    return step


WRONG_CELLS = {
    "the 1 in the forget gate is missing": cell(forget=sigmoid),
    "belongs inside the sigmoid": cell(forget=lambda f: 1 + sigmoid(f)),
    "pass the forget gate": cell(forget=np.ones_like),
    "the bias is missing": cell(keep=lambda bias: 0),
    "as Keras has them": cell((0, 2, 1, 3)),
    "halves the wrong way round": cell(split=-1),
    "returned the hidden state first": cell(join=lambda new, hidden: [hidden, new]),
    "the candidate goes through tanh": cell(squash=sigmoid),
    "shows tanh of the cell state": cell(show=lambda new: new),
    "of the shape [2, 8], not [2, 4]": cell(join=lambda new, hidden: [hidden]),
    "Go through the equations once more": cell((3, 1, 2, 0)),
}


@pytest.mark.parametrize("message", WRONG_CELLS)
def test_wrong_cells(message: str) -> None:
    expect_message("lstm_step", WRONG_CELLS[message], message)


def test_the_right_cell_written_apart_passes() -> None:
    assert check("lstm_step", cell()).passed


def test_each_mistake_of_a_caption_gives_another_number() -> None:
    """On the first caption, on which mistakes are found; on others two may coincide."""
    model = tiny_model(0)
    token_ids = model.vocabulary.encode(notebook_03.CAPTIONS[0])
    right = sum(along(model, model.start_state, token_ids))
    values = sorted([right, *notebook_03._wrong_log_probabilities(model, token_ids)])
    assert len(values) == 13
    assert min(b - a for a, b in pairwise(values)) > 0.01


def expect_message(exercise: str, attempt: Callable[..., Any], message: str) -> None:
    result = check(exercise, attempt)
    assert result.attempted
    assert not result.passed
    assert message in result.message
