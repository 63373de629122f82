"""Draws the README's pictures of the model and of a search anew, and writes in their alt texts.

    python notebooks/readme_pictures.py

The hundred drawn scenes need no model: `showtell scene --sheet 100` draws them.
"""

from __future__ import annotations

import re
from pathlib import Path

import showtell_lib as st
from showtell_lib.files import written

ROOT = Path(__file__).resolve().parent.parent
# A drawn scene, for photos of others are not in the repository.
SCENE = 40


def pictures() -> dict[str, st.plots.Picture]:
    """By their places in the repository."""
    captioner, scene = st.load(), st.Scene.random(SCENE)
    model = st.plots.model_map(captioner.caption(scene.draw())[0], scene)
    state = captioner.encode(st.sample_photo("chelsea"))
    tree = st.plots.search_tree(st.search.beam(captioner, state, beam_width=3, trace=True).trace)
    return {"data/model_map.jpg": model, "data/search_tree.png": tree}


def with_alt(text: str, place: str, alt: str) -> str:
    """A Markdown text in which the picture at a place has this alt text."""
    found = re.compile(rf"!\[[^\]]*\]\({re.escape(place)}\)")
    if not found.search(text):
        raise SystemExit(f"The README shows no {place}: put ![]({place}) where it shall stand.")
    return found.sub(lambda _: f"![{alt}]({place})", text)


def main() -> None:
    """Saves the pictures, then the README."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for place, picture in pictures().items():
        text = with_alt(text, place, picture.alt)
        picture.save(ROOT / place)
        print(f"{place}: {(ROOT / place).stat().st_size / 1000:.0f} kB")
    with written(readme) as part:
        part.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
