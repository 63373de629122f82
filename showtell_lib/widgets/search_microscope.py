"""The search microscope: a beam search, step by step, its tree beside the photo."""

from __future__ import annotations

import html
from collections.abc import Sequence

from showtell_lib import plots
from showtell_lib.photos import PhotoSource
from showtell_lib.plots import Picture
from showtell_lib.trace import Expansion, SearchTrace
from showtell_lib.widgets import parts
from showtell_lib.widgets.latest import Latest
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.subject import CaptionerLike, Subject, subject

WIDTHS = (1, 2, 3, 4, 5)
# Together with the buttons they fit into a window 1,000 pixels high; what is larger scrolls.
TREE_HEIGHT, TABLE_HEIGHT = "400px", "220px"
FATES = {
    "kept": "kept",
    "finished": "finished",
    "pruned": "pruned",
    "unfinished": "still open when the search stopped",
}


def step_count(trace: SearchTrace) -> int:
    """How many steps a search took."""
    return max((expansion.step for expansion in trace), default=0)


def text_of(trace: SearchTrace, hypothesis_id: int) -> str:
    """The words of a hypothesis, from the first to its last."""
    return " ".join(expansion.word for expansion in trace.path(hypothesis_id))


def of_step(trace: SearchTrace, step: int) -> list[Expansion]:
    """The hypotheses of a step: those that got a place first, each kind by its rank."""
    order = list(FATES)
    found = [expansion for expansion in trace if expansion.step == step]
    return sorted(found, key=lambda e: (order.index(e.status), e.rank, e.hypothesis_id))


def fate(trace: SearchTrace, expansion: Expansion) -> str:
    """What became of a hypothesis, in words: of a pruned one what it lost to and by how much."""
    if expansion.status == "pruned" and expansion.lost_to is not None:
        rival = text_of(trace, expansion.lost_to)
        return f"pruned: lost to “{rival}” by {expansion.lost_by or 0:.2f}"
    if trace.ranking and expansion.hypothesis_id == trace.ranking[0]:
        return f"{FATES[expansion.status]}: the winner"
    return FATES[expansion.status]


def step_table(trace: SearchTrace, step: int) -> str:
    """What happened at a step, as an HTML table."""
    rows = []
    for expansion in of_step(trace, step):
        before = html.escape(text_of(trace, expansion.parent_id))
        words = f"{before} {parts.bold(expansion.word)}".strip()
        told = html.escape(fate(trace, expansion))
        if expansion.status == "pruned":
            told = f'<span style="opacity: 0.75">{told}</span>'
        rows.append([words, f"{expansion.cumulative_log_prob:.2f}", told])
    caption = f"Step {step} of {step_count(trace)}"
    return parts.table(caption, ["hypothesis", ">sum", "what became of it"], rows)


def microscope(
    captioner: CaptionerLike, photo: PhotoSource, *, widths: Sequence[int] = WIDTHS
) -> Widget:
    """A beam search under the microscope.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        widths: the beam widths to choose from.

    Returns:
        A widget: a slider of steps, the tree as far as it had grown, and each hypothesis's fate.
    """
    return living(_Microscope(subject(captioner, photo), tuple(widths)).box)


class _Microscope:
    """The widget; `box` shows it."""

    def __init__(self, of: Subject, widths: tuple[int, ...]) -> None:
        widgets = parts.import_ipywidgets()
        self.of, self.pictures = of, dict[tuple[int, int], Picture]()
        own = of.captioner.files.beam_width
        start = own if own in widths else widths[0]
        self.width = widgets.ToggleButtons(options=widths, value=start, description="Beam width")
        self.width.style.button_width = "36px"
        self.step = widgets.IntSlider(1, 1, 2, description="Step", continuous_update=False)
        self.back, self.forward = (
            widgets.Button(description=label, icon=icon, layout=widgets.Layout(width="100px"))
            for label, icon in (("Step back", "arrow-left"), ("Step on", "arrow-right"))
        )
        self.photo = parts.PictureView("160px", "The photo in words")
        self.photo.show_image(of.photo.thumbnail(160), of.alt)
        self.tree, self.table = parts.PictureView("650px"), widgets.HTML()
        below = parts.row(
            self.photo.box, parts.scrolling(self.table, TABLE_HEIGHT, width="calc(100% - 180px)")
        )
        tree = parts.scrolling(self.tree.box, TREE_HEIGHT, from_below=True)
        self.newest = Latest(self._show, tree, below)
        controls = parts.row(self.width, self.step, self.back, self.forward)
        self.box = parts.column(controls, self.newest.box)
        self.width.observe(lambda _: self._choose(), "value")
        self.step.observe(lambda _: self._choose(), "value")
        self.back.on_click(lambda _: self._move(-1))
        self.forward.on_click(lambda _: self._move(1))
        self._choose()

    def _move(self, by: int) -> None:
        self.step.value = min(max(self.step.value + by, self.step.min), self.step.max)

    def _choose(self) -> None:
        # A shorter search may pull the slider back, which chooses its own last step.
        self.step.max = max(step_count(self._trace()), 1)
        step = self.step.value
        self.back.disabled, self.forward.disabled = step <= 1, step >= self.step.max
        self.newest.ask()

    def _trace(self) -> SearchTrace:
        return self.of.beam(self.width.value, 0.0).recorded

    def _show(self) -> None:
        trace, step = self._trace(), self.step.value
        key = (self.width.value, step)
        if key not in self.pictures:
            shown = None if step >= step_count(trace) else step
            self.pictures[key] = plots.search_tree(trace, last_step=shown)
        self.tree.show(self.pictures[key])
        self.table.value = step_table(trace, step)


def microscope_picture(
    captioner: CaptionerLike, photo: PhotoSource, *, beam_width: int | None = None
) -> Picture:
    """The same search as a filmstrip, one small tree per step.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        beam_width: None takes the model's own.
    """
    trace = subject(captioner, photo).beam(beam_width, 0.0).recorded
    return plots.search_steps(trace)
