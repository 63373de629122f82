"""Makes the web site: the notebooks for reading, searches that move, the library's reference.

    python notebooks/pages.py FOLDER

Everything is in the folder, so its `index.html` opens from a disk, without a network or a server.
Nothing of the notebooks is executed: their pages show the committed outputs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from renew import setting
from website import index, notebook_pages, reference, searches

import showtell_lib as st
from showtell_lib.files import written

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
COPIED = (
    *(ROOT / "data" / name for name in index.PICTURES),
    *(FOLDER / "website" / name for name in ("site.css", "lab.js")),
)


def make(out: Path, found: searches.Searches) -> list[Path]:
    """Writes the site but for the reference.

    Args:
        out: the folder.
        found: the searches that its pages show.

    Returns:
        Its pages.
    """
    out.mkdir(parents=True, exist_ok=True)
    where = setting()
    source = f"https://github.com/{where['repository']}/blob/{where['branch']}"
    pages, styles = notebook_pages.pages(notebook_pages.notebooks(), found, source)
    first = index.page(found.widths, where["repository"])
    scripts = {"notebook.css": styles, "tree_viewer.js": st.plots.tree_viewer()}
    for name, text in {"index.html": first, **pages, **scripts}.items():
        with written(out / name) as part:
            part.write_text(text, encoding="utf-8")
    for path in COPIED:
        shutil.copy(path, out)
    found.write(out)
    return [out / name for name in ("index.html", *pages)]


def main() -> None:
    """Writes the whole site into a folder."""
    out = Path(sys.argv[1])
    print("Searching the photos ...", flush=True)
    make(out, searches.search(st.load(), searches.shown()))
    print("Writing the reference ...", flush=True)
    reference.write(out / "reference")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{size / 1e6:.1f} MB. Open it in a browser: {(out / 'index.html').resolve()}")


if __name__ == "__main__":
    main()
