"""Gives the project a home on GitHub: every address in it leads there.

    python notebooks/publish.py owner/name

Set are the badges and Colab's cells of the notebooks, the README, the changelog, the citation, the
package's links and the name of the container image. Nothing is executed, no output changes, and
the same command moves the project elsewhere. With OWNER/showtell it has no home again.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from renew import FOLDER, homed, paths, setting, text_of

from showtell_lib.errors import DataError, SettingsError, ShowTellError
from showtell_lib.files import written

ROOT = FOLDER.parent
NOWHERE = "OWNER/showtell"
# What GitHub lets an owner and a repository be called.
REPOSITORY = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/(?!\.{1,2}$)[\w.-]{1,100}", re.ASCII)
BEFORE, AFTER = re.compile(r"^(?:https?://)?(?:www\.)?github\.com/"), re.compile(r"(?:\.git)?/?$")


@dataclass(frozen=True)
class Place:
    """A place that names the home.

    Attributes:
        file: which holds it once, relative to the project's folder.
        pattern: finds what is set, a line or a part of one.
        published: what stands there, with `{repository}`, `{branch}` and `{image}` to fill in.
        homeless: what stands there as long as there is no home; None if it is the same.
    """

    file: str
    pattern: str
    published: str
    homeless: str | None = None


GITHUB = "https://github.com/{repository}"
COLAB = "https://colab.research.google.com"
TESTS = GITHUB + "/actions/workflows/tests.yml"
FIRST = "{repository}/blob/{branch}/notebooks/00_caption_a_photo.ipynb"
RUN = "docker run --init --rm -p 127.0.0.1:8888:8888"
PLACES = (
    Place("pyproject.toml", r'(?<=^repository = ").*(?="$)', "{repository}"),
    Place("pyproject.toml", r'(?<=^Repository = ").*(?="$)', GITHUB),
    Place(
        "pyproject.toml",
        r'(?<=^Changelog = ").*(?="$)',
        GITHUB + "/blob/{branch}/.github/CHANGELOG.md",
    ),
    Place("CITATION.cff", r"(?<=^repository-code: ).*$", GITHUB),
    Place(
        ".github/CHANGELOG.md",
        r"^.*(?= <!-- home -->$)",
        f"Releases are [on GitHub]({GITHUB}/releases).",
        "Releases will be on GitHub, once this copy has a home.",
    ),
    Place(
        "README.md",
        r"^.*(?= <!-- home -->$)",
        f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({COLAB}/github/{FIRST}) "
        f"[![Tests]({TESTS}/badge.svg?branch={{branch}})]({TESTS})",
        "This copy has no home yet: REPOSITORY is the address that you have it from, and "
        "`make publish-to REPOSITORY=owner/name` gives it a home on GitHub.",
    ),
    Place("README.md", r"(?<=^git clone --depth 1 ).*(?= showtell && cd)", GITHUB, "REPOSITORY"),
    Place(
        "README.md",
        r"^.*(?= <!-- image -->$)",
        f"Every release is on GitHub's registry as well: `{RUN} {{image}}`.",
        "Every release will be on GitHub's registry as well, once this copy has a home.",
    ),
)


def repository_of(text: str) -> str:
    """The `owner/name` that someone gave, perhaps as an address on github.com.

    Raises:
        SettingsError: it is neither.
    """
    found = AFTER.sub("", BEFORE.sub("", text.strip()))
    if not REPOSITORY.fullmatch(found):
        raise SettingsError(
            f"REPOSITORY={text!r} is no repository on GitHub: say owner/name, such as "
            "REPOSITORY=ada/showtell"
        )
    return found


def texts(repository: str) -> Iterator[tuple[Path, str]]:
    """Every file that names the home, with its new text; nothing is written yet.

    Raises:
        DataError: a place that should name the home is gone, or is there twice.
    """
    where = setting() | {"repository": repository}
    # A registry takes small letters only.
    names = where | {"image": f"ghcr.io/{repository.lower()}"}
    for file in dict.fromkeys(place.file for place in PLACES):
        text = (ROOT / file).read_text(encoding="utf-8")
        for place in PLACES:
            if place.file == file:
                text = _set(text, place, names)
        yield ROOT / file, text
    for path in paths():
        notebook = nbformat.read(path, as_version=4)
        yield path, text_of(homed(notebook, path.name, where))


def _set(text: str, place: Place, names: dict[str, str]) -> str:
    homeless = names["repository"] == NOWHERE and place.homeless is not None
    new = place.homeless if homeless else place.published.format(**names)
    text, found = re.subn(place.pattern, lambda _: str(new), text, flags=re.MULTILINE)
    if found != 1:
        raise DataError(
            f"{place.file}: {found} places, not one, match {place.pattern!r}, where the project's "
            "home is named; mend the file or notebooks/publish.py"
        )
    return text


def main() -> int:
    """Sets all addresses; 2 if that cannot be done, and then nothing has changed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("repository", help="owner/name, or its address on github.com")
    try:
        repository = repository_of(parser.parse_args().repository)
        new = [(path, text) for path, text in texts(repository) if text != _read(path)]
    except ShowTellError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    for path, text in new:
        with written(path) as part:
            part.write_bytes(text.encode())
    print(f"{len(new)} files now name {repository}; look at them with `git diff`, then commit.")
    return 0


def _read(path: Path) -> str:
    return path.read_bytes().decode()


if __name__ == "__main__":
    sys.exit(main())
