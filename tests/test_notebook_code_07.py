"""What notebook 07 writes out agrees with the README and with itself."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from showtell_lib.near_ties import first_largest
from tests.notebook_source import cell

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_what_the_model_knows_is_what_the_readme_says() -> None:
    (readme,) = re.findall(r"^It knows ([a-z, ]+), and is often wrong", README, flags=re.M)
    (notebook,) = re.findall(
        r"The model knows ([a-z, ]+), and little else", cell("07", "domain-text")
    )
    assert readme == notebook


def test_squares_are_named_as_they_are_counted() -> None:
    names = {"np": np, "first_largest": first_largest}
    exec(cell("07", "surprises").partition("\n\n\nfor ")[0], names)
    place = names["place"]
    assert callable(place)
    assert place(np.array([[0, 0, 0], [0, 0, 7]])) == "row 2, column 3"
