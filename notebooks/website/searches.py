"""Searches that a page shows without a kernel: run when the site is made, stored beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import showtell_lib as st
from showtell_lib.captioner import Captioner
from showtell_lib.files import written
from showtell_lib.inputs import plain
from showtell_lib.search import BeamSettings
from showtell_lib.trace import Expansion, SearchTrace

WIDTHS = (1, 2, 3, 4, 5)
PENALTIES = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0)
# Drawn scenes, by their seeds.
SCENES = (40, 66, 12, 3)
# Of each hypothesis, what the viewer draws and tells; scores are kept of captions only.
COLUMNS = (
    *("step", "hypothesis_id", "parent_id", "token_id", "word", "log_prob"),
    *("cumulative_log_prob", "status", "lost_to", "lost_by"),
)
DIGITS = 6
PIXELS = 320


@dataclass(frozen=True)
class Shown:
    """A photo or a drawn scene that the site shows, under its name."""

    name: str
    label: str
    alt: str
    photo: st.Photo

    @property
    def file(self) -> str:
        """Its place on the site."""
        return f"photos/{self.name}.jpg"


@dataclass(frozen=True)
class Searches:
    """Beam searches of several photos with several settings.

    Attributes:
        shown: the photos.
        widths: the beam widths.
        penalties: the length penalties.
        traces: by the photo's name, beam width and length penalty.
    """

    shown: tuple[Shown, ...]
    widths: tuple[int, ...]
    penalties: tuple[float, ...]
    traces: dict[tuple[str, int, float], SearchTrace]

    def meant_by(self, alt: str, width: int) -> str:
        """The name of the photo whose captions of this beam width a picture's alt text quotes."""

        def quoted(name: str) -> int:
            winners = {_winner(self.traces[name, width, penalty]) for penalty in self.penalties}
            return sum(f'"{winner}"' in alt for winner in winners)

        return max((one.name for one in self.shown), key=quoted)

    def write(self, out: Path) -> None:
        """Writes the photos, and the traces as a script: pages from files cannot fetch data."""
        (out / "photos").mkdir(exist_ok=True)
        for one in self.shown:
            with written(out / one.file) as part:
                one.photo.thumbnail(PIXELS).save(part, "JPEG", quality=85)
        with written(out / "searches.js") as part:
            part.write_text(f"const SEARCHES = {self._json()};\n", encoding="utf-8")

    def _json(self) -> str:
        found = {"columns": COLUMNS, "widths": self.widths, "penalties": self.penalties}
        photos = [self._stored(one) for one in self.shown]
        return json.dumps({**found, "photos": photos}, separators=(",", ":"))

    def _stored(self, one: Shown) -> dict[str, object]:
        """A photo and its searches, which share most of their hypotheses: each is stored once."""
        rows: dict[tuple[object, ...], int] = {}

        def stored(trace: SearchTrace) -> list[object]:
            places = [rows.setdefault(_row(expansion), len(rows)) for expansion in trace]
            scores = [_short(trace[id].score) for id in trace.ranking]
            return [plain(dict(trace.settings)), plain(trace.ranking), scores, places]

        traces = [
            [stored(self.traces[one.name, width, penalty]) for penalty in self.penalties]
            for width in self.widths
        ]
        told = {"name": one.name, "label": one.label, "alt": one.alt, "credit": one.photo.credit}
        return {**told, "file": one.file, "rows": list(rows), "traces": traces}


def shown(photos: tuple[str, ...] | None = None, scenes: tuple[int, ...] = SCENES) -> list[Shown]:
    """The photos of the site: sample photos by name (None: all), and drawn scenes by seed."""
    names = st.sample_photos() if photos is None else photos
    found = []
    for name in names:
        photo = st.sample_photo(name)
        found.append(Shown(name, name.replace("_", " "), photo.alt, photo))
    for seed in scenes:
        scene = st.Scene.random(seed)
        label = f"drawn: {scene.describe()[0]}"
        found.append(Shown(f"scene_{seed}", label, scene.alt, st.open_photo(scene.draw())))
    return found


def search(
    captioner: Captioner,
    photos: list[Shown],
    widths: tuple[int, ...] = WIDTHS,
    penalties: tuple[float, ...] = PENALTIES,
) -> Searches:
    """Searches every photo with every beam width and every length penalty."""
    states = captioner.encode_many([one.photo for one in photos])
    traces = {}
    for width in widths:
        for penalty in penalties:
            found = st.search.beam_batch(captioner, states, BeamSettings(width, penalty))
            for one, result in zip(photos, found):
                traces[one.name, width, penalty] = result.recorded
    return Searches(tuple(photos), widths, penalties, traces)


def _winner(trace: SearchTrace) -> str:
    path = trace.path(trace.ranking[0])
    return " ".join(step.word for step in path if step.status != "finished")


def _row(expansion: Expansion) -> tuple[object, ...]:
    return tuple(_short(getattr(expansion, name)) for name in COLUMNS)


def _short(value: object) -> object:
    value = plain(value)
    return round(value, DIGITS) if isinstance(value, float) else value
