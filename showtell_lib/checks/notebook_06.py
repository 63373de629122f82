"""Checks for the exercises of notebook 06, greedy against beam."""

from __future__ import annotations

from showtell_lib.checks.answers import parts, truth, whole
from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check
from showtell_lib.search.beam_search import beam
from showtell_lib.search.comparison import CountingModel
from showtell_lib.search.table_model import TableModel


def name_errors(attempt: Attempt) -> Result:
    """Checks a function that says what is wrong with a caption that a search found.

    Args:
        attempt: takes the caption found, the model's most probable caption, and the set of
            captions that people would accept; returns two truths: search error, model error.
    """
    praise = "Search errors are judged by the model, model errors by people."
    return run_check(attempt, _check_errors, praise)


def _check_errors(solution: Solution) -> None:
    def errors(caption: str, best: str) -> tuple[bool, bool]:
        answer = call(solution, caption, best, {"a dog", "a brown dog"})
        search, model = parts(answer, ["search error", "model error"])
        return truth(search, "the search error"), truth(model, "the model error")

    expect(
        errors("a cat", "a dog") != (False, True),
        "the two are the wrong way round: return the search error first.",
    )
    expect(
        not errors("a cat", "a cat")[0],
        "the search found the model's most probable caption: that it is wrong is no search error.",
    )
    expect(
        errors("a dog", "a brown dog")[0],
        "a caption that people accept can still be a search error: the model has a more probable "
        "one, and the search missed it.",
    )
    expect(
        errors("a dog", "a cat")[1],
        "the model's most probable caption is wrong, so there is a model error, even if the search "
        "missed it and, by luck, found a good caption.",
    )
    expect(
        not errors("a cat", "a dog")[1],
        "a model error is judged by the model's most probable caption, not by what was found; "
        "people accept that one.",
    )
    table = {
        ("a dog", "a dog"): (False, False),
        ("a cat", "a cat"): (False, True),
        ("a cat", "a dog"): (True, False),
        ("a dog", "a brown dog"): (True, False),
        ("a dog", "a cat"): (True, True),
        ("a cat", "a bus"): (True, True),
    }
    for (caption, best), right in table.items():
        expect(
            errors(caption, best) == right,
            f"if the search finds {caption!r} and the model's best is {best!r}, where people "
            f"accept only dogs, it should return {right}.",
        )


# Of ten words each is as probable as another, and the end never comes.
TEN_WORDS = dict.fromkeys("abcdefghij", 0.1)
NEVER_ENDS = TableModel({"": TEN_WORDS, **dict.fromkeys(TEN_WORDS, TEN_WORDS)})


def count_hypotheses(attempt: Attempt) -> Result:
    """Checks a formula for what beam search costs.

    Args:
        attempt: takes `beam_width` and the number of steps; returns how many hypotheses the model
            is given in all, where none finishes.
    """
    praise = "It agrees with a count of what beam search does."
    return run_check(attempt, _check_count, praise)


def _check_count(solution: Solution) -> None:
    answer = whole(call(solution, 3, 4))
    expect(
        answer != 3 * 4,
        "the first step has one hypothesis only, `<S>`; all places are taken from the second on.",
    )
    expect(
        answer not in (3**4, sum(3**step for step in range(4)), sum(3**s for s in range(1, 5))),
        "that is how a tree grows from which nothing is pruned. Beam search keeps `beam_width` "
        "hypotheses at each step, however many it looks at.",
    )
    expect(
        answer not in (1 + 9 * 3, 3 + 9 * 3, 3 + 9 * 4, 9 * 4, 9 * 3),
        "those are the candidates it sorts. The model is given only the hypotheses that are kept; "
        "it answers with all their next words at once.",
    )
    expect(
        answer != 4,
        "those are the calls. Each call hands over all open hypotheses: count them.",
    )
    for width, steps in ((1, 1), (1, 5), (3, 1), (3, 4), (5, 10)):
        counting = CountingModel(NEVER_ENDS)
        beam(counting, NEVER_ENDS.start_state, beam_width=width, max_length=steps + 1)
        expect(
            whole(call(solution, width, steps)) == counting.hypotheses,
            f"with beam width {width} and {steps} steps the model is given "
            f"{counting.hypotheses} hypotheses.",
        )
