"""The record of a search: which hypotheses it tried, which it kept, and which lost to which."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from showtell_lib.errors import DataError
from showtell_lib.foreign import parse_json
from showtell_lib.inputs import plain

Status = Literal["kept", "pruned", "finished", "unfinished"]
ROOT = 0


@dataclass(frozen=True)
class Caption:
    """A caption that a search returns.

    Attributes:
        text: the words, joined by blanks.
        token_ids: from `<S>` on, with `</S>` where it is finished.
        log_prob: natural-log probability of all tokens after `<S>`, under the model.
        score: what it was ranked by: `log_prob`, after the length penalty if there was one.
        finished: whether it ends with `</S>`.
        words: each token after `<S>` as a word, with its own log-probability.
    """

    text: str
    token_ids: tuple[int, ...]
    log_prob: float
    score: float
    finished: bool
    words: tuple[tuple[str, float], ...]

    @property
    def probability(self) -> float:
        """Probability of the whole caption, 0 to 1."""
        return math.exp(self.log_prob)

    def __str__(self) -> str:
        return f"{self.text} (p={self.probability:#.3g})"


@dataclass(frozen=True)
class Expansion:
    """One hypothesis that a search looked at: its parent with one more token.

    Attributes:
        step: 1 for the first token after `<S>`.
        hypothesis_id: counts up from 1; the start, `<S>` alone, is 0.
        parent_id: the hypothesis it extends.
        token_id: the token that was added.
        word: that token as a word.
        log_prob: natural-log probability of that token.
        cumulative_log_prob: sum over all tokens so far.
        score: what it was ranked by: if it is finished and there is a length penalty, normalised by
            its length; otherwise `cumulative_log_prob`.
        rank: its place by cumulative log-probability among the hypotheses of its step (and group);
            0 is the best. A search that does not compare the hypotheses of a step leaves it 0.
        status: `kept` (extended next), `finished` (ends with `</S>` and is among the best),
            `pruned` (lost its place), `unfinished` (still open when the search stopped; returned
            only where nothing finished).
        lost_to: if it was pruned, the last hypothesis that did get a place.
        lost_by: by how much its score was lower than that hypothesis's, diversity penalty included.
        group: its group in diverse beam search; 0 in other searches.
    """

    step: int
    hypothesis_id: int
    parent_id: int
    token_id: int
    word: str
    log_prob: float
    cumulative_log_prob: float
    score: float
    rank: int
    status: Status
    lost_to: int | None = None
    lost_by: float | None = None
    group: int = 0


@dataclass(frozen=True)
class SearchTrace:
    """Everything one search did; plots, tables and alt text are all made from it.

    Attributes:
        algorithm: name of the search function.
        settings: its options.
        expansions: in order of their hypothesis ids. Ids count up but may leave gaps: exact search
            numbers many hypotheses that it then never looks at.
        ranking: hypothesis ids of the captions returned, best first.
    """

    algorithm: str
    settings: Mapping[str, Any]
    expansions: tuple[Expansion, ...]
    ranking: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.expansions)

    def __iter__(self) -> Iterator[Expansion]:
        return iter(self.expansions)

    def __getitem__(self, hypothesis_id: int) -> Expansion:
        at = bisect_left(self.expansions, hypothesis_id, key=lambda e: e.hypothesis_id)
        if at == len(self) or self.expansions[at].hypothesis_id != hypothesis_id:
            raise KeyError(f"the trace has no hypothesis {hypothesis_id}")
        return self.expansions[at]

    @property
    def winner(self) -> Expansion | None:
        """The last expansion of the best caption; None if nothing was returned."""
        return self[self.ranking[0]] if self.ranking else None

    def path(self, hypothesis_id: int) -> list[Expansion]:
        """The expansions from the first token to this hypothesis."""
        steps: list[Expansion] = []
        while hypothesis_id != ROOT:
            steps.append(self[hypothesis_id])
            hypothesis_id = steps[-1].parent_id
        return steps[::-1]

    def follow(self, token_ids: Sequence[int]) -> list[Expansion]:
        """How far the search went along the path of a caption.

        Args:
            token_ids: the caption's, from `<S>` on.

        Returns:
            The expansions along that path, from the first token on. The status of the last one says
            what became of the caption: `pruned` means that the search dropped the caption there. If
            the path ends early with another status, the search never looked at the next token.
        """
        found: list[Expansion] = []
        children = self.tree()
        for token_id in token_ids[1:]:
            parent = found[-1].hypothesis_id if found else ROOT
            at = next((e for e in children.get(parent, []) if e.token_id == token_id), None)
            if at is None:
                break
            found.append(at)
        return found

    def tree(self) -> dict[int, list[Expansion]]:
        """The children of each hypothesis that has any, most probable first."""
        children: dict[int, list[Expansion]] = {}
        for expansion in self.expansions:
            children.setdefault(expansion.parent_id, []).append(expansion)
        for siblings in children.values():
            siblings.sort(key=lambda expansion: (-expansion.log_prob, expansion.token_id))
        return children

    def to_table(self) -> list[dict[str, Any]]:
        """One dict per expansion, with the field names of `Expansion`."""
        return [asdict(expansion) for expansion in self.expansions]

    def to_json(self) -> str:
        """The trace as a JSON document; `from_json` reads it back."""
        return json.dumps(plain(asdict(self)))

    @classmethod
    def from_json(cls, text: str) -> SearchTrace:
        """The trace that `to_json` wrote.

        Raises:
            DataError: the text is not a trace.
        """
        document = parse_json(text, "the trace", DataError)
        try:
            expansions = tuple(Expansion(**row) for row in document["expansions"])
            ranking = tuple(document["ranking"])
            return cls(document["algorithm"], document["settings"], expansions, ranking)
        except (KeyError, TypeError) as error:
            raise DataError(f"the trace has missing or unexpected fields ({error})") from None


class Recorder:
    """Collects expansions while a search runs; a disabled recorder only hands out ids."""

    def __init__(self, algorithm: str, settings: Mapping[str, Any], *, enabled: bool) -> None:
        self.algorithm, self.enabled = algorithm, enabled
        self.settings = dict(settings)
        self._expansions: dict[int, Expansion] = {}
        self._last_id = ROOT

    def new_id(self) -> int:
        """The next hypothesis id."""
        self._last_id += 1
        return self._last_id

    def add(self, expansion: Expansion) -> None:
        """Records an expansion."""
        if self.enabled:
            self._expansions[expansion.hypothesis_id] = expansion

    def change(self, hypothesis_id: int, **fields: Any) -> None:
        """Corrects the record of a hypothesis whose fate a later step decides."""
        if self.enabled:
            self._expansions[hypothesis_id] = replace(self._expansions[hypothesis_id], **fields)

    def trace(self, ranking: Sequence[int]) -> SearchTrace | None:
        """The finished record; None if the recorder is disabled."""
        if not self.enabled:
            return None
        expansions = tuple(self._expansions[key] for key in sorted(self._expansions))
        return SearchTrace(self.algorithm, dict(self.settings), expansions, tuple(ranking))
