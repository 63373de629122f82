"""Executes the notebooks in place and brings them into one form.

    python notebooks/renew.py              all of them
    python notebooks/renew.py 05 06        some
    python notebooks/renew.py --check      only says which are not in that form

One form: badges and Colab's cell from the setting in pyproject.toml, stable cell ids, no timings,
no machine's Python version, no frames, execution counts from 1. Sentences that are no longer true
of what the cells now show (claims.toml) are told at the end.
"""

from __future__ import annotations

import argparse
import copy
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from claims import FILE, Claim, ClaimError, place, question, read_claims, verdict

from showtell_lib.files import written

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parent
# At the end of the line: a line that begins with a comment is not read as Markdown.
BADGES, COLAB = "<!-- badges -->", "colab"
# A widget shows nothing without its kernel: beside it stands a picture. A frame, which GitHub takes
# out, would make the notebook heavier; what is said in its place stays.
WIDGET = "application/vnd.jupyter.widget-view+json"
FRAME = re.compile(r"<iframe.*?</iframe>\n?", re.DOTALL)
SECONDS_PER_CELL = 300
# What some notebooks need beside, as far as Colab does not have it.
LACKING_ON_COLAB = {"07": ("pillow-heif",), "10": ("fastapi-offline",), "11": ("ray",)}
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def setting() -> dict[str, str]:
    """Where the project is published: `repository` (owner/name) and `branch`."""
    text = (FOLDER.parent / "pyproject.toml").read_text(encoding="utf-8")
    found: dict[str, str] = tomllib.loads(text)["tool"]["showtell"]
    return found


def badge_row(name: str, where: dict[str, str] | None = None) -> str:
    """The line of links under a notebook's title, to where the project is or shall be."""
    where = where or setting()
    place = f"{where['repository']}/blob/{where['branch']}/notebooks/{name}"
    colab = "https://colab.research.google.com"
    return (
        f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({colab}/github/{place}) "
        f"[![View on GitHub](https://img.shields.io/badge/GitHub-view-black?logo=github)]"
        f"(https://github.com/{place}) {BADGES}"
    )


def colab_cell(name: str, where: dict[str, str] | None = None) -> str:
    """The cell that installs the library where Colab lacks it, and nothing that Colab has."""
    where = where or setting()
    source = f"git+https://github.com/{where['repository']}@{where['branch']}"
    packages = [f'"showtell_lib @ {source}"', *LACKING_ON_COLAB.get(name[:2], ())]
    installs = "\n".join(f"    %pip install --quiet --no-deps {package}" for package in packages)
    return f"""import sys

if "google.colab" in sys.modules:  # Its own TensorFlow and NumPy stay as they are.
{installs}
    from showtell_lib.doctor import environment_line

    print(environment_line())"""


def paths() -> list[Path]:
    """The numbered notebooks, in order."""
    return sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))


def normalised(notebook: Any, name: str) -> Any:
    """A copy of a notebook in the one form; its outputs stay."""
    new = homed(notebook, name)
    new.metadata = nbformat.from_dict(METADATA)
    new.nbformat, new.nbformat_minor = 4, 5
    count = 0
    for cell in new.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        cell.outputs = _merged([o for o in cell.outputs if WIDGET not in o.get("data", {})])
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = FRAME.sub("", output.data["text/html"])
    return new


def homed(notebook: Any, name: str, where: dict[str, str] | None = None) -> Any:
    """A copy of a notebook with badges and Colab's cell for where the project is or shall be."""
    new = copy.deepcopy(notebook)
    badges = badge_row(name, where)
    for cell in new.cells:
        if cell.id == COLAB:
            cell.source = colab_cell(name, where)
        elif cell.cell_type != "code":
            lines = [badges if BADGES in line else line for line in cell.source.splitlines()]
            cell.source = "\n".join(lines)
    return new


def _merged(outputs: list[Any]) -> list[Any]:
    """Pieces of one stream joined: where they break is chance."""
    merged: list[Any] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def text_of(notebook: Any) -> str:
    """A notebook as its file holds it."""
    return str(nbformat.writes(notebook, indent=1)) + "\n"


def execute(path: Path) -> tuple[Any, list[str]]:
    """Runs a notebook from top to bottom in a new kernel, and tries its claims on the way.

    Returns:
        The notebook, and what is wrong with those claims that are not true.
    """
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    claims, wrong = claims_by_place(path, notebook)
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook, timeout=SECONDS_PER_CELL, resources=where, record_timing=False
    )

    async def try_claims(cell: Any, **_: Any) -> None:
        for claim in claims.get(cell.id, []):
            asked = question(claim)
            reply = await client.kc.execute_interactive(timeout=SECONDS_PER_CELL, **asked)
            wrong.append(verdict(claim, reply))

    client.on_cell_executed = try_claims
    client.execute()
    return notebook, [told for told in wrong if told]


def claims_by_place(path: Path, notebook: Any) -> tuple[dict[str, list[Claim]], list[str | None]]:
    """A notebook's claims by the code cell after which each is tried, and what is wrong already."""
    placed: dict[str, list[Claim]] = {}
    wrong: list[str | None] = []
    for claim in read_claims(path.parent / FILE):
        if claim.notebook == path.name:
            try:
                placed.setdefault(place(claim, notebook), []).append(claim)
            except ClaimError as error:
                wrong.append(str(error))
    return placed, wrong


def main() -> int:
    """Renews or checks the notebooks; 1 if one is not in the form, or says what is not true."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("numbers", nargs="*", help="which, such as 05; all if none is given")
    parser.add_argument("--check", action="store_true", help="change nothing")
    args = parser.parse_args()
    wrong: list[str] = []
    untrue: list[str] = []
    for path in paths():
        if args.numbers and path.name[:2] not in args.numbers:
            continue
        notebook, false = (nbformat.read(path, as_version=4), []) if args.check else execute(path)
        text = text_of(normalised(notebook, path.name))
        if args.check and text != path.read_text(encoding="utf-8"):
            wrong.append(path.name)
        if not args.check:
            with written(path) as part:
                part.write_text(text, encoding="utf-8")
            print(f"{path.name}: renewed", *false, sep="\n", flush=True)
            untrue += false
    if wrong:
        print(f"not in the one form: {', '.join(wrong)}; run `make notebooks`")
    if untrue:
        print(f"{len(untrue)} sentences are not true of the new outputs: mend them, see above")
    return 1 if wrong or untrue else 0


if __name__ == "__main__":
    sys.exit(main())
