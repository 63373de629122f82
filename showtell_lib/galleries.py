"""Captions of many photos, to keep as a CSV table and to show as an HTML page with the photos."""

from __future__ import annotations

import base64
import csv
import html
import io
from collections.abc import Iterable
from pathlib import Path

from showtell_lib.errors import DataError, printable
from showtell_lib.files import as_unicode, written
from showtell_lib.streaming import PhotoCaptions

# A spreadsheet computes what begins so; the last four are its full-width twins.
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
COLUMNS = ("photo", "caption", "probability", "error")
TITLE = "Photos with captions"
# The page loads nothing and runs nothing, whatever a file is called.
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --faint: light-dark(#595959, #b3b3b3); }}
body {{ color: light-dark(#1b1b1b, #ececec); background: light-dark(#fff, #161616); \
font: 1rem/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 72rem; \
padding: 0 1rem; }}
.photos {{ display: grid; gap: 1.5rem; list-style: none; padding: 0; \
grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }}
figure {{ margin: 0; overflow-wrap: anywhere; }}
img {{ width: 100%; height: 14rem; object-fit: contain; object-position: left bottom; }}
.small {{ color: var(--faint); font-size: .875rem; }}
p {{ margin: .25rem 0; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{summary}</p>
<ul class="photos" role="list">
{entries}
</ul>
{errors}</main>
</body>
</html>
"""
ENTRY = """\
<li><figure>
<img src="data:image/jpeg;base64,{data}" alt="{alt}">
<figcaption><p>{caption}</p><p class="small">{name}, probability {probability:.2g}</p></figcaption>
</figure></li>"""


def table(results: Iterable[PhotoCaptions]) -> str:
    """The best caption of each photo as CSV; where a photo could not be captioned, the error.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.

    Args:
        results: as `Captioner.caption_many` gives them.
    """
    lines = [_line(COLUMNS)]
    for result in results:
        if result.captions:
            best = result.captions[0]
            row = (result.source, best.text, f"{best.probability:.6g}", "")
        else:
            row = (result.source, "", "", str(result.error or ""))
        lines.append(_line(map(_cell, row)))
    return "".join(lines)


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    # Older Pythons put quotes around a carriage return only if it is part of what ends a line.
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n") + "\n"


def _cell(text: str) -> str:
    """What a spreadsheet takes as text, whatever a file is called; it shows no such apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) else text


def gallery(results: Iterable[PhotoCaptions], title: str = TITLE) -> str:
    """An HTML page in one file: each photo with its best caption, which is also its alt text.

    Args:
        results: as `Captioner.caption_many` gives them with `thumbnails=True`.
        title: the heading above the photos.

    Raises:
        DataError: a captioned photo has no thumbnail.
    """
    entries, errors = [], []
    for result in results:
        if result.captions:
            entries.append(_entry(result))
        else:
            errors.append(f"<li>{_shown(str(result.error or result.name))}</li>")
    count = f"{len(entries)} photo{'' if len(entries) == 1 else 's'}"
    failed = "<h2>Not captioned</h2>\n<ul>\n{}\n</ul>\n"
    return PAGE.format(
        title=_shown(title),
        summary=f"{count}. The captions were written by a model, and may be wrong.",
        entries="\n".join(entries),
        errors=failed.format("\n".join(errors)) if errors else "",
    )


def _entry(result: PhotoCaptions) -> str:
    if not result.thumbnail:
        raise DataError(
            f"{result.name}: no thumbnail for the gallery; caption the photos with thumbnails=True"
        )
    best = result.captions[0]
    return ENTRY.format(
        data=base64.b64encode(result.thumbnail).decode("ascii"),
        alt=_shown(f"A photo that the model describes as: {best.text}"),
        caption=_shown(best.text),
        name=_shown(result.name),
        probability=best.probability,
    )


def _shown(text: str) -> str:
    return html.escape(printable(text))


def write_table(results: Iterable[PhotoCaptions], path: str | Path) -> Path:
    """Writes `table` to a file that begins with a byte-order mark.

    Without the mark, spreadsheets take UTF-8 for an older encoding; to read the file in Python,
    open it with the encoding `utf-8-sig`.

    Raises:
        DataError: it cannot be written.
    """
    return _write(table(results), Path(path), "utf-8-sig")


def write_gallery(results: Iterable[PhotoCaptions], path: str | Path, title: str = TITLE) -> Path:
    """Writes `gallery` to a file.

    Raises:
        DataError: it cannot be written, or a captioned photo has no thumbnail.
    """
    return _write(gallery(results, title), Path(path))


def _write(text: str, path: Path, encoding: str = "utf-8") -> Path:
    try:
        with written(path) as part:
            part.write_text(as_unicode(text), encoding=encoding)
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"cannot write {path} ({reason}); choose another place") from None
    return path
