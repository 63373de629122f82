"""The proof page: what a model is, that every search agrees, how good it is, and how it fails."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import showtell_lib
from showtell_lib.errors import DataError
from showtell_lib.foreign import read_json
from showtell_lib.reports.mistakes import FIRST_SEED, checked_captions, people_scenes
from showtell_lib.reports.page import Report, Row, Section, Table
from showtell_lib.reports.parity import Parity, check_parity, check_reference
from showtell_lib.reports.quality import calibration_section, mistakes_sections, photos_section
from showtell_lib.scenes import Scene
from showtell_lib.store import bundled_folder, models

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner

PACKAGES = ("tensorflow", "numpy", "pillow")
SCENES = 200
METRICS = ("bleu_1", "bleu_4", "rouge_l", "cider")


def make_report(
    captioner: Captioner, *, scenes: int = SCENES, reference: tuple[Path, Captioner] | None = None
) -> Report:
    """Makes the proof page, in a minute or two and without a network.

    Args:
        captioner: the model that it is about.
        scenes: how many drawn scenes to caption; a quarter as many again are drawn four times,
            with a man, a woman, a boy and a girl.
        reference: recorded answers of the published implementation, and their model.

    Raises:
        DataError: there are too few scenes, or the recorded answers cannot be read.
    """
    if scenes < 4:
        raise DataError(f"{scenes} scenes are too few to measure on; give 4 or more")
    # This comes first, so that a file that cannot be read is reported at once.
    recorded = check_reference(reference[1], reference[0]) if reference else []
    parity = [*check_parity(captioner), *recorded]
    captions = checked_captions(captioner, [Scene.random(FIRST_SEED + i) for i in range(scenes)])
    people = checked_captions(captioner, people_scenes(scenes // 4))
    sections = (
        _versions(),
        _models(captioner),
        _parity(parity, bool(reference)),
        _quality(captioner),
        _speed(),
        *mistakes_sections(captions, people),
        calibration_section(captions, captioner.files),
        photos_section(captioner.files),
    )
    return Report(
        f"Proof page of the model {Path(captioner.files.name).name}",
        captioner.files.sha256,
        all(p.ok for p in parity),
        sections,
    )


def _versions() -> Section:
    rows = (
        ("showtell_lib", showtell_lib.__version__),
        ("Python", platform.python_version()),
        *((package, version(package)) for package in PACKAGES),
        ("processor", platform.machine()),
    )
    table = Table("Made with", ("what", "version"), rows)
    return Section("versions", "Versions", (), (table,))


def _models(captioner: Captioner) -> Section:
    files = [row.files for row in models() if row.files]
    if captioner.files.sha256 not in {known.sha256 for known in files}:
        # The path of a model that is not registered is private.
        files.append(replace(captioner.files, name=Path(captioner.files.name).name))
    rows = tuple(
        (f.name, f.sha256, round(f.size / 1e6, 1), f.provenance.verification) for f in files
    )
    columns = ("model", "sha256 of graph and words", "MB", "known as")
    return Section("models", "Models here", (), (Table("Models", columns, rows),))


def _parity(checks: Sequence[Parity], has_reference: bool) -> Section:
    columns = (
        *("way", "beam width", "length penalty", "photos", "same captions"),
        *("greatest difference of log-probability", "agrees"),
    )
    rows = tuple(
        (
            p.way,
            p.beam_width,
            p.length_penalty,
            p.photos,
            p.same,
            float(f"{p.difference:.1e}"),
            p.ok,
        )
        for p in checks
    )
    failed = sum(not p.ok for p in checks)
    paragraphs = [
        f"Executed for this page: {len(checks)} comparisons, of which {failed} differ. Every way "
        "is compared with the readable beam search, on sample photos and drawn scenes: all ranked "
        "captions must be the same, word for word.",
        "Besides, compiled search was compared with recorded answers of the published "
        "implementation."
        if has_reference
        else "The recorded answers of the published implementation were not given: see "
        "--reference of showtell report.",
    ]
    return Section("parity", "Parity", tuple(paragraphs), (Table("Parity", columns, rows),))


def _quality(captioner: Captioner) -> Section:
    document = _json(captioner.files.graph.with_name("metrics.json"))
    heading = "Quality"
    if document.get("model", {}).get("sha256") != captioner.files.sha256:
        text = "No figures were stored with this model; showtell evaluate measures them."
        return Section("quality", heading, (text,))
    columns = (
        *("split", "beam width", "length penalty", "BLEU-1", "BLEU-4", "ROUGE-L", "CIDEr"),
        *("CIDEr, captions shuffled", "distinct per 1,000", "words"),
    )
    # Most captions of the broader photos were written per class: metrics on them would flatter.
    splits = {n: e for n, e in document["evaluations"].items() if n.startswith("flickr8k")}
    rows = tuple(
        _quality_row(split, result) for split, e in splits.items() for result in e["results"]
    )
    text = (
        "Stored with the model and measured by showtell evaluate, since the photos may not be "
        "passed on. Metrics are times 100. Shuffled captions lie over the wrong photos: what is "
        "left of CIDEr is not due to looking."
    )
    return Section("quality", heading, (text,), (Table("Quality on photos", columns, rows),))


def _quality_row(split: str, result: dict[str, Any]) -> Row:
    return (
        split.replace("_", " "),
        result["beam_width"],
        result["length_penalty"],
        *(round(100 * result["scores"][name], 1) for name in METRICS),
        round(100 * result["shuffled_cider"], 1),
        round(result["distinct_per_1000"]),
        round(result["mean_words"], 1),
    )


def _speed() -> Section:
    folder = bundled_folder().parent / "benchmarks" / "results"
    measured = [_json(path) for path in sorted(folder.glob("speed_*.json"))]
    rows = tuple(
        (d["model"], setting, round(ratio, 1), round(d["milliseconds_per_photo"][setting], 1))
        for d in measured
        for setting, ratio in d["ratios"].items()
    )
    if not rows:
        text = "Not measured here: in a checkout of the repository, make bench does so."
        return Section("speed", "Speed", (text,))
    text = (
        "Stored in benchmarks/results, and measured by make bench: how many times faster than the "
        "published way of searching, in the same run on the same machine."
    )
    columns = ("model", "search", "times as fast", "milliseconds a photo")
    return Section("speed", "Speed", (text,), (Table("Speed", columns, rows),))


def _json(path: Path) -> dict[str, Any]:
    """The content of a JSON file beside a model or in a checkout; empty if there is no file."""
    return read_json(path, DataError) if path.exists() else {}
