"""Makes web pages of the notebooks, for reading without Jupyter.

    python notebooks/pages.py FOLDER

nbconvert leaves out the figures' alt text, and its prompts and links are hard to tell from what is
around them; here they are not. One page per notebook, with everything in it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jinja2 import DictLoader
from nbconvert import HTMLExporter

from showtell_lib.files import written

FOLDER = Path(__file__).resolve().parent
TEMPLATE = """{% extends 'lab/index.html.j2' %}
{% block data_png %}
<div class="jp-RenderedImage jp-OutputArea-output">
<img alt="{{ (output | get_metadata('alt', 'image/png') or '') | escape_html }}"
     width="{{ output | get_metadata('width', 'image/png') }}"
     src="data:image/png;base64,{{ output.data['image/png'] | escape_html }}">
</div>
{% endblock %}
{% block html_head_css %}
{{ super() }}
<style>
:root { --jp-cell-inprompt-font-color: #1a4f7a; --jp-cell-prompt-opacity: 1;
        --jp-cell-prompt-not-active-opacity: 1; --jp-content-link-color: #0b5cad;
        --jp-mirror-editor-number-color: #006b00; --jp-mirror-editor-operator-color: #8a1fc4; }
.jp-RenderedHTMLCommon a:link, .jp-RenderedHTMLCommon a:visited { text-decoration: underline; }
.highlight .c1, .highlight .cm, .highlight .c { color: #3d6363; }
img { height: auto; max-width: 100%; }
</style>
{% endblock %}
"""


def page_of(path: Path) -> str:
    """A notebook as one HTML document."""
    loader = DictLoader({"page.html.j2": TEMPLATE})
    exporter = HTMLExporter(extra_loaders=[loader], template_file="page.html.j2")
    exporter.exclude_anchor_links = True
    html, _ = exporter.from_filename(str(path))
    return str(html)


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
