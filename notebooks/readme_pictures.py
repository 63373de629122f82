"""Draws the README's film of a search and its picture of the model anew, and their alt texts.

    python notebooks/readme_pictures.py

The hundred drawn scenes need no model: `showtell scene --sheet 100` draws them.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from search_film import save_film

import showtell_lib as st
from showtell_lib.files import written

ROOT = Path(__file__).resolve().parent.parent
# A drawn scene, for photos of others are not in the repository.
SCENE = 40
MODEL_MAP = "data/model_map.jpg"
# The still is for readers who have asked for less motion.
FILM, STILL = "data/search_tree.gif", "data/search_tree.png"


def main() -> None:
    """Saves the pictures, then the README."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for place, alt in saved().items():
        text = with_alt(text, place, alt)
    with written(readme) as part:
        part.write_text(text, encoding="utf-8")


def saved() -> dict[str, str]:
    """Writes the pictures, and gives the alt text of each that the README names with one."""
    captioner, scene = st.load(), st.Scene.random(SCENE)
    model = st.plots.model_map(captioner.caption(scene.draw())[0], scene)
    model.save(ROOT / MODEL_MAP)
    state = captioner.encode(st.sample_photo("chelsea"))
    trace = st.search.beam(captioner, state, beam_width=2, trace=True).trace
    st.plots.search_tree(trace).save(ROOT / STILL)
    film = save_film(trace, ROOT / FILM)
    for place in (MODEL_MAP, STILL, FILM):
        print(f"{place}: {(ROOT / place).stat().st_size / 1000:.0f} kB")
    return {MODEL_MAP: model.alt, FILM: film}


def with_alt(text: str, place: str, alt: str) -> str:
    """A Markdown text in which the picture at a place has this alt text."""
    where = re.escape(place)
    for pattern, new in (
        (rf"!\[[^\]]*\]\({where}\)", f"![{alt}]({place})"),
        (rf'src="{where}" alt="[^"]*"', f'src="{place}" alt="{html.escape(alt)}"'),
    ):
        if re.search(pattern, text):
            return re.sub(pattern, lambda _, new=new: new, text)
    raise SystemExit(f"The README shows no {place}: put ![]({place}) where it shall stand.")


if __name__ == "__main__":
    main()
