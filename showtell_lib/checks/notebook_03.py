"""Checks for the exercises of notebook 03, Step the LSTM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from showtell_lib.checks.answers import array_of, number
from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check
from showtell_lib.checks.tiny_model import tiny_model
from showtell_lib.lstm import sigmoid
from showtell_lib.search import TableModel

CAPTIONS = ("a dog sleeps", "cat dog", "dog sleeps a cat", "sleeps")


def log_probability(attempt: Attempt) -> Result:
    """Checks a function of (model, state, token ids) that returns a caption's log-probability."""
    return run_check(attempt, _check_log_probability, "You can now weigh any sentence.")


def perplexity(attempt: Attempt) -> Result:
    """Checks a function of the log-probabilities of a caption's words."""
    return run_check(attempt, _check_perplexity, "Lower is surer; 1 would be certainty.")


def lstm_step(attempt: Attempt) -> Result:
    """Checks a function of (word vectors, state, kernel, bias) that returns the next state."""
    praise = "That is a whole LSTM cell, with its memory in your hand."
    return run_check(attempt, _check_lstm_step, praise)


def _check_log_probability(solution: Solution) -> None:
    for seed, caption in enumerate(CAPTIONS):
        model = tiny_model(seed)
        token_ids = model.vocabulary.encode(caption)
        answer = number(call(solution, model, model.start_state, token_ids))
        right = sum(_log_probs(model, token_ids))
        if np.isclose(answer, right, atol=1e-4):
            continue
        for wrong, message in _wrong_log_probabilities(model, token_ids).items():
            expect(not np.isclose(answer, wrong, atol=1e-4), message)
        expect(
            False,
            f"for {caption!r} it gave {answer:.3f}, which is not the sum of the words' "
            "log-probabilities. At each step feed the caption's own word and the last state, and "
            "look up the caption's next word.",
        )


def _rows(model: TableModel, token_ids: Sequence[int], *, first_state: bool = False) -> np.ndarray:
    """The next word's log-probabilities after each of these tokens, [tokens, vocabulary]."""
    rows, state = [], model.start_state
    for token_id in token_ids:
        row, next_state = model.step([token_id], state)
        state = state if first_state else next_state
        rows.append(row[0])
    return np.asarray(rows, np.float64)


def _log_probs(model: TableModel, token_ids: Sequence[int]) -> np.ndarray:
    """The log-probability of each token after the first."""
    return _rows(model, token_ids[:-1])[range(len(token_ids) - 1), token_ids[1:]]


def _greedy_rows(model: TableModel, steps: int) -> np.ndarray:
    """The next word's log-probabilities along the path of the best words."""
    fed = [model.vocabulary.start_id]
    for _ in range(steps - 1):
        fed.append(int(_rows(model, fed)[-1].argmax()))
    return _rows(model, fed)


def _wrong_log_probabilities(model: TableModel, token_ids: list[int]) -> Mapping[float, str]:
    """What typical mistakes would return, with what to say about each."""
    log_probs, rows = _log_probs(model, token_ids), _rows(model, token_ids[:-1])
    greedy_rows = _greedy_rows(model, len(rows))
    steps, put_in, wanted = range(len(rows)), token_ids[:-1], token_ids[1:]
    fed_back = (
        "you fed the model its own best word. Feed the caption's word, whatever the model would "
        "have said."
    )
    wrong: dict[float, str] = {
        np.exp(log_probs.sum()): "this is the probability; return its natural logarithm.",
        np.exp(log_probs).sum(): (
            "you added probabilities. Probabilities of words in a row multiply; it is their "
            "logarithms that add up."
        ),
        log_probs.mean(): "this is the mean per word; the caption needs the sum.",
        log_probs[:-1].sum(): (
            "the end token is missing: `</S>` is a word with a probability too."
        ),
        log_probs[1:].sum(): (
            "the first word is missing: feed `<S>` too, it is what the first word comes after."
        ),
        -log_probs.sum(): (
            "the sign is flipped. A logarithm of a probability is below 0, and so is their sum."
        ),
        log_probs.sum() / np.log(2): (
            "this is in bits, a logarithm to base 2. `step` gives natural logarithms: add them up "
            "as they are."
        ),
        _rows(model, put_in, first_state=True)[steps, wanted].sum(): (
            "every word was stepped from the first state. Hand on the state that `step` returns."
        ),
        rows[steps, put_in].sum(): (
            "you looked up the word that you put in. What comes out is about the *next* word."
        ),
        rows.max(axis=1).sum(): (
            "you added the best word's log-probability at each step; add the caption's own word's."
        ),
        greedy_rows[steps, wanted].sum(): fed_back,
        greedy_rows.max(axis=1).sum(): fed_back,
    }
    return {float(value): message for value, message in wrong.items()}


def _check_perplexity(solution: Solution) -> None:
    log_probs = np.log([0.5, 0.25, 0.125])
    answer = number(call(solution, log_probs))
    for wrong, message in _wrong_perplexities(log_probs).items():
        expect(not np.isclose(answer, wrong), message)
    certain = number(call(solution, np.zeros(3)))
    expect(
        bool(np.isclose(certain, 1)),
        f"where every word is certain the perplexity is 1, not {certain + 0.0:.2f}. Take e to "
        "the power of the mean negative log-probability.",
    )
    expect(
        bool(np.isclose(answer, 4)),
        "words of probability 1/2, 1/4 and 1/8 have a perplexity of 4: on average as unsure as "
        f"between 4 words. Yours is {answer:.2f}.",
    )
    random = np.random.default_rng(4)
    for words in (1, 2, 7):
        log_probs = -random.exponential(size=words)
        answer, right = number(call(solution, log_probs)), np.exp(-log_probs.mean())
        expect(
            bool(np.isclose(answer, right)),
            f"for the {words} log-probabilities {np.round(log_probs, 2).tolist()} it should be "
            f"{right:.3f}, not {answer:.3f}.",
        )


def _wrong_perplexities(log_probs: np.ndarray) -> Mapping[float, str]:
    """What typical mistakes would return, with what to say about each."""
    mean = float(-log_probs.mean())
    return {
        float(np.exp(-mean)): (
            "this is below 1: the minus sign is missing, so it is the mean probability."
        ),
        2**mean: (
            "you took a power of 2, but the log-probabilities are natural: e to the power of it."
        ),
        mean**np.e: (
            "you took the mean to the power of e. It is the other way round: e to the power of the "
            "mean."
        ),
        float(np.exp(-log_probs.sum())): (
            "this grows with the caption's length: take the mean over the words, not the sum."
        ),
        float(np.exp(-log_probs).mean()): (
            "you took the mean of 1 / probability. First the mean of the logarithms, then the "
            "exponential."
        ),
    }


def _check_lstm_step(solution: Solution) -> None:
    random = np.random.default_rng(3)
    word_vectors, state = random.normal(size=(2, 5)), random.normal(size=(2, 8))
    given = (word_vectors, state, random.normal(size=(9, 16)), random.normal(size=16))
    what = "the next state, cell state and hidden state side by side,"
    answer = array_of(call(solution, *given), state.shape, what)
    for mistake, message in CELL_MISTAKES.items():
        expect(not np.allclose(answer, _cell(*given, mistake), atol=1e-5), message)
    expect(
        np.allclose(answer, _cell(*given), atol=1e-5),
        "the numbers are others. Go through the equations once more: c' = f c + i j, "
        "h' = o tanh(c'), with the sigmoid for i, f and o and tanh for j.",
    )


CELL_MISTAKES = {
    "unbiased": (
        "the 1 in the forget gate is missing: it is not in the weights, so add it to the sum "
        "before the sigmoid."
    ),
    "outside": "the 1 of the forget gate belongs inside the sigmoid, on the sum.",
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
    "kept": "the old cell state has to pass the forget gate before the candidate is added.",
    "biases": "the bias is missing: add it to the product, before you split it.",
}


def _cell(
    word_vectors: np.ndarray,
    state: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    mistake: str = "",
) -> np.ndarray:
    """The next state of an LSTM cell, with a typical mistake or none."""
    cell, hidden = np.split(state, 2, axis=1)[:: -1 if mistake == "halves" else 1]
    sums = np.concatenate([word_vectors, hidden], axis=1) @ kernel
    i, j, f, o = np.split(sums if mistake == "biases" else sums + bias, 4, axis=1)
    if mistake == "keras":
        j, f = f, j
    gates = {"unbiased": sigmoid(f), "outside": sigmoid(f) + 1, "kept": np.ones_like(f)}
    candidate = sigmoid(j) if mistake == "candidate" else np.tanh(j)
    written = candidate if mistake == "input" else sigmoid(i) * candidate
    new = gates.get(mistake, sigmoid(f + 1)) * cell + written
    source = cell if mistake == "old" else new
    shown = sigmoid(o) * (source if mistake == "shown" else np.tanh(source))
    return np.concatenate([shown, new] if mistake == "returned" else [new, shown], axis=1)
