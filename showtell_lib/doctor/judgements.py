"""Memory, disk, captioner, models and browser, judged one by one from the facts."""

from __future__ import annotations

import json
from pathlib import Path

from showtell_lib import store
from showtell_lib.doctor.facts import SECONDS_TO_CAPTION, Attempt
from showtell_lib.doctor.findings import OK, PROBLEM, WARN, Finding

# Gigabytes: what one notebook's kernel takes at most, and what makes a machine comfortable.
MEMORY_NEEDED, MEMORY_WANTED = 1.0, 2.0
# Gigabytes: for notebooks and figures, and for a full-size model with its download beside it.
DISK_NEEDED, DISK_WANTED = 0.1, 0.5
TEXT_BROWSERS = ("lynx", "links", "elinks", "w3m", "www-browser")


def judge_memory(memory: tuple[float, float] | None) -> Finding:
    """Memory for a notebook's kernel, in gigabytes."""
    if memory is None:
        remedy = f"see to it yourself that {MEMORY_WANTED:.0f} GB are free"
        return Finding("memory", WARN, "cannot be read here", remedy)
    free, total = memory
    found = f"{free:.1f} GB free of {total:.1f} GB"
    close = "close other programs and browser tabs, and shut down kernels that you do not use"
    if free < MEMORY_NEEDED:
        elsewhere = "if that is not enough, use Colab: the badge on top of each notebook"
        return Finding("memory", PROBLEM, found, f"{close}; {elsewhere}")
    if free < MEMORY_WANTED:
        return Finding("memory", WARN, found, f"{close}; run one notebook at a time")
    return Finding("memory", OK, found)


def judge_disk(free: float | None) -> Finding:
    """Room for notebooks and models, in gigabytes."""
    if free is None:
        remedy = "only for a full-size model: set SHOWTELL_HOME to a folder that can be written to"
        return Finding("disk", WARN, "no home folder to keep models in", remedy)
    found = f"{free:.1f} GB free"
    if free < DISK_NEEDED:
        return Finding("disk", PROBLEM, found, "delete what you do not need, or empty the bin")
    if free < DISK_WANTED:
        remedy = "enough for the bundled model; a full-size one needs 0.5 GB (or set SHOWTELL_HOME)"
        return Finding("disk", WARN, found, remedy)
    return Finding("disk", OK, found)


def judge_captioner(attempt: Attempt) -> Finding:
    """The bundled model gives a finished caption of a sample photo."""
    what = "captioner"
    if attempt.code is None:
        remedy = "close other programs and try again, or use Colab: this machine is very slow"
        return Finding(what, PROBLEM, f"no caption in {SECONDS_TO_CAPTION} seconds", remedy)
    if attempt.code < 0:
        remedy = (
            "TensorFlow was killed: too little memory (close other programs), or a processor "
            "without AVX instructions (use Colab)"
        )
        return Finding(what, PROBLEM, f"ended by signal {-attempt.code}", remedy)
    if attempt.code > 0:
        lines = attempt.error.strip().splitlines() or ["it did not say why"]
        return Finding(what, PROBLEM, lines[-1], "set the project up again: `make clean lab`")
    return _judge_captions(attempt.out)


def _judge_captions(printed: str) -> Finding:
    photo = json.loads(printed)["photos"][0]
    best = photo["captions"][0] if photo.get("captions") else {}
    if best.get("text") and best["finished"] and 0 < best["probability"] <= 1:
        return Finding("captioner", OK, f"says {best['text']!r} of a sample photo")
    remedy = "set the project up again: `make clean lab`"
    return Finding("captioner", PROBLEM, "gave no finished caption of a sample photo", remedy)


def judge_model(row: store.ModelRow) -> Finding:
    """A model is unchanged if it is here; the full-size models need not be here."""
    what = f"model {row.name}"
    if row.files is None:
        return Finding(what, OK, f"not here; only if you want it: `showtell download {row.name}`")
    known = row.files.provenance
    if known.changed:
        return Finding(what, PROBLEM, "its files have changed", row.files.remedy)
    if known.verification == store.NOT_VERIFIED:
        return Finding(what, WARN, known.verification, f"run `showtell verify {row.name}`")
    return Finding(what, OK, known.verification)


def judge_browser(browser: str | None, display: bool = True) -> Finding:
    """A browser that shows JupyterLab, and a display to show it on."""
    elsewhere = "or open the address that JupyterLab prints in a browser of your choice"
    if not display and (browser is None or Path(browser).name in TEXT_BROWSERS):
        remedy = (
            "open the address that JupyterLab prints on the machine that you sit at; from afar "
            "after `ssh -L 8888:localhost:8888` to here"
        )
        return Finding("browser", WARN, "no display here to show one on", remedy)
    if browser is None:
        return Finding("browser", WARN, "none found", f"install Firefox or Chromium, {elsewhere}")
    if Path(browser).name in TEXT_BROWSERS:
        remedy = f"it shows text only: install Firefox or Chromium, {elsewhere}"
        return Finding("browser", WARN, browser, remedy)
    return Finding("browser", OK, browser)
