"""Checks for the exercises of notebook 03, Step the LSTM."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check
from showtell_lib.lstm import sigmoid
from showtell_lib.search import TableModel

CAPTION = ("a", "dog", "sleeps")
# What follows a word depends on all before it: whoever steps from the first state is found out.
WORLD = TableModel(
    {
        "": {"a": 0.5, "dog": 0.2, "sleeps": 0.1},
        "a": {"dog": 0.3, "a": 0.05, "cat": 0.4},
        "dog": {"sleeps": 0.45, "dog": 0.15},
        "sleeps": {"sleeps": 0.4},
        "a dog": {"sleeps": 0.25, "dog": 0.1, "barks": 0.35},
        "a dog sleeps": {"sleeps": 0.2, "soundly": 0.1},
    }
)


def log_probability(attempt: Attempt) -> Result:
    """Checks a function of (model, state, token ids) that returns a caption's log-probability."""
    return run_check(attempt, _check_log_probability, "You can now weigh any sentence.")


def perplexity(attempt: Attempt) -> Result:
    """Checks a function of the log-probabilities of a caption's words."""
    return run_check(attempt, _check_perplexity, "Lower is surer; 1 would be certainty.")


def frozen_step(attempt: Attempt) -> Result:
    """Checks a function of (word vectors, state, kernel, bias, forget gate): the next state."""
    praise = "That is a whole LSTM cell, with its memory in your hand."
    return run_check(attempt, _check_frozen_step, praise)


def _check_log_probability(solution: Solution) -> None:
    model = WORLD
    token_ids = model.vocabulary.encode(CAPTION)
    answer = float(call(solution, model, model.start_state, token_ids))
    for wrong, message in _wrong_log_probabilities(model, token_ids).items():
        expect(not np.isclose(answer, wrong, atol=1e-5), message)
    right = sum(_log_probs_of(model, token_ids))
    expect(
        bool(np.isclose(answer, right, atol=1e-4)),
        "this is not the sum of the words' log-probabilities. At each step feed the caption's own "
        "word and the last state, and look up the caption's next word.",
    )


def _rows_of(model: TableModel, token_ids: list[int]) -> list[np.ndarray]:
    """What the model says of the next word after each token but the last."""
    rows, state = [], model.start_state
    for token_id in token_ids[:-1]:
        log_probs, state = model.step([token_id], state)
        rows.append(log_probs[0])
    return rows


def _log_probs_of(model: TableModel, token_ids: list[int]) -> list[float]:
    rows = _rows_of(model, token_ids)
    return [float(row[word]) for row, word in zip(rows, token_ids[1:], strict=True)]


def _wrong_log_probabilities(model: TableModel, token_ids: list[int]) -> Mapping[float, str]:
    """What typical mistakes would return, with what to say about each."""
    right, rows = _log_probs_of(model, token_ids), _rows_of(model, token_ids)
    unmoved = [model.step([token_id], model.start_state)[0][0] for token_id in token_ids[:-1]]
    return {
        float(np.exp(sum(right))): "this is the probability; return its natural logarithm.",
        float(np.exp(right).sum()): (
            "you added probabilities. Probabilities of words in a row multiply; it is their "
            "logarithms that add up."
        ),
        float(np.mean(right)): "this is the mean per word; the caption needs the sum.",
        sum(right[:-1]): "the end token is missing: `</S>` is a word with a probability too.",
        sum(float(row[word]) for row, word in zip(unmoved, token_ids[1:], strict=True)): (
            "every word was stepped from the first state. Hand on the state that `step` returns."
        ),
        sum(float(row[last]) for row, last in zip(rows, token_ids, strict=False)): (
            "you looked up the word that you put in. What comes out is about the *next* word."
        ),
        sum(float(row.max()) for row in rows): (
            "you added the best word's log-probability at each step; add the caption's own word's."
        ),
    }


def _check_perplexity(solution: Solution) -> None:
    certain = float(call(solution, np.zeros(3)))
    expect(
        bool(np.isclose(certain, 1)),
        f"where every word is certain the perplexity is 1, not {certain + 0.0:.2f}. Take the "
        "e-th power of the mean negative log-probability.",
    )
    log_probs = np.log([0.5, 0.25, 0.125])
    answer = float(call(solution, log_probs))
    wrong = {
        0.25: "this is below 1: the minus sign is missing, so it is the mean probability.",
        float(2 ** -log_probs.mean()): (
            "you took a power of 2, but the log-probabilities are natural: e to the power of it."
        ),
        64.0: "this grows with the caption's length: take the mean over the words, not the sum.",
        float(np.mean(1 / np.exp(log_probs))): (
            "you took the mean of 1 / probability. First the mean of the logarithms, then the "
            "exponential."
        ),
    }
    for value, message in wrong.items():
        expect(not np.isclose(answer, value), message)
    expect(
        bool(np.isclose(answer, 4)),
        "words of probability 1/2, 1/4 and 1/8 have a perplexity of 4: on average as unsure as "
        f"between 4 words. Yours is {answer:.2f}.",
    )


def _check_frozen_step(solution: Solution) -> None:
    random = np.random.default_rng(3)
    word_vectors, state = random.normal(size=(2, 5)), random.normal(size=(2, 8))
    kernel, bias = random.normal(size=(9, 16)), random.normal(size=16)
    given = (word_vectors, state, kernel, bias)
    answer = np.asarray(call(solution, *given, 0.3))
    expect(
        answer.shape == state.shape,
        f"the next state has the shape of the state, {list(state.shape)}, not "
        f"{list(answer.shape)}: cell state, then hidden state, side by side.",
    )
    for mistake, message in CELL_MISTAKES.items():
        expect(not np.allclose(answer, _cell(*given, 0.3, mistake), atol=1e-5), message)
    expect(
        np.allclose(answer, _cell(*given, 0.3), atol=1e-5),
        "the numbers are others. Go through the equations once more: c' = f c + i j, "
        "h' = o tanh(c'), with the sigmoid for i and o and tanh for j.",
    )


CELL_MISTAKES = {
    "learned": "the forget gate is still the learned one; put the given number in its place.",
    "squashed": "the given number is the gate itself; do not put it through the sigmoid again.",
    "keras": (
        "you took the sums in the order input, forget, candidate, output, as Keras has them. Here "
        "the candidate comes second."
    ),
    "halves": "you took the state's halves the wrong way round: the cell state comes first.",
    "returned": "you returned the hidden state first; the cell state comes first.",
    "candidate": "the candidate goes through tanh, from -1 to 1: it may also take away.",
    "shown": "the hidden state shows tanh of the cell state, not the cell state itself.",
    "old": "the hidden state shows the *new* cell state, not the old one.",
    "input": "the candidate has to pass the input gate before it is added.",
}


def _cell(
    word_vectors: np.ndarray,
    state: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    forget_gate: float,
    mistake: str = "",
) -> np.ndarray:
    """The next state of an LSTM cell with a frozen forget gate, with a typical mistake or none."""
    cell, hidden = np.split(state, 2, axis=1)[:: -1 if mistake == "halves" else 1]
    sums = np.concatenate([word_vectors, hidden], axis=1) @ kernel + bias
    i, j, f, o = np.split(sums, 4, axis=1)
    if mistake == "keras":
        j = f
    frozen = {"learned": sigmoid(f + 1), "squashed": sigmoid(np.asarray(forget_gate))}
    candidate = sigmoid(j) if mistake == "candidate" else np.tanh(j)
    written = candidate if mistake == "input" else sigmoid(i) * candidate
    new = frozen.get(mistake, forget_gate) * cell + written
    source = cell if mistake == "old" else new
    shown = sigmoid(o) * (source if mistake == "shown" else np.tanh(source))
    return np.concatenate([shown, new] if mistake == "returned" else [new, shown], axis=1)
