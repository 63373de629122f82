"""The trace is the whole story of a search, and tells it consistently."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from showtell_lib import search
from showtell_lib.search import TableModel
from showtell_lib.trace import SearchTrace
from tests.examples import examples
from tests.toy_models import NEVER_ENDS, START_STATE, random_model

SEARCHES = [
    (search.greedy, {}),
    (search.beam, {"beam_width": 3, "length_penalty": 0.7}),
    (search.sample, {"captions": 4}),
    (search.diverse_beam, {"beam_width": 4, "groups": 2}),
    (search.exact, {"captions": 3}),
    (search.exact, {"captions": 2, "budget": 1, "length_penalty": 0.5}),
]


@pytest.mark.parametrize(("function", "options"), SEARCHES)
@given(seed=st.integers(0, 1000))
@examples(25)
def test_the_trace_tells_a_consistent_story(
    function: Any, options: dict[str, Any], seed: int
) -> None:
    model = random_model(seed)
    found = function(model, START_STATE, max_length=6, trace=True, **options)
    trace = found.trace
    plain = function(model, START_STATE, max_length=6, **options)
    assert plain == found._replace(trace=None)
    ids = {e.hypothesis_id for e in trace.expansions}
    for e in trace.expansions:
        assert e.word == model.vocabulary.word(e.token_id)
        parent = trace[e.parent_id] if e.parent_id else None
        assert (parent.step if parent else 0) == e.step - 1
        before = parent.cumulative_log_prob if parent else 0.0
        assert e.cumulative_log_prob == pytest.approx(before + e.log_prob)
        if parent:
            assert parent.status in ("kept", "unfinished")
        if e.status == "pruned":
            assert e.lost_to in ids
            assert e.lost_by is not None
            assert e.lost_by >= 0
        if e.status == "finished":
            assert e.token_id == model.vocabulary.end_id


@pytest.mark.parametrize(("function", "options"), SEARCHES)
def test_the_captions_can_be_read_off_the_trace(function: Any, options: dict[str, Any]) -> None:
    captions, trace = function(random_model(7), START_STATE, trace=True, **options)[:2]
    assert len(trace.ranking) == len(captions)
    for hypothesis_id, caption in zip(trace.ranking, captions, strict=True):
        path = trace.path(hypothesis_id)
        assert tuple(e.token_id for e in path) == caption.token_ids[1:]
        assert [(e.word, e.log_prob) for e in path] == list(caption.words)
        assert path[-1].score == pytest.approx(caption.score)
        assert path[-1].status == ("finished" if caption.finished else "unfinished")
    assert trace.winner == trace.path(trace.ranking[0])[-1]


@pytest.mark.parametrize(("function", "options"), SEARCHES)
def test_json_round_trip(function: Any, options: dict[str, Any]) -> None:
    trace = function(random_model(1), START_STATE, trace=True, **options).trace
    assert SearchTrace.from_json(trace.to_json()) == trace
    assert json.loads(trace.to_json())["expansions"] == trace.to_table()


def test_numpy_numbers_are_settings_too() -> None:
    options = {"beam_width": np.int64(2), "length_penalty": np.float32(0.5)}
    _, trace = search.beam(random_model(1), START_STATE, trace=True, **options)
    assert json.loads(trace.to_json())["settings"] == {
        "beam_width": 2,
        "length_penalty": 0.5,
        "max_length": 20,
    }


def test_what_lost_knows_to_whom_and_by_how_much() -> None:
    state = NEVER_ENDS.start_state
    _, trace = search.beam(NEVER_ENDS, state, beam_width=2, max_length=3, trace=True)
    first_step = [e for e in trace.expansions if e.step == 1]
    assert [(e.token_id, e.status, e.rank) for e in first_step] == [(2, "kept", 0), (3, "kept", 1)]
    second = {(trace[e.parent_id].token_id, e.token_id): e for e in trace.expansions if e.step == 2}
    loser, last = second[3, 3], second[2, 3]
    assert loser.status == "pruned"
    assert trace[loser.lost_to or 0] == last
    assert loser.lost_by == pytest.approx(last.cumulative_log_prob - loser.cumulative_log_prob)


def test_a_finished_caption_can_still_be_pushed_out() -> None:
    model = TableModel({"": {"a": 0.7}, "a": {"dog": 0.5}})
    found, trace = search.beam(model, model.start_state, beam_width=2, trace=True)
    assert [caption.token_ids for caption in found] == [(0, 2, 1), (0, 2, 3, 1)]
    (pushed_out,) = (e for e in trace if e.token_id == 1 and e.status == "pruned")
    assert pushed_out.step == 1
    assert pushed_out.lost_to == trace.ranking[1]
    assert pushed_out.lost_by == pytest.approx(math.log(0.35 / 0.3), abs=1e-6)


@pytest.mark.parametrize(("function", "options"), SEARCHES[:4])
@given(seed=st.integers(0, 1000))
@examples(25)
def test_whatever_was_kept_was_extended(function: Any, options: dict[str, Any], seed: int) -> None:
    trace = function(random_model(seed), START_STATE, max_length=6, trace=True, **options).trace
    parents = {e.parent_id for e in trace}
    assert {e.hypothesis_id for e in trace if e.status == "kept"} == parents - {0}


def test_what_was_still_open_when_beam_search_stopped_is_marked() -> None:
    model = TableModel({"": {"very": 0.6}, "very": {"very": 0.6}})
    state = model.start_state
    found, trace = search.beam(model, state, beam_width=1, max_length=3, trace=True)
    assert not found[0].finished
    found, trace = search.beam(model, state, beam_width=2, max_length=3, trace=True)
    assert all(caption.finished for caption in found)
    (still_open,) = (e for e in trace if e.status == "unfinished")
    assert [e.token_id for e in trace.path(still_open.hypothesis_id)] == [2, 2]


def test_each_expansion_is_found_by_its_id() -> None:
    trace = search.exact(random_model(3), START_STATE, captions=2, trace=True).trace
    for e in trace:
        assert trace[e.hypothesis_id] is e
    for unknown in (0, -1, trace.expansions[-1].hypothesis_id + 1):
        with pytest.raises(KeyError, match=f"no hypothesis {unknown}"):
            trace[unknown]


def test_the_tree_holds_every_expansion_once() -> None:
    _, trace = search.beam(random_model(5), START_STATE, trace=True)
    children = [e.hypothesis_id for siblings in trace.tree().values() for e in siblings]
    assert sorted(children) == list(range(1, len(trace) + 1))
    assert all(e.step == 1 for e in trace.tree()[0])


def test_groups_are_marked() -> None:
    _, trace = search.diverse_beam(random_model(2), START_STATE, beam_width=4, groups=2, trace=True)
    assert {e.group for e in trace.expansions} == {0, 1}
