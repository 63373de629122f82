"""The scene composer: change a scene, and see which words of its caption move."""

from __future__ import annotations

import gc
import html
import textwrap

import matplotlib
from matplotlib.axes import Axes

from showtell_lib import plots
from showtell_lib.plots import Picture, style
from showtell_lib.scenes import Scene, one_change_pairs
from showtell_lib.scenes.world import changes
from showtell_lib.scenes.world.changes import CONTROLS, Control
from showtell_lib.trace import Caption
from showtell_lib.widgets import parts
from showtell_lib.widgets.caption_changes import Odds, changed_words, marked, odds
from showtell_lib.widgets.latest import Latest
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.subject import CaptionerLike, Subject, subject

PAIRS_TO_TRY = 24
ROWS = {"Scene": [control for control in CONTROLS if control.of_scene]} | {
    title: [control for control in CONTROLS if not control.of_scene and control.actor == actor]
    for actor, title in enumerate(("Main actor", "Second", "Third"))
}


def scene_composer(captioner: CaptionerLike, scene: Scene | None = None) -> Widget:
    """Compose a scene; its picture, caption and search tree follow each choice.

    Args:
        captioner: a `Captioner`.
        scene: to begin with; None takes one drawn by lot.

    Returns:
        A widget. Its attribute `scene` is the scene as composed.
    """
    composer = _Composer(captioner, Scene.random(0) if scene is None else scene)
    box = living(composer.box)
    _settle_memory()
    return box


def _settle_memory() -> None:
    """Spares Python's garbage collection all objects that are there by now.

    TensorFlow and matplotlib leave so many that a full collection, which the figures' garbage
    brings about at every seventh choice or so, took longer than all else that a choice costs.
    """
    gc.unfreeze()  # What a composer before left, too.
    gc.collect()
    gc.freeze()


class _Composer:
    """The widget; `box` shows it.

    Attributes:
        scene: what is wanted.
        now: what is shown, encoded and searched.
        base: the scene that every change starts from while just one thing may change; else None.
    """

    def __init__(self, captioner: CaptionerLike, scene: Scene) -> None:
        self.captioner, self.scene, self.now = captioner, scene, subject(captioner, scene)
        self.base: Subject | None = None
        self.encoded = {scene: self.now}
        self.base_scene, self.seed, self.also = scene, scene.seed, list[str]()
        self.busy = False
        self._build_controls()
        self._build_views()
        self.box.scene = scene
        self._show_controls()
        self._show_result(self.now)

    def _build_controls(self) -> None:
        widgets = parts.import_ipywidgets()
        self.dropdowns = {control: self._dropdown(control) for control in CONTROLS}
        for control, dropdown in self.dropdowns.items():
            dropdown.observe(
                lambda change, control=control: self._choose(control, change["new"]), "value"
            )
        self.another = widgets.Button(description="Another scene", icon="random")
        self.another.on_click(lambda _: self._begin(Scene.random(self.seed + 1)))
        self.one = widgets.ToggleButton(
            description="Change one thing", layout=widgets.Layout(width="auto")
        )
        self.one.observe(lambda _: self._switch(), "value")
        rows = [
            parts.row(
                widgets.Label(title, layout=widgets.Layout(width="75px")),
                *(self.dropdowns[control] for control in controls),
            )
            for title, controls in ROWS.items()
        ]
        self.panel = parts.column(*rows, parts.row(self.another, self.one))

    @staticmethod
    def _dropdown(control: Control) -> Widget:
        widgets = parts.import_ipywidgets()
        layout = widgets.Layout(width="134px", margin="0")
        return widgets.Dropdown(
            description=control.attribute,
            tooltip=str(control),
            layout=layout,
            style={"description_width": "54px"},
        )

    def _build_views(self) -> None:
        widgets = parts.import_ipywidgets()
        self.before, self.after = (parts.PictureView("260px") for _ in range(2))
        self.caption_before, self.caption, self.text = (widgets.HTML() for _ in range(3))
        self.left = parts.column(self.before.box, self.caption_before, width="260px")
        right = parts.column(self.after.box, self.caption, width="260px")
        self.tree = parts.PictureView("760px")
        views = parts.row(self.left, right), self.text, self.tree.box
        self.newest = Latest(self._show, *views)
        self.box = parts.column(self.panel, self.newest.box)
        self.left.layout.display = "none"

    def _choose(self, control: Control, value: str) -> None:
        """One choice of the user; not called for what the composer itself sets."""
        if self.busy:
            return
        origin = self.base_scene if self.one.value else self.scene
        changed = changes.chosen(origin, control, value)
        if changed is None:  # The control offered more than there is now; it is set right.
            self._go(self.scene, [])
        else:
            self._go(changed, changes.side_effects(origin, changed, control))

    def _begin(self, scene: Scene) -> None:
        """Another scene altogether."""
        self.seed, self.base_scene = scene.seed, scene
        self._go(scene, [])

    def _switch(self) -> None:
        """Whether only one thing may change, from now on."""
        self.base_scene = self.scene
        self._go(self.scene, [])

    def _go(self, scene: Scene, also: list[str]) -> None:
        """Writes down what is wanted; it is computed when nothing newer waits."""
        self.scene = self.box.scene = scene
        self.also = also
        self.newest.ask()

    def _show(self) -> None:
        """Computes all that is shown, then shows it: picture, caption and tree change together."""
        self._show_controls()
        before, one = self.now, self.one.value
        scenes = {self.scene, self.base_scene} if one else {self.scene}
        # What is shown already is not encoded again.
        known = self.encoded
        self.encoded = {s: known.get(s) or subject(self.captioner, s) for s in scenes}
        self.now = self.encoded[self.scene]
        self.base = self.encoded[self.base_scene] if one else None
        self._show_result(self.base or before)

    def _show_controls(self) -> None:
        self.busy = True
        allowed = changes.single_changes if self.one.value else changes.options
        for control, dropdown in self.dropdowns.items():
            # The scene that the change starts from decides what may change.
            values = allowed(self.base_scene if self.one.value else self.scene, control)
            shown = changes.value_of(self.scene, control)
            _set_options(dropdown, values if shown in values else (*values, shown), shown)
        self.busy = False

    def _show_result(self, before: Subject) -> None:
        # The nearest losses only: drawing all of them would take longer than all the rest. First,
        # since it takes longest: what follows is shown together with it.
        self.tree.show(plots.search_tree(self.now.beam().recorded, most_pruned=1))
        old, new = _best(before), _best(self.now)
        old_words, new_words = marked(old, new)
        self.left.layout.display = "" if self.base else "none"
        if self.base:
            self.before.show_image(before.photo.as_image(), before.alt)
            self.caption_before.value = _captioned("Before", old_words, old)
        self.after.show_image(self.now.photo.as_image(), self.now.alt)
        self.caption.value = _captioned("After" if self.base else "", new_words, new)
        self.text.value = _told(before, self.now, self.also)


def _set_options(dropdown: Widget, values: tuple[str, ...], shown: str) -> None:
    if dropdown.options != values:
        dropdown.options = values
    if dropdown.value != shown:
        dropdown.value = shown
    dropdown.disabled = len(values) < 2


def _best(of: Subject) -> Caption:
    return of.beam().best


def _captioned(title: str, words: str, caption: Caption) -> str:
    lines = [f"<b>{title}</b>"] if title else []
    return "".join(parts.paragraph(x) for x in [*lines, f"{words} (p = {caption.probability:.2g})"])


def _told(before: Subject, after: Subject, also: list[str]) -> str:
    """What changed, in sentences."""
    if before is after:
        return parts.paragraph("Change something, and see which words of the caption move.")
    found = compared(before, after)
    lines = [f"Changed words: {changed_words(_best(before), _best(after))}"]
    lines += [str(found)] if found else []
    lines += [f"This had to follow: {'; '.join(also)}"] if also else []
    return "".join(parts.paragraph(html.escape(line)) for line in lines)


def compared(before: Subject, after: Subject) -> Odds | None:
    """Where the captions of two pictures part; None where they are the same."""
    return odds(after.captioner, (before.state, after.state), _best(before), _best(after))


def scene_composer_picture(
    captioner: CaptionerLike, before: Scene | None = None, after: Scene | None = None
) -> Picture:
    """Two scenes side by side, their captions, and the first word that moved.

    Args:
        captioner: a `Captioner`.
        before: a scene.
        after: the same with one thing changed; None for either takes a pair of scenes whose
            captions differ.
    """
    if before is None or after is None:
        first, second = _telling_pair(captioner)
    else:
        first, second = subject(captioner, before), subject(captioner, after)
    found = compared(first, second)
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(3.9)
        panels = figure.subplots(1, 3, width_ratios=(1, 1, 0.9))
        for axes, of, title in zip(panels, (first, second), ("Before", "After"), strict=False):
            _draw_scene(axes, of, title)
        _draw_odds(panels[2], found)
    return Picture(figure, _alt(first, second, found))


def _telling_pair(captioner: CaptionerLike) -> tuple[Subject, Subject]:
    """The first pair of scenes whose captions differ; the last one tried if there is none."""
    pairs = one_change_pairs(PAIRS_TO_TRY, seed=0)
    for pair in pairs:
        found = subject(captioner, pair.before), subject(captioner, pair.after)
        if compared(*found):
            break
    return found


def _draw_scene(axes: Axes, of: Subject, title: str) -> None:
    axes.imshow(of.photo.as_image())
    axes.set_title(title)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlabel(textwrap.fill(_best(of).text, 30), fontsize=10)


def _draw_odds(axes: Axes, found: Odds | None) -> None:
    """The two rival words' probabilities, before and after."""
    if found is None:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no word moved", ha="center", va="center")
        return
    told = (("before", found.before, style.SKY, ""), ("after", found.after, style.BLUE, "//"))
    for shift, (name, values, colour, hatch) in zip((-0.2, 0.2), told, strict=True):
        places = [place + shift for place in (0, 1)]
        axes.bar(places, values, 0.38, label=name, color=colour, hatch=hatch, edgecolor="white")
        for place, value in zip(places, values, strict=True):
            axes.annotate(
                f"{value:.2f}",
                (place, value),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=9,
            )
    axes.set_xticks([0, 1], [f"“{found.moved.before}”", f"“{found.moved.after}”"])
    axes.set_title(f"Word {found.moved.place} moved first")
    axes.set_ylabel("probability")
    axes.set_ylim(0, 1.1 * max(*found.before, *found.after))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False)


def _alt(first: Subject, second: Subject, found: Odds | None) -> str:
    told = (f"{of.alt} Its caption is “{_best(of).text}”." for of in (first, second))
    return f"{' '.join(told)} {found or 'No word moved.'}"
