"""Which hypotheses of a search are drawn, and how; the others are counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from showtell_lib.trace import ROOT, Expansion, SearchTrace

Kind = Literal["start", "kept", "finished", "winner", "pruned", "unfinished", "again", "more"]
# More than these per step are counted, not drawn.
MOST_CAPTIONS, MOST_GOING_ON = 7, 7
MOST_PRUNED, MOST_PRUNED_OF_WIDE = 3, 2


@dataclass(frozen=True)
class Shown:
    """The hypotheses to draw.

    Attributes:
        trace: the search they are from.
        steps: for each step in order its expansions, from top to bottom.
        left_out: for each step how many expansions are not drawn, by status.
        winners: ids on the path to the winner.
    """

    trace: SearchTrace
    steps: tuple[tuple[Expansion, ...], ...]
    left_out: tuple[Counter[str], ...]
    winners: frozenset[int]

    def kind(self, expansion: Expansion) -> Kind:
        """How an expansion is drawn: every one on the winner's path is drawn as a winner."""
        return "winner" if expansion.hypothesis_id in self.winners else expansion.status

    @property
    def left_out_total(self) -> int:
        """How many hypotheses are not drawn."""
        return sum(sum(counts.values()) for counts in self.left_out)


def choose(
    trace: SearchTrace,
    last_step: int | None = None,
    most_pruned: int = MOST_PRUNED,
    also: Collection[int] = (),
) -> Shown:
    """Picks what to draw of each step: the paths to captions, others kept, and the near misses.

    Args:
        trace: the search.
        last_step: the last step to draw.
        most_pruned: of each step, at most so many pruned hypotheses.
        also: ids of hypotheses that are drawn in any case.
    """
    wanted = {e.hypothesis_id for i in trace.ranking[:MOST_CAPTIONS] for e in trace.path(i)}
    wanted |= set(also)
    winners = {e.hypothesis_id for e in trace.path(trace.ranking[0])} if trace.ranking else set()
    places: dict[int, int] = {ROOT: 0}
    steps: list[tuple[Expansion, ...]] = []
    left_out: list[Counter[str]] = []
    for expansions in by_step(trace, last_step):
        drawn = _choose_of_step(expansions, places, wanted, most_pruned)
        drawn.sort(key=lambda e: _place(e, places, winners))
        places = {e.hypothesis_id: place for place, e in enumerate(drawn)}
        steps.append(tuple(drawn))
        left_out.append(Counter(e.status for e in expansions if e.hypothesis_id not in places))
    return Shown(trace, tuple(steps), tuple(left_out), frozenset(winners))


def by_step(trace: SearchTrace, last_step: int | None = None) -> list[list[Expansion]]:
    """The expansions of each step, up to a step or all."""
    steps: dict[int, list[Expansion]] = {}
    for expansion in trace:
        if last_step is None or expansion.step <= last_step:
            steps.setdefault(expansion.step, []).append(expansion)
    return [steps[step] for step in sorted(steps)]


def _choose_of_step(
    expansions: Sequence[Expansion], parents: dict[int, int], wanted: set[int], most_pruned: int
) -> list[Expansion]:
    reachable = [e for e in expansions if e.parent_id in parents]
    chosen = [e for e in reachable if e.hypothesis_id in wanted]
    others = [e for e in reachable if e.hypothesis_id not in wanted and e.status != "pruned"]
    others.sort(key=lambda e: (-e.cumulative_log_prob, e.hypothesis_id))
    pruned = [e for e in reachable if e.hypothesis_id not in wanted and e.status == "pruned"]
    pruned.sort(key=lambda e: (e.lost_by or 0.0, e.hypothesis_id))
    room = max(0, MOST_GOING_ON - sum(e.status != "finished" for e in chosen))
    wide = len(chosen) + len(others) > 3
    if wide:
        most_pruned = min(most_pruned, MOST_PRUNED_OF_WIDE)
    return [*chosen, *others[:room], *pruned[:most_pruned]]


def _place(expansion: Expansion, parents: dict[int, int], winners: set[int]) -> tuple[float, ...]:
    """Sorts a step: winner first, pruned last; by group and parent, so that edges seldom cross."""
    return (
        expansion.status == "pruned",
        expansion.hypothesis_id not in winners,
        expansion.group,
        parents[expansion.parent_id],
        expansion.status == "finished",
        -expansion.log_prob,
        expansion.hypothesis_id,
    )
