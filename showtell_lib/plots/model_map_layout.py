"""Where all stands in the picture of the model, and which steps of a caption it has room for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from showtell_lib.plots import style
from showtell_lib.plots.diagram import NOTE_SIZE
from showtell_lib.plots.tree_layout import text_width
from showtell_lib.plots.wording import probability_label
from showtell_lib.vocabulary import START

WIDTH, HEIGHT, MARGIN = style.WIDTH * 72, 246.0, 12.0
# Middles of rows, points from the top.
NAMES, INPUTS, CELLS, SOFTMAX, SEARCH = 16.0, 76.0, 130.0, 176.0, 222.0
CELL_HEIGHT, SOFTMAX_HEIGHT, SEARCH_HEIGHT, WORD_HEIGHT = 30.0, 32.0, 30.0, 18.0
PHOTO_WIDTH, PHOTO_HEIGHT, SPACE = 88.0, 68.0, 3.0
# Width and height of the encoder's layers: ever more channels, ever fewer pixels.
LAYERS, LAYER_GAP = ((5.0, 60.0), (8.0, 46.0), (11.0, 32.0), (14.0, 20.0)), 5.0
ENCODER_WIDTH = sum(width for width, _ in LAYERS) + LAYER_GAP * (len(LAYERS) - 1)
ENCODER_LEFT = MARGIN + PHOTO_WIDTH + 16
NUMBERS, NUMBER_SIDE = 6, 8.0
EMBEDDING_WIDTH = NUMBERS * NUMBER_SIDE
EMBEDDING = ENCODER_LEFT + ENCODER_WIDTH + 16 + EMBEDDING_WIDTH / 2
# Of the columns of words.
WORD_SIZE = 8.5
LONGEST_WORD = 14
PAD, GAP = 3.0, 15.0
ELLIPSIS, ELLIPSIS_WIDTH = "…", 12.0
NARROWEST_BOX, LEVEL = 30, 60
STEPS_LEFT = EMBEDDING + EMBEDDING_WIDTH / 2 + GAP


@dataclass(frozen=True)
class Step:
    """One step of the LSTM, or the ellipsis that stands for several.

    Attributes:
        middle: of its column, points from the left.
        width: of its boxes, points.
        word_in: the word that goes in.
        word_out: the word that was chosen.
        probability: of `word_out`; None for the ellipsis.
    """

    middle: float
    width: float
    word_in: str
    word_out: str
    probability: float | None

    @property
    def left(self) -> float:
        """The left edge of its boxes."""
        return self.middle - self.width / 2

    @property
    def right(self) -> float:
        """The right edge of its boxes."""
        return self.middle + self.width / 2


def placed_steps(words: Sequence[tuple[str, float]]) -> list[Step]:
    """All steps if they fit, else the first, an ellipsis, and the last.

    Args:
        words: each word with its natural-log probability, as `Caption.words`.
    """
    said = [_shortened(word) for word, _ in words]
    pairs = list(zip([START, *said], said, strict=False))
    probabilities = [math.exp(log_prob) for _, log_prob in words]
    for count in range(len(said), 0, -1):
        shown = _kept(count, len(said))
        widths = [_box_width(*pairs[index], probabilities[index]) for index in shown]
        room = WIDTH - MARGIN - STEPS_LEFT - GAP * (count - 1)
        room -= ELLIPSIS_WIDTH + GAP if count < len(said) else 0.0
        if sum(widths) <= room:
            break
    steps, left = [], STEPS_LEFT
    for before, index, width in zip([-1, *shown], shown, _levelled(widths, room), strict=False):
        if index > before + 1:
            steps.append(Step(left + ELLIPSIS_WIDTH / 2, ELLIPSIS_WIDTH, ELLIPSIS, ELLIPSIS, None))
            left += ELLIPSIS_WIDTH + GAP
        steps.append(Step(left + width / 2, width, *pairs[index], probabilities[index]))
        left += width + GAP
    return steps


def _kept(count: int, total: int) -> list[int]:
    """The places of `count` steps of all: the last two, the rest from the beginning."""
    tail = min(2, count // 2) if count < total else 0
    return [*range(count - tail), *range(total - tail, total)]


def _levelled(widths: Sequence[float], room: float) -> list[float]:
    """Narrow boxes made wider, up to one level, as far as there is room."""
    level = NARROWEST_BOX
    while level < LEVEL and sum(max(width, level + 1) for width in widths) <= room:
        level += 1
    return [max(width, level) for width in widths]


def _shortened(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD - 1]}{ELLIPSIS}"


def _box_width(word_in: str, word_out: str, probability: float) -> float:
    """Room for both words, the second in bold, and for the probability."""
    widest = max(
        text_width(word_in, WORD_SIZE),
        text_width(word_out, WORD_SIZE, bold=True),
        text_width(probability_label(probability), NOTE_SIZE),
    )
    return max(NARROWEST_BOX, widest + 2 * PAD)
