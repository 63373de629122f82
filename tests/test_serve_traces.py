"""Traces over HTTP, and beam search by hand: the library's own, whoever else asks at the time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from showtell_lib import plots, search
from showtell_lib.search.beam_by_hand import by_last_word, first_turn, rivals
from showtell_lib.trace import SearchTrace
from showtell_lib.widgets.beam_choices import standings, summary
from tests.gated_captioner import GatedCaptioner

pytest.importorskip("fastapi_offline", reason="needs showtell_lib[serve]")
httpx = pytest.importorskip("httpx", reason="needs httpx")

from showtell_lib.serve import Limits  # noqa: E402
from tests.test_serve import PHOTOS, PNG, expect_problem, running, send  # noqa: E402

TURNS = "/v1/turns"


@pytest.fixture(scope="module")
def toy() -> GatedCaptioner:
    return GatedCaptioner()


@pytest.fixture(scope="module")
def client(toy: GatedCaptioner) -> Iterator[Any]:
    """A client of a service over a toy, whose numbers are the same in every company."""
    with running(Limits(), toy) as client:
        yield client


def expected(toy: GatedCaptioner, photo: bytes, **settings: Any) -> search.SearchResult:
    return search.beam(toy, toy.encode(photo), **settings, trace=True)


def test_the_trace_is_that_of_the_search_whose_captions_are_told(
    client: Any, toy: GatedCaptioner
) -> None:
    answer = send(client, beam_width=4, length_penalty=0.7, trace=True, tree=True).json()
    captions, trace = expected(toy, PHOTOS[0], beam_width=4, length_penalty=0.7)
    assert trace is not None
    assert SearchTrace.from_json(json.dumps(answer["trace"])) == trace
    assert [one["text"] for one in answer["captions"]] == [c.text for c in captions[:3]]
    assert answer["tree"]["alt"] == plots.search_tree(trace).alt
    assert "trace" not in send(client).json()


def test_of_many_that_ask_at_once_each_gets_its_own(client: Any, toy: GatedCaptioner) -> None:
    asked = [
        (photo, {"beam_width": 1 + number % 3, "trace": number % 4 > 0})
        for number, photo in enumerate(PHOTOS * 8)
    ]
    with ThreadPoolExecutor(16) as pool:
        responses = list(pool.map(lambda one: send(client, one[0], **one[1]), asked))
    for (photo, query), response in zip(asked, responses, strict=True):
        answer = response.json()
        width, penalty = query["beam_width"], answer["length_penalty"]
        captions, trace = expected(toy, photo, beam_width=width, length_penalty=penalty)
        assert [one["text"] for one in answer["captions"]] == [c.text for c in captions[:3]]
        if query["trace"]:
            assert SearchTrace.from_json(json.dumps(answer["trace"])) == trace


class WideTakesLong(GatedCaptioner):
    """A captioner whose steps of more than three hypotheses wait for `wide`."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("wide", "begun"):
            object.__setattr__(self, name, threading.Event())
        self.wide.set()

    wide: threading.Event
    begun: threading.Event

    def step(self, token_ids: Any, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Next words and states."""
        if len(token_ids) > 3:
            self.begun.set()
            self.wide.wait(timeout=60)
        return super().step(token_ids, state)


@pytest.mark.parametrize("wanted", ["trace", "tree"])
def test_a_search_that_is_traced_holds_up_no_other(wanted: str) -> None:
    captioner = WideTakesLong()
    with running(Limits(), captioner) as client, ThreadPoolExecutor(1) as pool:
        captioner.wide.clear()
        try:
            traced = pool.submit(send, client, beam_width=5, **{wanted: True})
            assert captioner.begun.wait(timeout=60)
            assert send(client, beam_width=1).status_code == 200
            assert not traced.done()
        finally:
            captioner.wide.set()
        assert wanted in traced.result().json()


def test_a_beam_that_is_too_wide_is_not_traced(client: Any) -> None:
    expect_problem(send(client, beam_width=11, trace=True), 422, "trace", "11", "10")


def test_a_trace_is_described(client: Any) -> None:
    described = client.get("/openapi.json").json()
    schemas = described["components"]["schemas"]
    assert {"SearchTrace", "Expansion"} <= schemas.keys()
    assert {"step", "lost_to", "lost_by", "status"} <= schemas["Expansion"]["properties"].keys()


def decide(client: Any, photo: bytes = PHOTOS[0], **query: Any) -> Any:
    return client.post(TURNS, content=photo, headers=PNG, params=query)


def test_a_beam_search_is_decided_by_hand_to_its_end(client: Any, toy: GatedCaptioner) -> None:
    """Whoever keeps what has the most probable newest word gets what the library's rules give."""
    turn = first = first_turn(toy, toy.encode(PHOTOS[0]))
    keep: list[str] = []
    while not turn.over:
        answer = decide(client, keep=keep).json()
        assert (answer["step"], answer["places"]) == (turn.step, turn.places)
        on_table = [one["words"] for one in answer["table"]]
        assert on_table == sorted(turn.words_of(h) for h in turn.going_on)
        assert len(answer["choices"]) == turn.step - 1
        assert answer["verdict"] is None
        kept = by_last_word(turn)
        keep += [turn.words_of(h) for h in kept]
        turn = turn.keep(kept)
    answer = decide(client, keep=keep).json()
    against = rivals(first)
    assert answer["table"] == []
    assert answer["verdict"] == summary(turn, against)
    told = [(one["who"], one["text"], one["fate"]) for one in answer["standings"]]
    assert told == [(s.who, s.caption and s.caption.text, s.fate) for s in standings(turn, against)]


def test_beam_search_finishes_what_was_begun_by_hand(client: Any, toy: GatedCaptioner) -> None:
    answer = decide(client, finish=True).json()
    best = first_turn(toy, toy.encode(PHOTOS[0])).play_on().best
    assert best is not None
    assert answer["standings"][0]["text"] == answer["standings"][1]["text"] == best.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"keep": ["zebra", "w0"]}, ["zebra", "not on the table"]),
        ({"keep": ["w0 w1", "w1 w0"]}, ["step 1", "step 2"]),
        ({"keep": [""]}, ["step 0"]),
        ({"keep": ["w"] * 101}, ["keep", "100"]),
        ({"keep": ["w" * 2001]}, ["2000"]),
        ({"beam_width": 6}, ["beam_width", "5"]),
    ],
)
def test_what_cannot_be_kept_is_named(client: Any, query: Any, words: list[str]) -> None:
    expect_problem(decide(client, **query), 422, *words)
