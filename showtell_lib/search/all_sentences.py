"""Lists every sentence of a tiny model, so that no search has to guess there."""

from __future__ import annotations

from showtell_lib.errors import SettingsError
from showtell_lib.search.common import LEAST_LOG_PROB, Hypothesis, as_caption, start, step_all
from showtell_lib.search.settings import LONGEST, check_max_length
from showtell_lib.search.table_model import TableModel
from showtell_lib.trace import Caption

MOST_SENTENCES = 10_000


def all_sentences(model: TableModel, *, max_length: int = LONGEST) -> list[Caption]:
    """Every sentence that a model can say, the most probable first.

    Their probabilities add up to 1. Words of probability below 1e-12 are dropped, as in every
    search; ties go to the lower token ids.

    Args:
        model: a model that can say at most 10,000 sentences.
        max_length: most tokens that a sentence may have, `<S>` and `</S>` included.

    Raises:
        SettingsError: a sentence can be longer, or there are more than 10,000.
    """
    max_length = check_max_length(max_length)
    going_on, ended = [start(model, model.start_state)], list[Hypothesis]()
    for _ in range(max_length - 1):
        grown = _with_one_more_word(model, going_on)
        ended += [h for h in grown if h.token_ids[-1] == model.vocabulary.end_id]
        going_on = [h for h in grown if h.token_ids[-1] != model.vocabulary.end_id]
        if len(ended) + len(going_on) > MOST_SENTENCES:
            raise SettingsError(
                f"the model has more than {MOST_SENTENCES:,} sentences, too many to list; "
                "search for the best with `search.exact`"
            )
        if not going_on:
            return [as_caption(h, model.vocabulary) for h in sorted(ended, key=lambda h: h.order)]
    longest = model.vocabulary.text(going_on[0].token_ids)
    raise SettingsError(
        f'"{longest:.60}" goes on after {max_length} tokens: the list would have no end; take out '
        "the words that lead back to earlier ones, or raise max_length"
    )


def _with_one_more_word(model: TableModel, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
    log_probs, states = step_all(model, hypotheses)
    return [
        parent.extended(token_id, float(log_prob), next_state, parent.hypothesis_id)
        for parent, row, next_state in zip(hypotheses, log_probs, states, strict=True)
        for token_id, log_prob in enumerate(row)
        if log_prob >= LEAST_LOG_PROB
    ]
