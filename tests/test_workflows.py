"""What GitHub runs: valid, pinned, with no more rights than needed, on every supported version."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from showtell_lib.doctor import TESTED_PYTHON

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which comes with JupyterLab")

REPOSITORY = Path(__file__).parents[1]
FOLDER = REPOSITORY / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
# Jobs that may do more than read the code.
RIGHTS = {
    ("release", "pypi"): {"id-token": "write"},
    ("release", "container"): {"contents": "read", "packages": "write"},
    ("site", "publish"): {"id-token": "write", "pages": "write"},
}
LINTERS = {
    "actionlint": [],
    "zizmor": ["--offline", "--no-progress", str(FOLDER)],
}


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def jobs() -> dict[tuple[str, str], dict[str, Any]]:
    """Every job, by its workflow and name."""
    return {
        (path.stem, name): job for path in WORKFLOWS for name, job in read(path)["jobs"].items()
    }


@pytest.mark.parametrize("linter", LINTERS)
def test_linters_find_nothing(linter: str) -> None:
    if not shutil.which(linter):
        pytest.skip(f"needs {linter}; the workflow `papers` runs it")
    run = subprocess.run([linter, *LINTERS[linter]], cwd=REPOSITORY, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [("github-workflows", WORKFLOWS), ("dependabot", [FOLDER / "dependabot.yml"])],
)
def test_they_fit_the_schema(schema: str, files: list[Path]) -> None:
    if not importlib.util.find_spec("check_jsonschema"):
        pytest.skip("needs check-jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    run = subprocess.run([*command, *map(str, files)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_actions_are_pinned_to_what_was_read() -> None:
    """A tag can be moved to other code; a commit cannot."""
    for path in WORKFLOWS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_tools_are_pinned_and_tests_do_not_touch_what_is_released() -> None:
    for (workflow, name), job in jobs().items():
        steps = "\n".join(step.get("run", "") for step in job["steps"])
        for tool in re.findall(r"pipx run (?:--spec )?(\S+)", steps):
            assert re.fullmatch(r"[\w-]+==[\d.]+", tool), (workflow, name, tool)
        if workflow == "release":
            assert "make test" not in steps or name == "test"
    assert jobs()["release", "build"]["needs"] == "test"


def test_containers_listen_for_this_machine_alone() -> None:
    """In every command that is shown or run; Docker opens the firewall for all others."""
    readers = [REPOSITORY / "README.md", *WORKFLOWS, *FOLDER.glob("*.md")]
    for path in readers:
        for published in re.findall(r"(?:-p|--publish) (\S*\d:\d+)", path.read_text("utf-8")):
            assert published.startswith("127.0.0.1:"), (path.name, published)


def test_rights_are_the_least() -> None:
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {}, path.name
    for name, job in jobs().items():
        assert job["permissions"] == RIGHTS.get(name, {"contents": "read"}), name


def test_no_job_runs_for_ever() -> None:
    for name, job in jobs().items():
        assert job["timeout-minutes"] <= 60, name


def test_every_supported_python_and_system() -> None:
    matrix = jobs()["tests", "systems"]["strategy"]["matrix"]
    (_, first), (_, last) = TESTED_PYTHON
    assert matrix["python"] == [f"3.{minor}" for minor in range(first, last + 1)]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos", "windows"}
    steps = " ".join(step.get("run", "") for step in jobs()["tests", "systems"]["steps"])
    assert "make" not in steps, "Windows has none"


def test_both_ends_of_tensorflow() -> None:
    oldest = " ".join(step.get("run", "") for step in jobs()["tests", "oldest"]["steps"])
    assert ".ci/oldest.txt" in oldest
    newest = " ".join(step.get("run", "") for step in jobs()["newest", "pre-releases"]["steps"])
    assert "--pre --upgrade" in newest
    assert "--hypothesis-profile thorough" in newest, "once a week, more examples"


def test_other_kernels_are_tried_every_week() -> None:
    newest = read(FOLDER / "workflows" / "newest.yml")
    assert newest[True]["schedule"], "`on` is what YAML takes for true"
    steps = [step.get("run") for step in newest["jobs"]["kernels"]["steps"]]
    assert "make kernels" in steps


def test_the_oldest_versions_are_the_lowest_that_the_project_takes() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    used = ("notebooks", "serve", "scale", "site")
    lines = [*project["dependencies"], *(line for name in used for line in extras[name])]
    lowest = {r.name: r.specifier for r in map(Requirement, lines) if r.marker is None}
    text = (REPOSITORY / ".ci" / "oldest.txt").read_text(encoding="utf-8")
    tested = {r.name: r.specifier for r in map(Requirement, text.splitlines()[1:])}
    assert tested.keys() - lowest.keys() == {"keras"}  # It comes with TensorFlow.
    for name, specifier in lowest.items():
        (low,), (constraint,) = specifier, tested[name]
        assert Version(constraint.version).release[:2] == Version(low.version).release[:2], name


def test_dependabot_looks_after_all_that_is_used() -> None:
    updates = read(FOLDER / "dependabot.yml")["updates"]
    ecosystems = {update["package-ecosystem"] for update in updates}
    assert ecosystems == {"github-actions", "pip", "docker"}
