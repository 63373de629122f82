"""The first page of the site, made of what the README says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
# Whose search tree is shown first, as in the README.
FIRST = "chelsea"
# Of `data/`: the map of the model, and the scenes.
PICTURES = ("model_map.jpg", "scenes.jpg")
ROW = re.compile(
    r"^\| \[(\d\d) ([^\]]*)\]\(notebooks/(\w+)\.ipynb\) \| (.*) \| (\d+) \|$", re.MULTILINE
)


@dataclass(frozen=True)
class Lesson:
    """A notebook as the README's table lists it."""

    number: str
    title: str
    file: str
    goals: str
    minutes: int


def lessons(readme: str) -> list[Lesson]:
    """The rows of the README's table of notebooks."""
    return [
        Lesson(number, title, f"{stem}.html", goals, int(minutes))
        for number, title, stem, goals, minutes in ROW.findall(readme)
    ]


def alt_text(readme: str, name: str) -> str:
    """The alt text that the README has for a picture of `data/`."""
    (found,) = re.findall(rf"!\[([^\]]*)\]\(data/{re.escape(name)}\)", readme)
    return str(found)


def page(widths: tuple[int, ...], repository: str) -> str:
    """The index: every notebook, the map and the pictures, and a search to try.

    Args:
        widths: the beam widths that the search lab has.
        repository: its name, as owner/name.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)
    return environment.get_template("index.html.j2").render(
        lessons=lessons(readme),
        alt={name.split(".")[0]: alt_text(readme, name) for name in PICTURES},
        photo=FIRST,
        widths=[min(3, widths[-1])],
        repository=repository,
    )
