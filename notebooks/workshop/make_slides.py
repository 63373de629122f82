"""Slides made of the notebooks' own cells, as HTML for a browser.

    python notebooks/workshop/make_slides.py               all of them, into slides/
    python notebooks/workshop/make_slides.py 05 06         some
    python notebooks/workshop/make_slides.py --reveal DIR  reveal.js from a folder: no network

`slides.toml` says which cells. Nothing is executed: what is shown are the committed outputs, so
make them after `make notebooks`. The pages load reveal.js from the network, or, with `--reveal`,
from a copy that is put beside them.
"""

from __future__ import annotations

import argparse
import copy
import functools
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import DictLoader, FileSystemLoader
from nbconvert import SlidesExporter

from showtell_lib.errors import SettingsError
from showtell_lib.files import written

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parent
NOTEBOOKS = FOLDER.parent
REVEAL = "https://unpkg.com/reveal.js@4.6.1"
# nbconvert's own page fetches four more libraries from the network, which these slides do not use.
PAGE = """
{%- extends 'index.html.j2' -%}
{%- import 'parts.html.j2' as parts -%}
{%- block data_png -%}{{ parts.picture(output, 'image/png') }}{%- endblock -%}
{%- block data_jpg -%}{{ parts.picture(output, 'image/jpeg') }}{%- endblock -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_css -%}
{{ parts.legible() }}
<style>
.reveal .slides section { max-height: 690px; overflow-y: auto; text-align: left; }
.reveal .slides section section { padding: 0 30px; box-sizing: border-box; }
.reveal h1, .reveal h2, .reveal h3 { text-transform: none !important; }
.reveal h1 { font-size: 1.6em; }
.reveal h2 { font-size: 1.2em; }
.reveal img { display: block; max-height: 380px; max-width: none !important; margin: 0 !important;
  width: auto !important; }
.reveal .navigate-up, .reveal .navigate-down { display: none !important; }
.reveal .jp-InputPrompt, .reveal .jp-OutputPrompt { display: none; }
.reveal .jp-OutputArea-output { padding: 0; }
.reveal pre, .reveal pre code { font-size: 19px !important; white-space: pre-wrap !important;
  word-break: normal !important; overflow-wrap: anywhere; }
.reveal pre { width: 100%; margin: 0; padding: 0 !important; box-shadow: none; }
</style>
{%- endblock -%}
{%- block footer_js -%}
<script src="{{ resources.reveal.url_prefix }}/dist/reveal.js"></script>
<script>
// Pictures get the room that the words of their slide leave.
function fit() {
  const slide = Reveal.getCurrentSlide(), pictures = [...slide.querySelectorAll("img")];
  for (const picture of pictures) picture.style.height = "0";
  const room = (690 - slide.scrollHeight) / pictures.length;
  for (const picture of pictures) {
    const most = picture.parentElement.clientWidth * picture.naturalHeight / picture.naturalWidth;
    picture.style.maxHeight = "none";
    picture.style.height = `${Math.min(room, most)}px`;
  }
  Reveal.layout();
}
// Only then is it known how large the pictures are.
addEventListener("load", () => {
  Reveal.on("ready", fit);
  Reveal.on("slidechanged", fit);
  Reveal.initialize({
    hash: true, slideNumber: true, controlsLayout: "edges", width: 1200, height: 700, margin: 0.02
  });
});
</script>
{%- endblock -%}
"""


def plan() -> dict[str, list[list[str]]]:
    """The slides of each notebook, by its number: lists of cell ids."""
    found: dict[str, list[list[str]]] = tomllib.loads(
        (FOLDER / "slides.toml").read_text(encoding="utf-8")
    )
    return found


def notebook_path(number: str) -> Path:
    """The notebook of this number.

    Raises:
        SettingsError: there is none, or no slides are planned for it.
    """
    paths = sorted(NOTEBOOKS.glob(f"{number}_*.ipynb"))
    if not paths or number not in plan():
        raise SettingsError(f"no slides for {number!r}; there are {', '.join(plan())}")
    return paths[0]


def slides_of(notebook: Any, slides: list[list[str]]) -> Any:
    """A notebook of only the cells on slides, marked as nbconvert wants them.

    Raises:
        SettingsError: a slide names a cell that the notebook does not have.
    """
    cells = {cell.id: cell for cell in notebook.cells}
    chosen = []
    for slide in slides:
        for place, name in enumerate(slide):
            cell = _part(cells, name)
            cell.id = f"cell-{len(chosen)}"  # Parts of one cell would share its id.
            cell.metadata["slideshow"] = {"slide_type": "fragment" if place else "slide"}
            chosen.append(cell)
    return nbformat.v4.new_notebook(cells=chosen, metadata=notebook.metadata)


def _part(cells: dict[str, Any], name: str) -> Any:
    """A copy of the cell `id`, of a part of it, `id#number`, or of its output alone, `id>`."""
    cell_id, _, number = name.rstrip(">").partition("#")
    if cell_id not in cells:
        raise SettingsError(f"slides.toml names the cell {cell_id!r}, which the notebook lacks")
    cell = copy.deepcopy(cells[cell_id])
    if cell.cell_type != "markdown":
        cell.metadata["transient"] = {"remove_source": name.endswith(">")}
        # A word to the tests, which nobody in the room needs.
        cell.source = re.sub(r"^# NBVAL_\w+\n", "", cell.source, flags=re.M)
        return cell
    parts = [part for part in re.split(r"^(?=## )", cell.source, flags=re.M) if part.strip()]
    if number and int(number) >= len(parts):
        raise SettingsError(f"slides.toml names {name!r}, but this cell has {len(parts)} part(s)")
    source = parts[int(number)] if number else cell.source
    cell.source = re.sub(r"^.*<!-- badges -->.*\n+", "", source, flags=re.M)
    return cell


def page(number: str, reveal: str = REVEAL) -> str:
    """The slides of one notebook as HTML.

    Args:
        number: the notebook's, such as "05".
        reveal: where the page loads reveal.js from: an address, or a folder beside the page.

    Raises:
        SettingsError: no slides are planned for it, or a planned cell is not there.
    """
    path = notebook_path(number)
    notebook = slides_of(nbformat.read(path, as_version=4), plan()[number])
    html, _ = _exporter(reveal).from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    return str(html)


@functools.cache
def _exporter(reveal: str) -> SlidesExporter:
    """One for all notebooks: it compiles its templates once."""
    return SlidesExporter(
        extra_loaders=[DictLoader({"workshop.html.j2": PAGE}), FileSystemLoader(NOTEBOOKS)],
        template_file="workshop.html.j2",
        reveal_url_prefix=reveal,
        reveal_theme="white",
    )


def main() -> int:
    """Writes the slides; 2 if the plan or a folder is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("numbers", nargs="*", help="which, such as 05; all if none is given")
    parser.add_argument("--reveal", type=Path, help="folder of reveal.js, with `dist` in it")
    parser.add_argument("--out", type=Path, default=Path("slides"), help="folder (slides)")
    args = parser.parse_args()
    try:
        make(args.numbers or [*plan()], args.out, args.reveal)
    except SettingsError as error:
        print(f"make_slides: {error}", file=sys.stderr)
        return 2
    return 0


def make(numbers: list[str], out: Path, reveal: Path | None) -> None:
    """Writes a page per notebook, and with a folder of reveal.js a copy of it beside them."""
    if reveal and not (reveal / "dist" / "reveal.js").is_file():
        raise SettingsError(f"{reveal} is no folder of reveal.js: it has no dist/reveal.js")
    out.mkdir(parents=True, exist_ok=True)
    if reveal:
        shutil.copytree(reveal / "dist", out / "reveal.js" / "dist", dirs_exist_ok=True)
    for number in numbers:
        target = out / f"{notebook_path(number).stem}.slides.html"
        with written(target) as part:
            part.write_text(page(number, "reveal.js" if reveal else REVEAL), encoding="utf-8")
        print(target)


if __name__ == "__main__":
    sys.exit(main())
