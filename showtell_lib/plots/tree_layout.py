"""Where the labels of a search tree lie, in points; wide trees are broken into rows like text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, zip_longest

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from showtell_lib.plots.tree_choice import Kind, Shown
from showtell_lib.trace import ROOT, Expansion

WORD_SIZE, NOTE_SIZE = 9.5, 8.0
PAD, EDGE, MARGIN = 4.0, 20.0, 10.0
LINE, NOTE_LINE, GAP, HEADER = 12.5, 10.5, 7.0, 18.0
ROW_GAP = 12.0
FULL_WIDTH = 11.0 * 72
LONGEST = 14
START_KEY = (ROOT, False)


@dataclass
class Box:
    """A label of the tree, with its place once it has one.

    Attributes:
        key: the hypothesis, and whether this is its second appearance, where a row begins.
        kind: how it is drawn.
        word: its first line.
        note: its second line, smaller; may be empty.
        total: the running sum, written on the edge that leads to it.
        parent: the key of the box that the edge comes from.
        left: of the box, points from the left.
        top: of the box, points from the top.
        width: of the box.
        height: of the box.
    """

    key: tuple[int, bool]
    kind: Kind
    word: str
    note: str = ""
    total: str = ""
    parent: tuple[int, bool] | None = None
    left: float = 0.0
    top: float = 0.0
    width: float = 0.0
    height: float = 0.0

    def __post_init__(self) -> None:
        sizes = [text_width(self.word, WORD_SIZE, bold=self.kind == "winner")]
        self.height = LINE + PAD
        if self.note:
            sizes.append(text_width(self.note, NOTE_SIZE))
            self.height += NOTE_LINE
        self.width = max(sizes) + 2 * PAD

    @property
    def middle(self) -> float:
        """Where edges meet it, points from the top."""
        return self.top + self.height / 2


@dataclass
class Column:
    """The boxes of one step, with its heading.

    Attributes:
        heading: above the boxes.
        boxes: from top to bottom.
        left: of the boxes, points from the left.
        edge_width: room before the boxes for edges and running sums.
        box_width: room for the boxes.
    """

    heading: str
    boxes: list[Box]
    left: float = 0.0
    edge_width: float = 0.0
    box_width: float = 0.0

    def __post_init__(self) -> None:
        totals = [text_width(box.total, NOTE_SIZE) for box in self.boxes if box.total]
        self.edge_width = EDGE + max(totals) + 4 if totals else 0.0
        heading = text_width(self.heading, NOTE_SIZE)
        self.box_width = max([heading, *(box.width for box in self.boxes)])

    @property
    def width(self) -> float:
        """Edges, running sums and boxes."""
        return self.edge_width + self.box_width


@dataclass
class Row:
    """Columns beside each other, a stretch of the tree."""

    columns: list[Column]
    left: float = 0.0
    top: float = 0.0
    boxes: dict[tuple[int, bool], Box] = field(default_factory=dict)

    @property
    def width(self) -> float:
        """Of all columns."""
        return sum(column.width for column in self.columns)

    @property
    def height(self) -> float:
        """Of the heading and the tallest column."""
        return HEADER + max(sum(b.height + GAP for b in c.boxes) for c in self.columns)

    def move(self, left: float, top: float) -> None:
        """Gives every box its place."""
        self.left, self.top = left, top
        for column in self.columns:
            column.left = left + column.edge_width
            below = top + HEADER
            for box in column.boxes:
                box.left, box.top = column.left, below
                below += box.height + GAP
                self.boxes[box.key] = box
            left += column.width


def tree_rows(*trees: Shown) -> list[list[Row]]:
    """For each tree its rows, which fit the page; none of them has a place yet.

    Where there are several trees, the same step is at the same place in all.
    """
    columns = [[_step_column(tree, i) for i in range(len(tree.steps))] for tree in trees]
    for same_step in zip_longest(*columns):
        _align([column for column in same_step if column is not None])
    rows: list[list[Row]] = [[] for _ in trees]
    for first, last in _breaks(trees, max(columns, key=len)):
        starts = _first_columns(trees, first)
        for start, steps, its_rows in zip(starts, columns, rows, strict=True):
            if start is not None:
                its_rows.append(Row([start, *steps[first:last]]))
    return rows


def _align(columns: Sequence[Column]) -> None:
    """Makes columns of the same step in several trees equally wide."""
    edge_width = max(column.edge_width for column in columns)
    box_width = max(column.box_width for column in columns)
    for column in columns:
        column.edge_width, column.box_width = edge_width, box_width


def _first_columns(trees: Sequence[Shown], first: int) -> list[Column | None]:
    """What a row starts from, for each tree that is still going on."""
    starts = [_first_column(t, first) if first < len(t.steps) else None for t in trees]
    _align([start for start in starts if start is not None])
    return starts


def step_row(shown: Shown, index: int) -> Row:
    """One step alone, with the hypotheses that it extends."""
    return Row([_first_column(shown, index, words=3), _step_column(shown, index)])


def stacked(rows: Sequence[Row], top: float) -> float:
    """Places rows below each other; returns where the next thing can go."""
    for row in rows:
        row.move(MARGIN, top)
        top += row.height + ROW_GAP
    return top


def _breaks(trees: Sequence[Shown], steps: Sequence[Column]) -> list[tuple[int, int]]:
    """Which steps go into which row: as few rows as fit, filled evenly."""
    ranges, first = [], 0
    while first < len(steps):
        last = first + 1
        while last < len(steps) and _fits(trees, steps[first : last + 1], first):
            last += 1
        ranges.append((first, last))
        first = last
    size, longer = divmod(len(steps), len(ranges))
    ends = list(accumulate(size + (row < longer) for row in range(len(ranges))))
    even = list(zip([0, *ends], ends, strict=False))
    return even if all(_fits(trees, steps[a:b], a) for a, b in even) else ranges


def _fits(trees: Sequence[Shown], steps: Sequence[Column], first: int) -> bool:
    start = next(column for column in _first_columns(trees, first) if column is not None)
    width = start.width + sum(column.width for column in steps)
    return width <= FULL_WIDTH - 2 * MARGIN


def _first_column(shown: Shown, index: int, words: int = 1) -> Column:
    """What a row starts from: `<S>`, or again the open hypotheses of the step before."""
    if index == 0:
        return Column("", [Box(START_KEY, "start", "<S>")])
    parents = {e.parent_id for e in shown.steps[index]}
    boxes = []
    for expansion in shown.steps[index - 1]:
        if expansion.hypothesis_id in parents:
            path = shown.trace.path(expansion.hypothesis_id)[-words:]
            text = " ".join(shortened(e.word) for e in path)
            kind: Kind = "winner" if shown.kind(expansion) == "winner" else "again"
            before = "… " if expansion.step > words else ""
            boxes.append(Box((expansion.hypothesis_id, True), kind, before + text))
    return Column("", boxes)


def _step_column(shown: Shown, index: int) -> Column:
    expansions = shown.steps[index]
    boxes = [_box(shown, expansion) for expansion in expansions]
    left_out = shown.left_out[index]
    if left_out:
        boxes.append(Box((-1 - index, False), "more", f"+{left_out.total()} more"))
    step = expansions[0].step if expansions else index + 1
    return Column(f"step {step}", boxes)


def _box(shown: Shown, expansion: Expansion) -> Box:
    total = signed(expansion.cumulative_log_prob)
    if shown.trace.settings.get("groups", 1) > 1:
        total = f"g{expansion.group + 1} {total}"
    return Box(
        (expansion.hypothesis_id, False),
        shown.kind(expansion),
        shortened(expansion.word),
        _note(shown, expansion),
        total,
        (expansion.parent_id, False),
    )


def _note(shown: Shown, expansion: Expansion) -> str:
    ranking = shown.trace.ranking
    place = ranking.index(expansion.hypothesis_id) + 1 if expansion.hypothesis_id in ranking else 0
    if expansion.status == "pruned" and expansion.lost_to is not None:
        winner = shortened(shown.trace[expansion.lost_to].word)
        lost_by = expansion.lost_by or 0.0
        return f"{lost_by:.{2 if lost_by >= 0.095 else 3}f} below {winner}"
    if expansion.status == "unfinished":
        return f"unfinished, no. {place}" if place else "unfinished"
    if expansion.status == "finished":
        return f"caption no. {place}" if place else "found again"
    return ""


def signed(value: float) -> str:
    """A log-probability with a real minus sign."""
    decimals = 2 if value > -0.95 else 1
    return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def shortened(word: str) -> str:
    """A word cut to what a label has room for."""
    return word if len(word) <= LONGEST else word[: LONGEST - 1] + "…"


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, in points."""
    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width)
