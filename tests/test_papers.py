"""README and project papers: their links lead somewhere, and they agree on the version."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import showtell_lib
from tests import without_make
from tests.notebook_source import minutes
from tests.test_notebooks import renew

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which comes with JupyterLab")

REPOSITORY = Path(__file__).parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", ".github/*.md", "notebooks/**/*.md", "data/**/*.md")
    for path in REPOSITORY.glob(pattern)
)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
VERSION = showtell_lib.__version__


def without_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.S)


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    text = without_code(page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ +(.*)$", text, flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("page", PAGES, ids=[str(p.relative_to(REPOSITORY)) for p in PAGES])
def test_local_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert found.is_relative_to(REPOSITORY), f"{target} leaves the repository"
        assert not anchor or anchor in anchors(found), target


def test_github_finds_the_papers() -> None:
    for name in ("CONTRIBUTING", "SECURITY", "CODE_OF_CONDUCT", "CHANGELOG"):
        assert (REPOSITORY / ".github" / f"{name}.md").is_file()


def test_one_version() -> None:
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{VERSION}"\n' in project
    changelog = (REPOSITORY / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changelog, flags=re.M)[1] == VERSION  # type: ignore[index]


def test_the_citation() -> None:
    path = REPOSITORY / "CITATION.cff"
    citation = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert citation["version"] == VERSION
    assert citation["repository-code"] == f"https://github.com/{renew.setting()['repository']}"
    if not shutil.which("cffconvert"):
        pytest.skip("needs cffconvert to validate all of it; the workflow `papers` runs it")
    run = subprocess.run(["cffconvert", "--validate"], cwd=REPOSITORY, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()


@pytest.mark.parametrize(
    ("contract", "heading"), [("floors", "rooms"), ("scene-floors", "rooms of `scenes`")]
)
def test_the_guide_shows_the_floors_that_the_linter_holds(contract: str, heading: str) -> None:
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    held = project.partition(f'id = "{contract}"')[2].partition("]\n\n")[0]
    layers = re.findall(r'^    "(.+)",$', held, flags=re.M)
    guide = (REPOSITORY / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = guide.partition(f"| floor | {heading} |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", table, flags=re.M)
    assert rows
    shown = {int(floor): re.findall(r"`(\w+)`", rooms) for floor, rooms in rows}
    assert shown == {len(layers) - place: layer.split(" | ") for place, layer in enumerate(layers)}


def test_the_files_that_the_guide_names_are_there() -> None:
    guide = (REPOSITORY / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names = re.findall(r"`([\w/]+\.py)`", guide)
    assert len(names) > 10
    for name in names:
        places = (REPOSITORY / name, REPOSITORY / "showtell_lib" / name)
        assert any(place.is_file() for place in places), name


def test_the_way_of_one_photo_is_short_enough_to_read() -> None:
    guide = (REPOSITORY / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = guide.partition("follow one photo")[2].partition("\n\n- ")[0]
    rows = re.findall(r"^\| (`.+?) \|", table, flags=re.M)
    names = [name for row in rows for name in re.findall(r"`([\w/]+\.py)`", row)]
    assert 10 < len(names) <= 15
    files = [REPOSITORY / "showtell_lib" / name for name in names]
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    said = re.search(r"fewer than ([\d,]+) lines", guide)
    assert said is not None
    assert lines < int(said[1].replace(",", ""))


@pytest.mark.parametrize("windows", [True, False])
def test_the_commands_without_make_do_what_make_does(windows: bool) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    set_up, lab = without_make.commands(readme, windows=windows)
    assert "-r requirements.txt -e ." in set_up
    assert "-r requirements.txt -e ." in makefile
    path = lab.split(" lab ")[1].replace("\\", "/")
    assert (REPOSITORY / path).is_file()
    assert path in makefile


def test_the_readme_has_the_minutes_of_the_notebooks() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\d\d) .*\| (\d+) \|$", readme, flags=re.M)
    assert {number: int(said) for number, said in rows} == minutes()


def test_the_top_level_holds_what_the_design_names_and_nothing_else() -> None:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("needs git, and a clone of the repository")
    folders = {line.split("/")[0] for line in listing.stdout.splitlines() if "/" in line}
    assert folders == {
        ".binder",
        ".ci",
        ".github",
        "benchmarks",
        "container",
        "data",
        "notebooks",
        "showtell_lib",
        "tests",
    }
