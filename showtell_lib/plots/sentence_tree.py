"""Every sentence of a world that fits in the hand, as a tree of probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.tree_choice import Kind
from showtell_lib.plots.tree_drawing import Dashes, draw_row, draw_title, edge_path, page
from showtell_lib.plots.tree_layout import (
    GAP,
    HEADER,
    LINE,
    MARGIN,
    NOTE_SIZE,
    PAD,
    START_KEY,
    WORD_SIZE,
    Box,
    Column,
    Row,
    shortened,
    text_width,
)
from showtell_lib.plots.wording import counted, rounded
from showtell_lib.search import TableModel, all_sentences
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import END

MOST_DRAWN, MOST_NAMED = 40, 10
TITLE_HEIGHT, LEGEND_HEIGHT = 26.0, 26.0
SAMPLE = 30.0
# Of each marked path: its colour and dashes, and how far below the edge it runs, in points.
Look = tuple[str, Dashes, float]
PATH_LOOKS: tuple[Look, ...] = (
    (style.ORANGE, (0, (5, 2)), 0.0),
    (style.BLUE, "-", 3.0),
    (style.PURPLE, (0, (1, 1)), 6.0),
)
Tokens = tuple[int, ...]


def sentence_tree(
    model: TableModel, *, paths: Mapping[str, Caption] | None = None, title: str = ""
) -> Picture:
    """All sentences that a small model can say, on one screen, from left to right.

    A word's probability after those before it is on the edge that leads to it; a sentence's is
    at its end. The most probable word is the topmost of those that may follow.

    Args:
        model: one with few sentences.
        paths: by name, up to three captions to mark, each by a colour and dashes of its own, such
            as `{"greedy": search.greedy(model, model.start_state).best}`.
        title: above the figure.

    Raises:
        SettingsError: there are more than 40 sentences, or they have no end; or there are more
            than three paths, or one of them is no sentence of the model.
    """
    sentences, paths = all_sentences(model), paths or {}
    _check(sentences, paths)
    title = title or f"All {len(sentences)} sentences of a small world"
    names = {s.token_ids: _names(s, paths) for s in sentences}
    with matplotlib.rc_context(style.SETTINGS):
        row, boxes = _laid_out(sentences)
        bottom = MARGIN + TITLE_HEIGHT + HEADER + len(sentences) * (LINE + PAD + GAP)
        right = max(_right_of(boxes[s.token_ids], s, names[s.token_ids]) for s in sentences)
        headings = [text_width(title, 12, bold=True) + MARGIN, _legend_width(paths)]
        figure, axes = page(max([right, *headings]) + MARGIN, bottom + LEGEND_HEIGHT)
        draw_title(axes, title, MARGIN)
        draw_row(axes, row)
        for caption, look in zip(paths.values(), PATH_LOOKS, strict=False):
            _draw_path(axes, row, caption, boxes, look)
        for sentence in sentences:
            _draw_probability(axes, boxes[sentence.token_ids], sentence, names[sentence.token_ids])
        _draw_legend(axes, paths, bottom)
    return Picture(figure, _described(title, sentences, names))


def _check(sentences: Sequence[Caption], paths: Mapping[str, Caption]) -> None:
    if len(sentences) > MOST_DRAWN:
        raise SettingsError(
            f"{len(sentences)} sentences do not fit on a screen; up to {MOST_DRAWN} do"
        )
    if len(paths) > len(PATH_LOOKS):
        raise SettingsError(f"up to {len(PATH_LOOKS)} paths can be told apart, not {len(paths)}")
    said = {sentence.token_ids for sentence in sentences}
    for name, caption in paths.items():
        if caption.token_ids not in said:
            raise SettingsError(f'{name}: "{caption.text}" is no whole sentence of this model')


def _names(sentence: Caption, paths: Mapping[str, Caption]) -> str:
    """The paths that lead to a sentence."""
    return ", ".join(n for n, caption in paths.items() if caption.token_ids == sentence.token_ids)


def _laid_out(sentences: Sequence[Caption]) -> tuple[Row, dict[Tokens, Box]]:
    """The tree, each word at half the height of all that follows it; and its boxes by prefix."""
    in_order = sorted(sentences, key=_from_the_top)
    boxes: dict[Tokens, Box] = {sentences[0].token_ids[:1]: Box(START_KEY, "start", "<S>")}
    leaves: dict[Tokens, list[int]] = {}
    for line, sentence in enumerate(in_order):
        for length in range(1, len(sentence.token_ids) + 1):
            prefix = sentence.token_ids[:length]
            leaves.setdefault(prefix, []).append(line)
            if prefix not in boxes:
                word, log_prob = sentence.words[length - 2]
                boxes[prefix] = _box(word, log_prob, len(boxes), boxes[prefix[:-1]])
    depth = max(map(len, boxes))
    columns = [
        Column(f"word {n}" if n else "", [b for p, b in boxes.items() if len(p) == n + 1])
        for n in range(depth)
    ]
    row = Row(columns)
    row.move(MARGIN, MARGIN + TITLE_HEIGHT)
    for prefix, box in boxes.items():
        middle = (leaves[prefix][0] + leaves[prefix][-1]) / 2
        box.top = row.top + HEADER + middle * (LINE + PAD + GAP)
    return row, boxes


def _from_the_top(sentence: Caption) -> list[tuple[float, int]]:
    """Sorts sentences as their branches lie: the most probable word at the top."""
    log_probs = (log_prob for _, log_prob in sentence.words)
    return [(-p, token_id) for p, token_id in zip(log_probs, sentence.token_ids[1:], strict=True)]


def _box(word: str, log_prob: float, number: int, parent: Box) -> Box:
    kind: Kind = "finished" if word == END else "kept"
    label, probability = shortened(word), rounded(exp(log_prob))
    return Box((number, False), kind, label, total=probability, parent=parent.key)


def _draw_path(
    axes: Axes,
    row: Row,
    caption: Caption,
    boxes: dict[Tokens, Box],
    look: tuple[str, Dashes, float],
) -> None:
    color, dashes, shift = look
    for length in range(1, len(caption.token_ids)):
        parent, box = (boxes[caption.token_ids[:n]] for n in (length, length + 1))
        way = edge_path(parent, row.columns[length - 1], box, shift)
        line = PathPatch(
            way, fill=False, edgecolor=color, linestyle=dashes, linewidth=2.4, zorder=1.6
        )
        axes.add_artist(line)


def _draw_probability(axes: Axes, box: Box, sentence: Caption, names: str) -> None:
    axes.text(
        box.left + box.width + PAD,
        box.middle,
        _probability(sentence, names),
        fontsize=WORD_SIZE,
        va="center_baseline",
        weight="bold" if names else "normal",
        gid="probability",
    )


def _probability(sentence: Caption, names: str) -> str:
    probability = f"{sentence.probability:.4g}"
    return f"{probability}  {names}" if names else probability


def _right_of(box: Box, sentence: Caption, names: str) -> float:
    return (
        box.left + box.width + PAD + text_width(_probability(sentence, names), WORD_SIZE, bold=True)
    )


def _legend_width(paths: Mapping[str, Caption]) -> float:
    return sum(SAMPLE + 20 + text_width(name, NOTE_SIZE) for name in paths)


def _draw_legend(axes: Axes, paths: Mapping[str, Caption], top: float) -> None:
    left, middle = MARGIN, top + (LINE + PAD) / 2
    for name, (color, dashes, _) in zip(paths, PATH_LOOKS, strict=False):
        axes.plot(
            [left, left + SAMPLE], [middle, middle], color=color, linestyle=dashes, linewidth=2.4
        )
        left += SAMPLE + 5
        axes.text(left, middle, name, fontsize=NOTE_SIZE, va="center_baseline")
        left += text_width(name, NOTE_SIZE) + 15


def _described(title: str, sentences: Sequence[Caption], names: Mapping[Tokens, str]) -> str:
    """Alt text: the sentences with their probabilities, and which of them are marked."""
    listed = [
        f'"{s.text}" {s.probability:.4g}'
        + (f" ({names[s.token_ids]})" if names[s.token_ids] else "")
        for s in sentences
        if s in sentences[:MOST_NAMED] or names[s.token_ids]
    ]
    left_out = len(sentences) - len(listed)
    more = f"; and {left_out} less probable" if left_out else ""
    count = counted(len(sentences), "sentence")
    return f"{title}. Tree of {count}, the most probable first: {'; '.join(listed)}{more}."
