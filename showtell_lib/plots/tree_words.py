"""Search trees in words: names, alt text, and a listing for screen readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest
from math import exp

from showtell_lib.plots.tree_choice import Shown, by_step
from showtell_lib.plots.wording import counted, rounded
from showtell_lib.trace import ROOT, Expansion, SearchTrace
from showtell_lib.vocabulary import END

NAMES = {
    "greedy": "Greedy decoding",
    "beam": "Beam search",
    "diverse_beam": "Diverse beam search",
    "sample": "Sampling",
    "exact": "Exact search",
}
# The settings that names mention, each with the value that goes without saying.
USUAL_SETTINGS = {
    "beam_width": None,
    "groups": 1,
    "diversity": None,
    "captions": 1,
    "temperature": 1.0,
    "top_k": None,
    "top_p": 1.0,
    "length_penalty": 0.0,
}


def name_of(trace: SearchTrace) -> str:
    """The algorithm and its unusual settings, such as "Beam search, beam width 3"."""
    settings = [
        f"{name.replace('_', ' ')} {trace.settings[name]:g}"
        for name, usual in USUAL_SETTINGS.items()
        if name in trace.settings and trace.settings[name] not in (usual, None)
    ]
    return ", ".join([NAMES.get(trace.algorithm, trace.algorithm.replace("_", " ")), *settings])


def describe_tree(shown: Shown, last_step: int | None) -> str:
    """Alt text of a search tree."""
    trace = shown.trace
    steps = f"steps 1 to {last_step} of " if last_step is not None else ""
    expansions = [e for step in by_step(trace, last_step) for e in step]
    text = (
        f"Search tree, {steps}{name_of(trace)}: {counted(len(shown.steps), 'step')}, "
        f"{_statuses(expansions)}. {winner_sentence(trace)}"
    )
    left_out = shown.left_out_total
    return f"{text} {left_out} more not drawn." if left_out else text


def describe_steps(trace: SearchTrace, numbers: Sequence[int]) -> str:
    """Alt text of a filmstrip."""
    steps = {step[0].step: step for step in by_step(trace)}
    kept = [f"step {n}: {_kept_words(steps[n])}" for n in numbers if n in steps]
    frames = counted(len(numbers), "frame")
    return (
        f"{name_of(trace)} in {frames}. Words kept at {'; '.join(kept)}. {winner_sentence(trace)}"
    )


def describe_comparison(left: SearchTrace, right: SearchTrace, names: Sequence[str]) -> str:
    """Alt text of two trees."""
    parts = [
        f"{name}: {counted(len(by_step(trace)), 'step')}, {_statuses(trace)}. "
        f"{winner_sentence(trace)}"
        for name, trace in zip(names, (left, right), strict=True)
    ]
    step = first_difference(left, right)
    if step is None:
        return f"Two search trees. {' '.join(parts)} Both winners are the same."
    words = [_word_at(trace, step) for trace in (left, right)]
    return (
        f"Two search trees. {' '.join(parts)} They part at step {step}: {words[0]} against "
        f"{words[1]}."
    )


def first_difference(left: SearchTrace, right: SearchTrace) -> int | None:
    """The first step at which two winners have different words; None if all their words agree."""
    for step, (a, b) in enumerate(zip_longest(_winner_words(left), _winner_words(right)), start=1):
        if a != b:
            return step
    return None


def winner_sentence(trace: SearchTrace) -> str:
    """What won, and how probable it is."""
    if trace.winner is None:
        return "Nothing was returned."
    words = " ".join(word for word in _winner_words(trace) if word != END)
    state = "" if trace.winner.word == END else ", unfinished"
    log_prob = trace.winner.cumulative_log_prob
    words = f'"{words}"' if words else "an empty caption"
    return f"The winner is {words}{state}, log-probability {rounded(log_prob)}."


def tree_listing(trace: SearchTrace) -> str:
    """The tree as an indented text, for screen readers and for readers who prefer text.

    Each hypothesis has a line, with its children indented below it, the most probable first. The
    line gives the word, its status, its own probability and the sum of log-probabilities so far;
    for a pruned hypothesis also which hypothesis it lost to, and by how much.
    """
    children = trace.tree()
    winners = {e.hypothesis_id for e in trace.path(trace.ranking[0])} if trace.ranking else set()
    lines = [f"{name_of(trace)}. {winner_sentence(trace)}"]
    waiting = [(e, 0) for e in reversed(children.get(ROOT, []))]
    while waiting:
        expansion, depth = waiting.pop()
        lines.append("  " * depth + _line(trace, expansion, expansion.hypothesis_id in winners))
        below = children.get(expansion.hypothesis_id, [])
        waiting.extend((child, depth + 1) for child in reversed(below))
    return "\n".join(lines)


def _line(trace: SearchTrace, expansion: Expansion, wins: bool) -> str:
    parts = [
        f"{expansion.step}. {expansion.word}: {expansion.status}",
        f"probability {exp(expansion.log_prob):.2g}",
        f"sum {expansion.cumulative_log_prob:.2f}",
    ]
    if expansion.lost_to is not None:
        rival = trace[expansion.lost_to]
        words = " ".join(e.word for e in trace.path(rival.hypothesis_id)[-3:])
        parts.append(f'lost to "{words}" by {expansion.lost_by or 0.0:.2f}')
    if expansion.hypothesis_id in trace.ranking:
        parts.append(f"caption no. {trace.ranking.index(expansion.hypothesis_id) + 1}")
    if wins:
        parts.append("on the winner's path")
    return ", ".join(parts)


def _winner_words(trace: SearchTrace) -> list[str]:
    return [e.word for e in trace.path(trace.ranking[0])] if trace.ranking else []


def _word_at(trace: SearchTrace, step: int) -> str:
    words = _winner_words(trace)
    return f'"{words[step - 1]}"' if step <= len(words) else "nothing more"


def _kept_words(expansions: Sequence[Expansion]) -> str:
    going_on = [e for e in expansions if e.status != "pruned"]
    going_on.sort(key=lambda e: (-e.cumulative_log_prob, e.hypothesis_id))
    words = [e.word for e in going_on[:5]]
    return " ".join(words) + (f" and {len(going_on) - 5} more" if len(going_on) > 5 else "")


def _statuses(expansions: Sequence[Expansion] | SearchTrace) -> str:
    counts: Counter[str] = Counter(e.status for e in expansions)
    order = ("kept", "pruned", "finished", "unfinished")
    numbers = [f"{counts[status]} {status}" for status in order if counts[status]]
    return f"{counted(len(expansions), 'hypothesis', 'hypotheses')} ({', '.join(numbers)})"
