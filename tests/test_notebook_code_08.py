"""The metrics that notebook 08 writes out are the library's."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest

import showtell_lib as st
from showtell_lib.metrics import score_each, tokenize
from tests.notebook_source import cell

NAMES = {f"scene {seed}": st.Scene.random(seed) for seed in range(40, 60)}
REFERENCES = {name: scene.describe() for name, scene in NAMES.items()}
# What is true of one scene, said of the next: good in parts.
FIRST = [sentences[0] for sentences in REFERENCES.values()]
TEXTS = dict(zip(NAMES, [*FIRST[1:], "a dog"], strict=True))


@pytest.fixture(scope="module")
def code() -> dict[str, Any]:
    """What the notebook's cells define, without what they print about its example."""
    names: dict[str, Any] = {"np": np, "math": math, "Counter": Counter, "tokenize": tokenize}
    names["references"] = REFERENCES
    for cell_id in ("ngrams", "bleu", "rouge", "rarity", "cider"):
        source = cell("08", cell_id)
        marks = ("\nfor n in (1", "\nprint(", "\nscores", "\nfor word in said")
        ends = [source.find(mark) for mark in marks if mark in source]
        exec(source[: min(ends)], names)
    return names


@pytest.mark.parametrize(
    ("function", "metric"), [("bleu_4", "bleu_4"), ("rouge_l", "rouge_l"), ("cider", "cider")]
)
def test_the_notebooks_metrics_are_the_librarys(
    code: dict[str, Any], function: str, metric: str
) -> None:
    # The last caption is too short for four words in a row, where the standard tool's tiny
    # numbers show.
    expected = score_each(TEXTS, REFERENCES)
    for name in [*NAMES][:-1]:
        said, people = tokenize(TEXTS[name]), [tokenize(text) for text in REFERENCES[name]]
        assert code[function](said, people) == pytest.approx(expected[name][metric], abs=2e-3)


def test_the_notebook_spoils_captions_as_the_library_does() -> None:
    names = {"texts": TEXTS, "references": REFERENCES, "Counter": Counter}
    names["score_captions"] = st.metrics.score_captions
    exec(cell("08", "fooled"), names)
    found, ours = names["fooled"], st.reports.fooled_scores(TEXTS, REFERENCES)
    assert list(found) == list(ours)
    for how in ("as they are", "constant", "too short"):
        assert found[how] == ours[how]
