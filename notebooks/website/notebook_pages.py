"""The notebooks as web pages: what nbconvert makes of them, for reading without a kernel."""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import FileSystemLoader, pass_context
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from website.searches import Searches

FOLDER = Path(__file__).resolve().parent
NOTEBOOKS = FOLDER.parent
# Cells whose picture a search lab takes the place of, by notebook: the beam widths it starts with.
LABS: dict[str, dict[str, tuple[int, ...]]] = {
    "05": {"microscope-picture": (3,), "penalty-sweep": (5,)},
    "06": {"trees": (1, 3)},
}
# Widgets that a lab stands in for.
IN_LABS = ("microscope", "slider")
BADGES = re.compile(r"^.*<!-- badges -->$", re.MULTILINE)
BADGE = re.compile(r"\[!\[([^\]]*)\]\([^)]*\)\]\(([^)]*)\)")
LINK = re.compile(r'href="(?!\w+:|#)([^"#]*)')
STYLES = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
SHEETS = "".join(
    f'<link rel="stylesheet" href="{name}">\n' for name in ("notebook.css", "site.css")
)
LONE_WIDGET = "Here a widget stands in a running notebook; this page has no kernel for it."
WIDGET_ABOVE = "In a running notebook a widget stands here; on this page, use the search above."


@dataclass(frozen=True)
class Notebook:
    """A notebook and its page."""

    path: Path
    content: Any

    @classmethod
    def read(cls, path: Path) -> Notebook:
        """The notebook of this file."""
        return cls(path, nbformat.read(path, as_version=4))

    @property
    def title(self) -> str:
        """Its heading."""
        return str(self.content.cells[0].source).splitlines()[0].lstrip("# ")

    @property
    def file(self) -> str:
        """The name of its page."""
        return f"{self.path.stem}.html"


class _Renderer(IPythonRenderer):
    """Markdown as HTML, formulas as MathML, which needs no script."""

    def block_math(self, body: str) -> str:
        formula = convert(body, display="block")
        # On a phone it may be wider than the page.
        return (
            f'<span class="formula" role="group" aria-label="Formula" tabindex="0">{formula}</span>'
        )

    def inline_math(self, body: str) -> str:
        return str(convert(body))


class _Exporter(HTMLExporter):
    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        renderer = _Renderer(escape=False, exclude_anchor_links=True)
        return str(MarkdownWithMath(renderer=renderer).render(source))


@functools.cache
def _exporter() -> HTMLExporter:
    """One for all notebooks: it compiles its templates once."""
    loaders = [FileSystemLoader([FOLDER, NOTEBOOKS])]
    return _Exporter(extra_loaders=loaders, template_file="notebook.html.j2")


def notebooks() -> list[Notebook]:
    """The numbered notebooks, in order."""
    return [Notebook.read(path) for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]


def pages(
    all_of_them: list[Notebook], searches: Searches, source: str
) -> tuple[dict[str, str], str]:
    """The page of every notebook, by its file, and the style sheet that they share.

    Args:
        all_of_them: in order; each page leads to its neighbours.
        searches: for the search labs.
        source: the address below which the repository's files are, for links out of the notebooks.
    """
    found, styles = {}, {}
    for at, notebook in enumerate(all_of_them):
        before = all_of_them[at - 1] if at else None
        after = all_of_them[at + 1] if at + 1 < len(all_of_them) else None
        labs = _labs(notebook, searches)
        resources = {"before": before, "after": after, "labs": labs}
        html, _ = _exporter().from_notebook_node(_readable(notebook), resources)
        head, body = LINK.sub(lambda m: f'href="{_target(m[1], source)}', html).split("</head>", 1)
        styles.update(dict.fromkeys(STYLES.findall(head)))
        found[notebook.file] = f"{STYLES.sub('', head)}{SHEETS}</head>{body}"
    return found, "\n".join([*styles, _dark()])


def _labs(notebook: Notebook, searches: Searches) -> dict[str, dict[str, Any]]:
    """What each search lab of a notebook starts with, by its cell: the search of the picture."""
    found, wanted = {}, LABS.get(notebook.path.name[:2], {})
    for cell in notebook.content.cells:
        if cell.id in wanted:
            (alt,) = [o.metadata["image/png"]["alt"] for o in cell.outputs if "metadata" in o]
            widths = [min(width, searches.widths[-1]) for width in wanted[cell.id]]
            photo = searches.meant_by(alt, widths[-1])
            found[cell.id] = {"photo": photo, "widths": widths, "penalty": searches.penalties[0]}
    return found


def _readable(notebook: Notebook) -> Any:
    """A copy for reading: links for badges, and no advice on how to run a widget."""
    new = copy.deepcopy(notebook.content)
    new.metadata["title"] = notebook.title
    first = new.cells[0]
    first.source = BADGES.sub(_as_links, first.source)
    for cell in new.cells:
        told = WIDGET_ABOVE if cell.id in IN_LABS else LONE_WIDGET
        for output in cell.get("outputs", []):
            if "showtell-advice" in output.get("data", {}).get("text/html", ""):
                output.data = {"text/html": f"<p>{told}</p>"}
    return new


def _as_links(badges: re.Match[str]) -> str:
    return " · ".join(f"[{text}]({address})" for text, address in BADGE.findall(badges[0]))


def _target(link: str, source: str) -> str:
    """Where a link of a notebook leads on the site: to a page, or to the repository."""
    if (NOTEBOOKS / link).suffix == ".ipynb":
        return f"{link.removesuffix('.ipynb')}.html"
    if link.startswith("../"):
        return f"{source}/{link.removeprefix('../')}"
    return link


def _dark() -> str:
    """JupyterLab's dark colours, for who asked for them."""
    environment = _exporter().environment
    colours, _, _ = environment.loader.get_source(environment, "static/theme-dark.css")
    return f"@media screen and (prefers-color-scheme: dark) {{\n{colours}\n}}"
