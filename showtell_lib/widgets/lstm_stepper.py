"""The LSTM stepper: choose each next word yourself, and see how your caption fares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, zip_longest

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from showtell_lib.errors import SettingsError
from showtell_lib.photos import PhotoSource
from showtell_lib.plots import Picture, style
from showtell_lib.plots.wording import rounded
from showtell_lib.search import LONGEST
from showtell_lib.search.common import Hypothesis, StepModel, as_caption, most_probable, start
from showtell_lib.search.common import step_all as step
from showtell_lib.trace import Caption
from showtell_lib.widgets import parts
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.subject import CaptionerLike, Subject, subject

BUTTON = {"width": "152px", "margin": "0"}


@dataclass(frozen=True)
class Choice:
    """A next word that can be chosen.

    Attributes:
        token_id: the word's id.
        word: the word.
        log_prob: its natural-log probability, given the photo and the words so far.
    """

    token_id: int
    word: str
    log_prob: float


@dataclass(frozen=True, eq=False)
class Draft:
    """A caption in the making. Choosing a word gives a new draft; the old one stays as it was.

    Attributes:
        model: gives the next words.
        hypothesis: the words so far.
        previous: the draft before the last word was chosen; None at the start.
    """

    model: StepModel
    hypothesis: Hypothesis
    previous: Draft | None = None

    @property
    def finished(self) -> bool:
        """Whether no word can follow: it ends with `</S>`, or is as long as captions get."""
        tokens = self.hypothesis.token_ids
        return tokens[-1] == self.model.vocabulary.end_id or len(tokens) >= LONGEST

    @property
    def caption(self) -> Caption:
        """The words so far as a caption."""
        return as_caption(self.hypothesis, self.model.vocabulary)

    def choices(self, count: int) -> list[Choice]:
        """The most probable next words, best first; none once the draft is finished."""
        if self.finished:
            return []
        log_probs = step(self.model, [self.hypothesis])[0][0]
        tokens = most_probable(log_probs, min(count, len(log_probs)))
        words = self.model.vocabulary
        return [Choice(token, words.word(token), float(log_probs[token])) for token in tokens]

    def choose(self, token_id: int) -> Draft:
        """The draft with one more word.

        Raises:
            SettingsError: the draft is finished.
        """
        if self.finished:
            raise SettingsError("the caption is finished; undo a word, or start again")
        log_probs, states = step(self.model, [self.hypothesis])
        log_prob = float(log_probs[0, token_id])
        extended = self.hypothesis.extended(token_id, log_prob, states[0], 0)
        return Draft(self.model, extended, self)

    def undo(self) -> Draft:
        """The draft without its last word; the start stays the start."""
        return self.previous or self

    def restart(self) -> Draft:
        """The draft with no word."""
        draft = self
        while draft.previous:
            draft = draft.previous
        return draft


def first_draft(model: StepModel, state: np.ndarray) -> Draft:
    """The draft with no word, for an encoded photo, float32 [1, 2 * units]."""
    return Draft(model, start(model, state))


def say(draft: Draft, words: Sequence[str]) -> Draft:
    """The draft with these words chosen, one after another.

    Raises:
        SettingsError: the model does not know a word, or words follow the end of the caption.
    """
    vocabulary = draft.model.vocabulary
    for word in words:
        token_id = vocabulary.token_id(word)
        if vocabulary.word(token_id) != word:
            raise SettingsError(f"the model does not know the word {word!r}; choose another")
        draft = draft.choose(token_id)
    return draft


def detour(draft: Draft) -> Draft:
    """What follows if the second most probable word comes first and the most probable ones then."""
    draft = draft.choose(draft.choices(2)[1].token_id)
    while not draft.finished:
        draft = draft.choose(draft.choices(1)[0].token_id)
    return draft


def running_sums(caption: Caption) -> list[float]:
    """The caption's log-probability after each of its words."""
    return list(accumulate(log_prob for _, log_prob in caption.words))


def verdict(yours: Caption, best: Caption) -> str:
    """How your caption compares with beam search's, in a sentence.

    Beam search's is the one without a length penalty: with one it ranks by something else, and
    may well have found a caption that it ranks lower.
    """
    if not yours.words:
        return "Choose the first word."
    gap = yours.log_prob - best.log_prob
    if not yours.finished:
        if len(yours.token_ids) >= LONGEST:
            return f"A caption has at most {LONGEST - 1} words; undo one, or start again."
        if gap < 0:
            return (
                f"Your caption has fallen {-gap:.2f} below beam search's finished one; "
                "it can only fall further."
            )
        return f"Your caption may still fall {gap:.2f} before it is below beam search's."
    if yours.token_ids == best.token_ids:
        return "You said what beam search says."
    if gap > 0:
        return (
            f"Yours is more probable by {gap:.2f}: beam search missed it. That is a search error."
        )
    return f"Beam search's caption is {math.exp(-gap):,.1f} times as probable as yours."


def comparison(yours: Caption, best: Caption) -> list[list[str]]:
    """Table rows: number, your word, its probability, your sum, then the same of beam search."""
    rows = zip_longest(_told(yours), _told(best), fillvalue=["", "", ""])
    return [[str(number), *left, *right] for number, (left, right) in enumerate(rows, start=1)]


def _told(caption: Caption) -> list[list[str]]:
    pairs = zip(caption.words, running_sums(caption), strict=True)
    return [
        [parts.bold(word), parts.chance(log_prob), f"{total:.2f}"]
        for (word, log_prob), total in pairs
    ]


def stepper(captioner: CaptionerLike, photo: PhotoSource, *, count: int = 8) -> Widget:
    """Choose each next word among the most probable ones.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        count: how many words to offer.

    Returns:
        A widget.
    """
    return living(_Stepper(subject(captioner, photo), count).box)


class _Stepper:
    """The widget; all that it knows of the caption is the draft."""

    def __init__(self, of: Subject, count: int) -> None:
        widgets = parts.import_ipywidgets()
        self.best, self.width = of.beam(None, 0.0).best, of.captioner.files.beam_width
        self.draft = first_draft(of.captioner, of.state)
        view = parts.PictureView("240px", "The photo in words")
        view.show_image(of.photo.thumbnail(240), of.alt)
        self.words = [
            parts.button("", partial(self._choose, place), BUTTON) for place in range(count)
        ]
        self.undo = parts.button("Undo", lambda: self._go(self.draft.undo()), BUTTON, icon="undo")
        self.again = parts.button("Start again", lambda: self._go(self.draft.restart()), BUTTON)
        self.text, self.table = widgets.HTML(), widgets.HTML()
        right = parts.column(
            self.text,
            parts.row(*self.words),
            parts.row(self.undo, self.again),
            self.table,
            width="560px",
        )
        self.box = parts.row(view.box, right)
        self._show()

    def _choose(self, place: int) -> None:
        if place < len(self.offered):
            self._go(self.draft.choose(self.offered[place].token_id))

    def _go(self, draft: Draft) -> None:
        self.draft = draft
        self._show()

    def _show(self) -> None:
        yours = self.draft.caption
        self.offered = self.draft.choices(len(self.words))
        for button, choice in zip_longest(self.words, self.offered):
            button.disabled = choice is None
            button.description = f"{choice.word}  {parts.chance(choice.log_prob)}" if choice else ""
        self.undo.disabled = self.again.disabled = self.draft.previous is None
        said = " ".join(word for word, _ in yours.words) or "…"
        lines = (parts.bold(said), verdict(yours, self.best))
        self.text.value = "".join(parts.paragraph(line) for line in lines)
        self.table.value = parts.table(
            f"Running log-probabilities; beam search has width {self.width} and no length penalty",
            ["", "you say", ">p", ">sum", "beam search says", ">p", ">sum"],
            comparison(yours, self.best),
        )


def stepper_picture(
    captioner: CaptionerLike, photo: PhotoSource, words: Sequence[str] | None = None
) -> Picture:
    """A caption that you choose, its log-probability word by word beside beam search's.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        words: your words, with `</S>` at the end of a finished caption; None takes the second most
            probable first word, and then always the most probable one.

    Raises:
        SettingsError: the model does not know one of the words.
    """
    of = subject(captioner, photo)
    draft = first_draft(captioner, of.state)
    yours = (detour(draft) if words is None else say(draft, words)).caption
    best = of.beam(None, 0.0).best
    with matplotlib.rc_context(style.SETTINGS):
        longest = max(len(yours.words), len(best.words))
        figure = style.new_figure(max(3.4, 1.2 + 0.24 * longest))
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.7))
        left.imshow(of.photo.thumbnail(448))
        left.set_axis_off()
        _draw_running_sums(right, yours, best, longest)
    return Picture(figure, _alt(of, yours, best))


def _draw_running_sums(axes: Axes, yours: Caption, best: Caption, longest: int) -> None:
    """Two lines that run downwards, word by word: your words at the left, beam search's right."""
    other = axes.twinx()
    told = (
        (axes, "your words", yours, parts.YOURS, "s--"),
        (other, "beam search's words", best, style.BLUE, "o-"),
    )
    for side, name, caption, colour, mark in told:
        places = range(1, len(caption.words) + 1)
        side.plot(running_sums(caption), places, mark, color=colour, markersize=5)
        side.set_yticks(places, [word for word, _ in caption.words], color=colour)
        side.set_ylim(longest + 0.6, 0.4)
        side.tick_params(axis="y", length=0)
        side.set_ylabel(name, color=colour)
    axes.grid(axis="x")
    axes.set_xlabel("log-probability so far")


def _alt(of: Subject, yours: Caption, best: Caption) -> str:
    told = (
        f"{name} {' '.join(word for word, _ in caption.words)!r} ends at a log-probability of "
        f"{rounded(caption.log_prob)}"
        for name, caption in (("Your caption", yours), ("Beam search's caption", best))
    )
    return f"{of.alt} Two falling lines of log-probability, word by word. {'. '.join(told)}."
