"""A report as data, and the three files that it is written to: Markdown, HTML and JSON."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from showtell_lib.errors import DataError
from showtell_lib.files import as_unicode, written
from showtell_lib.foreign import read_json
from showtell_lib.store import bundled_folder

NAME = "report"
# What a cell of a table holds.
Value = str | int | float
Row = tuple[Value, ...]
# Dark on light and light on dark, both well above the contrast that WCAG AA asks for.
STYLE = """\
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #767676; --head: #ececec }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --paper: #161616; --line: #8f8f8f; --head: #2b2b2b }
}
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
.wide { overflow-x: auto; margin: 1rem 0 }
table { border-collapse: collapse }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { border: 1px solid var(--line); padding: .25rem .6rem; text-align: left }
thead th { background: var(--head) }
td.number { text-align: right; font-variant-numeric: tabular-nums }
.wide:focus-visible { outline: 3px solid currentColor }"""


@dataclass(frozen=True)
class Table:
    """Figures in rows and columns; the first column names the row.

    Attributes:
        caption: what it shows.
        columns: their headings, with units.
        rows: a value for each column: text, whole numbers, or numbers rounded to what counts.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def records(self) -> list[dict[str, Value]]:
        """The rows, each by its columns' headings."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        name: short, to quote it by.
        heading: for readers.
        paragraphs: what it is about.
        tables: its figures; there may be none.
    """

    name: str
    heading: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Report:
    """What was measured of a model, to read and to quote."""

    title: str
    model: str
    passed: bool
    sections: tuple[Section, ...]

    def table(self, section: str, number: int = 0) -> Table:
        """A table, to be quoted; tables are numbered from 0 within their section.

        Raises:
            DataError: there is no such section or table.
        """
        tables = next((s.tables for s in self.sections if s.name == section), ())
        if not 0 <= number < len(tables):
            names = ", ".join(f"{s.name} ({len(s.tables)} tables)" for s in self.sections)
            raise DataError(f"no table {number} in a section {section!r}; there are {names}")
        return tables[number]

    def markdown(self) -> str:
        """The page as Markdown."""
        parts = [f"# {self.title}"]
        for section in self.sections:
            parts += [f"## {section.heading}", *map(_escaped, section.paragraphs)]
            parts += [_markdown_table(table) for table in section.tables]
        return "\n\n".join(parts) + "\n"

    def html(self) -> str:
        """The page as HTML without further files."""
        body = "\n".join(map(_html_section, self.sections))
        title = html.escape(self.title)
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n"
            f"<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
        )

    def json(self) -> str:
        """The page as data; `read_report` reads it back."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def write_report(report: Report, folder: Path) -> tuple[Path, ...]:
    """Writes `report.md`, `report.html` and `report.json`, each whole or not at all.

    Raises:
        DataError: the folder cannot be written to.
    """
    texts = {"md": report.markdown(), "html": report.html(), "json": report.json()}
    paths = tuple(folder / f"{NAME}.{ending}" for ending in texts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts.values(), strict=True):
            with written(path) as part:
                part.write_text(as_unicode(text), encoding="utf-8")
    except OSError as error:
        raise DataError(f"{folder}: cannot write the report ({error.strerror})") from None
    return paths


def read_report(path: Path | None = None) -> Report:
    """Reads a report to quote from.

    Args:
        path: its `report.json`; if None the report on the bundled model.

    Raises:
        DataError: the file is missing or holds something else.
    """
    path = path or bundled_folder() / "mini" / f"{NAME}.json"
    try:
        document = read_json(path, DataError)
        sections = tuple(map(_read_section, document.pop("sections")))
        return Report(**document, sections=sections)
    except (DataError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: no report in it ({error}); `showtell report` makes one") from None


def _read_section(document: dict[str, Any]) -> Section:
    tables = tuple(
        Table(t["caption"], tuple(t["columns"]), tuple(map(tuple, t["rows"])))
        for t in document["tables"]
    )
    paragraphs = tuple(document["paragraphs"])
    return Section(document["name"], document["heading"], paragraphs, tables)


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _escaped(text: str) -> str:
    """Text that Markdown takes as it is; `<UNK>` would be a tag, and a bar end a cell."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def _markdown_table(table: Table) -> str:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    rows = [line([_escaped(_shown(value)) for value in row]) for row in table.rows]
    head = [line(table.columns), line(["---"] * len(table.columns))]
    return "\n".join([f"**{_escaped(table.caption)}**", "", *head, *rows])


def _html_section(section: Section) -> str:
    texts = "\n".join(f"<p>{html.escape(text)}</p>" for text in section.paragraphs)
    tables = "\n".join(map(_html_table, section.tables))
    heading = html.escape(section.heading)
    return (
        f'<section aria-labelledby="{section.name}">\n<h2 id="{section.name}">{heading}</h2>\n'
        f"{texts}\n{tables}\n</section>"
    )


def _html_table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in table.columns)
    rows = "\n".join(map(_html_row, table.rows))
    caption = html.escape(table.caption)
    # A box that scrolls must be reachable by keyboard, and so it needs a name.
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}">\n'
        f"<table>\n<caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>"
    )


def _html_row(row: Sequence[Value]) -> str:
    first, *rest = row
    cells = [f'<th scope="row">{html.escape(_shown(first))}</th>']
    for value in rest:
        number = ' class="number"' if isinstance(value, (int, float)) else ""
        cells.append(f"<td{number}>{html.escape(_shown(value))}</td>")
    return f"<tr>{''.join(cells)}</tr>"
