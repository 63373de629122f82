"""Makes web pages of the notebooks, for reading without Jupyter.

    python notebooks/pages.py FOLDER

nbconvert leaves out the figures' alt text, and its prompts and links are hard to tell from what is
around them; here they are not. One page per notebook, with everything in it.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from jinja2 import DictLoader, FileSystemLoader
from nbconvert import HTMLExporter

from showtell_lib.files import written

FOLDER = Path(__file__).resolve().parent
TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% import 'parts.html.j2' as parts %}
{% block data_png %}{{ parts.picture(output, 'image/png') }}{% endblock %}
{% block data_jpg %}{{ parts.picture(output, 'image/jpeg') }}{% endblock %}
{% block html_head_css %}
{{ super() }}
{{ parts.legible() }}
<style>img { height: auto; max-width: 100%; }</style>
{% endblock %}
"""


def page_of(path: Path) -> str:
    """A notebook as one HTML document."""
    html, _ = _exporter().from_filename(str(path))
    return str(html)


@functools.cache
def _exporter() -> HTMLExporter:
    """One for all notebooks: it compiles its templates once."""
    loaders = [DictLoader({"page.html.j2": TEMPLATE}), FileSystemLoader(FOLDER)]
    exporter = HTMLExporter(extra_loaders=loaders, template_file="page.html.j2")
    exporter.exclude_anchor_links = True
    return exporter


def main() -> None:
    """Writes the page of every numbered notebook into a folder."""
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.glob("[0-9][0-9]_*.ipynb")):
        with written(out / f"{path.stem}.html") as part:
            part.write_text(page_of(path), encoding="utf-8")
        print(out / f"{path.stem}.html")


if __name__ == "__main__":
    main()
