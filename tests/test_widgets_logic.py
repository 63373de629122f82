"""What the widgets show, without the widgets: drafts, changes, compositions, pictures."""

from __future__ import annotations

import asyncio
import base64
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib import widgets
from showtell_lib.errors import PhotoError, SettingsError
from showtell_lib.photos import sample_photo
from showtell_lib.plots import Picture
from showtell_lib.scenes import Actor, Scene
from showtell_lib.scenes.world import changes
from showtell_lib.scenes.world.changes import Control
from showtell_lib.search import TableModel
from showtell_lib.search.beam_by_hand import rivals
from showtell_lib.trace import Caption
from showtell_lib.widgets import beam_choices, lstm_stepper, parts
from showtell_lib.widgets.caption_changes import (
    Moved,
    changed_words,
    first_moved,
    marked,
    next_log_probs,
    odds,
)
from showtell_lib.widgets.latest import PAUSE, Latest
from showtell_lib.widgets.length_penalty_slider import places, turning_points
from showtell_lib.widgets.letterbox import from_address, handed_over
from showtell_lib.widgets.subject import subject
from tests.toy_captioner import ToyCaptioner
from tests.toy_models import CATS, START_STATE, log_prob_of, random_model
from tests.web_server import Server

TOY = ToyCaptioner()
SWIMMER = Scene("pool", "day", (Actor("man", "red", "swim"),))


def caption(text: str, log_prob: float = -1.0, score: float | None = None) -> Caption:
    words = (*text.split(), "</S>")
    each = log_prob / len(words)
    tokens = (0, *(sum(map(ord, word)) for word in words))
    told = tuple((word, each) for word in words)
    return Caption(text, tokens, log_prob, log_prob if score is None else score, True, told)


# The stepper.


def test_a_draft_adds_up_the_model_s_log_probabilities() -> None:
    model = random_model(3)
    draft = lstm_stepper.say(lstm_stepper.first_draft(model, START_STATE), ["w0", "w1", "</S>"])
    assert draft.finished
    assert draft.caption.token_ids == (0, 2, 3, 1)
    assert draft.caption.log_prob == pytest.approx(log_prob_of(model, (0, 2, 3, 1)), abs=1e-5)
    assert lstm_stepper.running_sums(draft.caption)[-1] == pytest.approx(draft.caption.log_prob)


def test_choices_are_the_most_probable_words_best_first() -> None:
    model = random_model(3)
    choices = lstm_stepper.first_draft(model, START_STATE).choices(3)
    row = model.tables[0, 0]
    assert [choice.token_id for choice in choices] == list(np.argsort(-row)[:3])
    assert choices[0].log_prob == pytest.approx(row.max())


def test_undo_and_restart_leave_older_drafts_as_they_were() -> None:
    start = lstm_stepper.first_draft(random_model(3), START_STATE)
    one = start.choose(2)
    two = one.choose(3)
    assert two.undo() is one
    assert two.restart() is start
    assert start.undo() is start
    assert one.caption.token_ids == (0, 2)


def test_nothing_follows_the_end() -> None:
    draft = lstm_stepper.first_draft(random_model(3), START_STATE).choose(1)
    assert draft.choices(5) == []
    with pytest.raises(SettingsError, match="undo a word"):
        draft.choose(2)


def test_a_draft_is_no_longer_than_captions_get() -> None:
    draft = lstm_stepper.first_draft(random_model(3), START_STATE)
    while not draft.finished:
        draft = draft.choose(2)
    assert len(draft.caption.token_ids) == 20
    assert "at most 19 words" in lstm_stepper.verdict(draft.caption, caption("x"))


def test_a_word_that_the_model_does_not_know_is_named() -> None:
    with pytest.raises(SettingsError, match="'zebra'"):
        lstm_stepper.say(lstm_stepper.first_draft(random_model(3), START_STATE), ["zebra"])


@pytest.mark.parametrize(
    ("yours", "says"),
    [
        (Caption("", (0,), 0.0, 0.0, False, ()), "Choose the first word"),
        (Caption("a", (0, 5), -0.5, -0.5, False, (("a", -0.5),)), "may still fall 0.50"),
        (Caption("a", (0, 5), -1.5, -1.5, False, (("a", -1.5),)), "0.50 below beam"),
        (caption("a dog", -1.0), "what beam search says"),
        (caption("a cat", -0.5), "search error"),
        (caption("a cat", -2.0), "2.7 times as probable"),
    ],
)
def test_the_verdict(yours: Caption, says: str) -> None:
    assert says in lstm_stepper.verdict(yours, caption("a dog", -1.0))


def test_the_comparison_escapes_end_marks_and_fills_the_shorter_caption() -> None:
    rows = lstm_stepper.comparison(caption("a"), caption("a dog runs"))
    assert rows[1][1] == "<b>&lt;/S&gt;</b>"
    assert rows[3][1:4] == ["", "", ""]
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.9999, ">0.99"),
        (0.433, "0.43"),
        (0.8, "0.80"),
        (0.08, "0.080"),
        (0.0213, "0.021"),
        (1 / 8041, "1 in 8,000"),
        (1 / 7901, "1 in 7,900"),
        (1 / 124, "1 in 120"),
        (1 / 2_310_000, "1 in 2.3 million"),
        (1e-11, "1 in 100 billion"),
        (1e-30, "below 1 in 1,000 billion"),
    ],
)
def test_small_probabilities_can_be_told_apart(probability: float, told: str) -> None:
    assert parts.chance(math.log(probability)) == told


def test_a_ranking_by_length_is_no_search_error() -> None:
    """The stepper compares with beam search without a length penalty, whatever the model's own."""
    files = replace(TOY.files, length_penalty=2.0)
    punished = replace(TOY, files=files)
    differing = []
    for seed in range(12):
        of = subject(punished, Scene.random(seed))
        ranked, most_probable = of.beam().best, of.beam(None, 0.0).best
        if ranked.token_ids != most_probable.token_ids:
            differing.append(seed)
            alt = widgets.stepper_picture(punished, of).alt
            assert f"Beam search's caption '{' '.join(w for w, _ in most_probable.words)}'" in alt
            assert "search error" not in lstm_stepper.verdict(ranked, most_probable)
    assert differing


# Be the beam.


def test_the_table_lies_in_alphabetical_order() -> None:
    turn = beam_choices.begun(CATS, None, 2)[0].keep_words(["a", "the"])
    words = [turn.words_of(h) for h in beam_choices.on_table(turn)]
    assert words == ["a cat", "a dog", "the cat", "the dog"]
    assert [turn.words_of(h) for h in turn.going_on] == ["the dog", "a dog", "a cat", "the cat"]


def test_the_end_says_who_lost_what_where() -> None:
    first, _ = beam_choices.begun(CATS, None, 2)
    against = rivals(first)
    better = first.keep_words(["a", "the"]).keep_words(["a cat", "the dog"]).play_on()
    assert beam_choices.summary(better, against) == "You beat beam search by 0.10."
    you, beam, optimum = map(str, beam_choices.standings(better, against))
    assert you == "You: “a cat sits” -1.61; found the optimum."
    assert beam.startswith("Beam search: “the dog runs” -1.71; 0.10 below the optimum; lost at")
    assert optimum == "The optimum: “a cat sits” -1.61."
    worse = first.keep_words(["a", "the"]).keep_words(["a dog", "the cat"]).play_on()
    assert "Beam search beats you by 0.41. Its caption was lost at step 2: “the dog”" in (
        beam_choices.summary(worse, against)
    )
    assert "what beam search finds" in beam_choices.summary(first.play_on(), against)


def test_the_picture_of_a_search_by_hand_tells_every_choice() -> None:
    alt = widgets.be_the_beam_picture(CATS, choices=[["a", "the"], ["a cat", "the dog"]]).alt
    assert "Step 2: you kept “a cat” -1.56, “the dog” -1.02; beam search would keep “a dog”" in alt
    assert "You: “a cat sits” -1.61; found the optimum." in alt
    assert "lost at step 2: “a cat” was dropped, 0.13 below the last one kept." in alt
    with pytest.raises(SettingsError, match="'a bird' is not on the table"):
        widgets.be_the_beam_picture(CATS, choices=[["a", "the"], ["a bird", "the dog"]])


def test_a_captioner_needs_a_photo_to_be_the_beam() -> None:
    with pytest.raises(SettingsError, match="needs a photo"):
        widgets.be_the_beam_picture(TOY)


# Only the newest.


def test_of_quick_requests_only_the_newest_is_computed() -> None:
    pytest.importorskip("ipywidgets")
    done: list[int] = []
    wanted = [0]

    async def messages() -> None:
        latest = Latest(lambda: done.append(wanted[0]))
        for wanted[0] in range(10):
            latest.ask()
            await asyncio.sleep(0)
        assert done == []
        while not done:
            await asyncio.sleep(PAUSE)
        wanted[0] = 20
        latest.ask()
        while len(done) < 2:
            await asyncio.sleep(PAUSE)

    asyncio.run(messages())
    assert done == [9, 20]


# The microscope.


def test_no_search_is_made_twice() -> None:
    of = subject(TOY, Scene.random(1))
    assert of.beam(3, 0.0) is of.beam(3, 0.0)
    assert subject(TOY, of) is of


# The length penalty.


def test_places_tell_how_captions_moved() -> None:
    short, long, new = caption("a"), caption("a dog"), caption("a dog runs")
    found = places([long, short, new], [short, long])
    assert [place.move for place in found] == ["▲ 1", "▼ 1", "new"]
    assert [place.move for place in places([short], [short])] == ["="]
    assert found[0].tokens == 4


def test_turning_points_are_where_another_caption_wins() -> None:
    short, long = caption("a"), caption("a dog")
    assert turning_points([0, 0.5, 1.0, 1.5], [short, short, long, long]) == [1.0]


# Uploads.


def test_a_photo_that_the_browser_hands_over() -> None:
    data = sample_photo("coffee").as_png()
    content = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    photo = handed_over(f"my photo.png\n{content}")
    assert (photo.name, photo.original) == ("my photo.png", data)
    for text, words in (
        (f"cut.png\n{content[:-3]}", r"^cut\.png: it did not arrive whole"),
        ("empty.png\ndata:", r"^empty\.png: the file is empty"),
        ("x.txt\ndata:text/plain;base64,aGVsbG8=", r"^x\.txt: not a photo"),
    ):
        with pytest.raises(PhotoError, match=words):
            handed_over(text)


@pytest.mark.parametrize("opened", [from_address, handed_over])
def test_what_is_pasted_is_an_address_never_a_path(
    opened: Any, server: Server, tmp_path: Path
) -> None:
    data = sample_photo("coffee").as_png()
    server.files = {"coffee.png": data}
    assert opened(f" {server.url}coffee.png").original == data
    (tmp_path / "coffee.png").write_bytes(data)
    with pytest.raises(PhotoError, match=r"coffee\.png: no address; it begins with https://"):
        opened(str(tmp_path / "coffee.png"))
    with pytest.raises(PhotoError, match="only http:// and https:// are fetched"):
        opened(f"file://{tmp_path}/coffee.png")


# What moved in a caption.


def test_the_first_word_that_moved() -> None:
    before, after = caption("a red ball"), caption("a blue ball")
    assert first_moved(before, after) == Moved(2, "red", "blue")
    assert first_moved(caption("a ball"), caption("a ball in snow")) == Moved(3, "</S>", "in")
    assert first_moved(before, before) is None


def test_changed_words_are_marked_on_both_sides() -> None:
    before, after = caption("a red ball"), caption("a blue ball")
    assert marked(before, after) == ("a <mark>red</mark> ball", "a <mark>blue</mark> ball")
    assert changed_words(before, after) == "“red” → “blue”"
    assert changed_words(caption("a ball"), caption("a ball here")) == "“nothing” → “here”"
    assert "stayed the same" in changed_words(before, before)
    assert marked(caption("<UNK>"), caption("<UNK>")) == ("&lt;UNK&gt;", "&lt;UNK&gt;")


def test_next_log_probs_follow_a_prefix() -> None:
    model = random_model(3)
    found = next_log_probs(model, START_STATE, (0, 2, 3))
    np.testing.assert_allclose(found, model.tables[2, 3], rtol=1e-6)


def test_odds_are_the_two_rivals_where_the_captions_part() -> None:
    model = TableModel({"": {"cats": 0.6, "dogs": 0.3}})
    states = model.start_state, model.start_state
    start = lstm_stepper.first_draft(model, model.start_state)
    left = lstm_stepper.say(start, ["cats", "</S>"]).caption
    right = lstm_stepper.say(start, ["dogs", "</S>"]).caption
    found = odds(model, states, left, right)
    assert found is not None
    assert found.before == pytest.approx((0.6, 0.3))
    assert str(found).startswith("The first word that moved is word 1: “cats” became “dogs”.")
    assert odds(model, states, left, left) is None


# Composing.


@pytest.mark.parametrize("seed", range(25))
def test_every_option_gives_a_valid_scene_with_that_value(seed: int) -> None:
    scene = Scene.random(seed)
    for control in changes.CONTROLS:
        now = changes.value_of(scene, control)
        options = changes.options(scene, control)
        assert now in options
        assert set(changes.single_changes(scene, control)) <= set(options)
        for value in set(options) - {now}:
            after = changes.chosen(scene, control, value)
            assert after is not None
            assert changes.value_of(after, control) == value
            assert Scene.from_json(after.to_json()) == after


@pytest.mark.parametrize("seed", range(25))
def test_a_single_change_changes_nothing_else(seed: int) -> None:
    scene = Scene.random(seed)
    for attribute in ("place", "time", "colour", "kind", "action"):
        control = Control(attribute)
        for value in changes.single_changes(scene, control):
            if value != changes.value_of(scene, control):
                assert changes.chosen(scene, control, value) == scene.replace(**{attribute: value})


def test_what_must_follow_follows_and_is_told() -> None:
    after = changes.chosen(SWIMMER, Control("place"), "field")
    assert after is not None
    assert after.main.action == "stand"
    assert changes.side_effects(SWIMMER, after, Control("place")) == ["main action: swim → stand"]


def test_who_rides_gets_something_to_ride() -> None:
    scene = Scene("field", "day", (Actor("girl", "red", "stand"),))
    after = changes.chosen(scene, Control("action"), "ride")
    assert after is not None
    assert after.relation == "riding"
    assert after.actors[1].kind == "bike"
    assert changes.side_effects(scene, after, Control("action")) == [
        "relation:  → riding",
        "second kind: nobody → bike",
    ]


def test_what_cannot_be_is_not_offered() -> None:
    assert "ride" not in changes.options(Scene.random(0).replace(place="room"), Control("action"))
    assert "bus" not in changes.options(SWIMMER, Control("kind"))
    assert changes.chosen(SWIMMER, Control("colour", 1), "red") is None
    assert changes.chosen(SWIMMER, Control("kind", 2), "dog") is None
    assert changes.chosen(SWIMMER, Control("colour"), "plaid") is None or (
        changes.value_of(SWIMMER, Control("colour")) == "red"
    )


def test_actors_come_and_go() -> None:
    two = changes.chosen(SWIMMER, Control("kind", 1), "dog")
    assert two is not None
    assert changes.value_of(two, Control("relation")) == changes.NO_RELATION
    assert changes.side_effects(SWIMMER, two, Control("kind", 1)) == []
    assert changes.chosen(two, Control("kind", 1), changes.NOBODY) == SWIMMER
    moved = changes.chosen(two, Control("where", 1), "left")
    assert moved is not None
    assert moved.actors[1].x == changes.WHERE["left"]


# The static twins.


def test_each_widget_has_a_picture_that_tells_its_story() -> None:
    scene = Scene.random(3)
    pictures = {
        "be the beam": widgets.be_the_beam_picture(TOY, scene),
        "stepper": widgets.stepper_picture(TOY, scene),
        "words": widgets.stepper_picture(TOY, scene, ["w0", "</S>"]),
        "microscope": widgets.microscope_picture(TOY, scene, beam_width=2),
        "length_penalty": widgets.length_penalty_picture(TOY, scene),
        "picker": widgets.photo_picker_picture(TOY, names=["chelsea"], seeds=[1]),
        "names": widgets.photo_picker_picture(names=["chelsea"], seeds=[1]),
        "own": widgets.own_photo_picture(TOY, sample_photo("chelsea")),
        "own, named": widgets.own_photo_picture(),
        "composer": widgets.scene_composer_picture(TOY),
        "pair": widgets.scene_composer_picture(TOY, scene, scene),
    }
    assert all(isinstance(picture, Picture) for picture in pictures.values())
    best = TOY.caption(sample_photo("chelsea"))[0].text
    assert "chelsea.png" in pictures["own"].alt
    assert best in pictures["own"].alt
    assert "w0 </S>" in pictures["words"].alt
    assert "The first word that moved is" in pictures["composer"].alt
    assert pictures["pair"].alt.endswith("No word moved.")


def test_the_pictures_and_the_logic_need_neither_ipywidgets_nor_tensorflow() -> None:
    code = (
        "import sys; sys.modules['ipywidgets'] = None\n"
        "from showtell_lib import widgets\n"
        "from showtell_lib.errors import ShowTellError\n"
        "assert 'tensorflow' not in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
        "widgets.photo_picker_picture(names=['chelsea'], seeds=[])\n"
        "try: widgets.photo_picker()\n"
        "except ShowTellError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'showtell_lib[notebooks]'" in done.stdout
    assert done.stderr == ""
