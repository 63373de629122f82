"""What can be known of Colab without being there; `tests/colab` runs the notebooks as it would."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from showtell_lib.doctor import Machine, environment_line
from tests.notebook_source import load

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PYTHON = (3, 12, 12)
# Extras of the library that notebooks need; JupyterLab and its widgets are not Colab's.
EXTRAS = {"10": "serve", "11": "scale"}

renew = load("renew")


def on_colab() -> dict[str, str]:
    """Versions of Colab's packages by name."""
    text = (ROOT / "tests" / "colab" / "packages.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def required(extra: str | None) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [
        Requirement(line) for line in project["dependencies"] + (extras[extra] if extra else [])
    ]


@pytest.fixture(params=renew.paths(), ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def installed_by(path: Path) -> set[str]:
    """Packages that a notebook's first cell installs on Colab."""
    return set(re.findall(r'--no-deps "?([\w-]+)', renew.colab_cell(path.name)))


def test_colab_has_what_the_notebook_needs_or_its_first_cell_installs_it(path: Path) -> None:
    has, installed = on_colab(), installed_by(path)
    for package in required(EXTRAS.get(path.name[:2])):
        name = canonicalize_name(package.name)
        # HEIC photos alone need it, a learner's own; elsewhere one line would name it.
        if name == "pillow-heif" and not path.name.startswith("07"):
            continue
        if name not in installed:
            assert package.specifier.contains(has[name]), f"{package} and {has[name]}"


def test_nothing_that_colab_has_is_installed(path: Path) -> None:
    assert "showtell_lib" in installed_by(path)
    assert not installed_by(path) & on_colab().keys()


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="older Pythons cannot tell whose a module is"
)
def test_colab_has_every_package_that_is_imported(path: Path) -> None:
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    nodes = [node for source in cells[1:] for node in ast.walk(ast.parse(source))]
    modules = {a.name for node in nodes if isinstance(node, ast.Import) for a in node.names}
    modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    outside = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names
    packages = packages_distributions()
    for module in outside - {"showtell_lib", "__future__"}:
        names = {canonicalize_name(name) for name in packages[module]}
        assert names & on_colab().keys(), module


def test_colabs_versions_are_called_tested() -> None:
    machine = Machine(python=PYTHON, memory=(10, 12), disk=70, packages=on_colab(), browser="colab")
    assert environment_line(machine).endswith("all within what was tested.")
