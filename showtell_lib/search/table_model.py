"""`TableModel`: a tiny model that looks up its next words in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.inputs import checked_ids, checked_states
from showtell_lib.search.common import SMALLEST_PROBABILITY
from showtell_lib.search.settings import check_number
from showtell_lib.vocabulary import END, START, Vocabulary

Table = Mapping[str, Mapping[str, float]]
# Sums of decimal fractions miss 1 by less than this.
ROUNDING = 1e-9


@dataclass(frozen=True)
class TableModel:
    """A model whose next words you write down in a table; every search, tree and exercise takes it.

    `TableModel({"": {"a": .6, "the": .4}, "a": {"dog": .5, "cat": .3}})` begins with "a" or "the".
    After "a" it says "dog", "cat" or, with what the row leaves to 1, `</S>`, the end. A word
    without a row is followed by the end.

    Token ids: `<S>` is 0 and `</S>` is 1; the words follow in the order in which the rows first
    name them; `<UNK>` is the last. So words of one row that tie keep the order of the row, unless
    an earlier row names them in another order.

    Attributes:
        table: by what was said so far, the probability of each next word. A key is the whole
            sentence so far (`"a dog"`) or its last word (`"dog"`); the whole sentence goes first.
            `""` is the start. In this attribute every row names its end.

    Raises:
        SettingsError: a row adds up to more than 1, or to less although it names the end; or it has
            a number that is no probability, or a next word that is not one word; or no sentence
            leads to the row. The message names the row.
    """

    table: Table

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", _checked(self.table))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The markers and the table's words; the class says which id each has."""
        words = dict.fromkeys(word for row in self.table.values() for word in row)
        return Vocabulary((START, END, *(word for word in words if word != END)))

    @property
    def start_state(self) -> np.ndarray:
        """The state before the first word, float32 [1, 1], as `captioner.encode` returns one."""
        return np.zeros((1, 1), np.float32)

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """One step for N hypotheses, as `captioner.step` does it.

        Args:
            token_ids: int [N], the last token of each hypothesis; or a single one. `<S>` begins a
                sentence, whatever the state.
            state: float32 [N, 1], their states; or a single one, [1].

        Returns:
            Natural-log probabilities of the next word, float32 [N, vocabulary], none of them
            infinite, and the next states, float32 [N, 1].

        Raises:
            SettingsError: an id is no whole number or outside the vocabulary, or a state came
                neither from `start_state` nor from `step`.
        """
        ids = checked_ids(token_ids, len(self.vocabulary))
        states = checked_states(state, 1, len(ids))[:, 0]
        log_probs, next_states = self._answers
        if not np.isin(states, np.arange(len(log_probs))).all():
            raise SettingsError("a state must be `start_state`, or one that `step` returned")
        places = states.astype(int)
        return log_probs[places, ids], next_states[places, ids]

    @cached_property
    def _answers(self) -> tuple[np.ndarray, np.ndarray]:
        """What `step` answers by state and token: [states, words, words], [states, words, 1].

        A state is a number that stands for the words before the token, which begin a key; the last
        number stands for all other words.
        """
        keys = [tuple(key.split()) for key in self.table]
        said = dict.fromkeys([(), *(key[:length] for key in keys for length in range(len(key)))])
        number = {words: index for index, words in enumerate([*said, None])}
        states, words = len(number), len(self.vocabulary)
        probabilities = np.zeros((states, words, words))
        next_states = np.zeros((states, words, 1), np.float32)
        for before, at in number.items():
            for token_id, word in enumerate(self.vocabulary.tokens):
                sentence = _sentence(before, word)
                next_states[at, token_id] = number.get(sentence, number[None])
                for following, probability in self._row(sentence, word).items():
                    probabilities[at, token_id, self.vocabulary.token_id(following)] = probability
        log_probs = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
        return log_probs.astype(np.float32), next_states

    def _row(self, sentence: tuple[str, ...] | None, last: str) -> Mapping[str, float]:
        by_last = self.table.get(last, {END: 1.0})
        return by_last if sentence is None else self.table.get(" ".join(sentence), by_last)


def _sentence(before: tuple[str, ...] | None, word: str) -> tuple[str, ...] | None:
    """The sentence with one more token; None if no key can be the whole sentence any more."""
    if word == START:
        return ()
    return None if before is None else (*before, word)


def _checked(table: Table) -> Table:
    """The table, with the end added to every row."""
    if not isinstance(table, Mapping) or "" not in table:
        raise SettingsError('a table needs a row "", for the first word of a sentence')
    rows = {" ".join(str(key).split()): _checked_row(key, row) for key, row in table.items()}
    said = {word for row in rows.values() for word in row} - {END}
    for key in rows:
        if unsaid := set(key.split()) - said:
            raise SettingsError(f'row "{key}": no row offers {min(unsaid)!r} as a next word')
    return rows


def _checked_row(key: str, row: Mapping[str, float]) -> Mapping[str, float]:
    if not isinstance(row, Mapping):
        raise SettingsError(f'row "{key}" must be like {{"a": 0.6, "the": 0.4}}, not {row!r:.80}')
    for word, probability in row.items():
        if not isinstance(word, str) or word.split() != [word] or word == START:
            raise SettingsError(f'row "{key}": a next word must be one word, not {word!r:.80}')
        check_number(f'row "{key}": the probability of "{word}"', probability)
    left = 1 - sum(map(float, row.values()))
    if left < -ROUNDING or (END in row and left > ROUNDING):
        raise SettingsError(f'row "{key}" adds up to {1 - left:g}, but must add up to 1')
    return {END: left if left > ROUNDING else 0.0, **row}
