"""Runs the notebooks as Colab would: from the badge, in an environment with Colab's packages.

Needs Linux or macOS, git, Python 3.12, and the network for the package registries.

    python -m tests.colab.run_in_colab                 # about 15 minutes, 3 GB of disk
    python -m tests.colab.run_in_colab 05 10           # some notebooks
    python -m tests.colab.run_in_colab --environment DIR    # made if it is not there, and kept

As in Colab, `google.colab` is imported in the kernel, the notebook is alone in a folder `content`
far from the repository, and its first cell installs the library from GitHub. Git is told to take
this repository's last commit instead: what is not committed is not tested.

Says what it found, one line a notebook. The exit code is 1 if a notebook did not run to its end,
said anything on stderr, or changed one of Colab's packages; 2 if the trial could not begin.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tests.notebook_source import load

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(__file__).with_name("packages.txt")
SECONDS_PER_CELL = 900
# Variables of this process that Colab does not have, and that change what Python or git find.
NOT_THERE = ("PYTHON", "VIRTUAL_ENV", "SHOWTELL", "XDG_", "GIT_", "IPYTHON", "JUPYTER")
# Not asserted word for word: it differs from run to run.
VARYING = "# NBVAL_IGNORE_OUTPUT"


@dataclass(frozen=True)
class Colab:
    """A machine that looks like Colab's.

    Attributes:
        python: of its environment.
        home: its user's folder.
        content: where its notebooks run; Colab's `/content`.
        mirror: a clone of this repository that stands in for the one on GitHub.
    """

    python: Path
    home: Path
    content: Path
    mirror: Path

    @classmethod
    def prepare(cls, folder: Path, python: Path) -> Colab:
        """Lays the machine out in an empty folder, around an environment that is made already."""
        colab = cls(python, folder / "home", folder / "content", folder / "mirror.git")
        startup = colab.home / ".ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "colab.py").write_text("import google.colab\n", encoding="utf-8")
        kernel = colab.home / "kernels" / "colab"
        kernel.mkdir(parents=True)
        command = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec = {"argv": command, "display_name": "Colab", "language": "python"}
        (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
        _run("git", "clone", "--quiet", "--bare", str(ROOT), str(colab.mirror))
        branch = _setting()["branch"]
        _run("git", "-C", str(colab.mirror), "update-ref", f"refs/heads/{branch}", _commit())
        return colab

    def variables(self) -> dict[str, str]:
        """Environment variables of its kernel."""
        address = f"https://github.com/{_setting()['repository']}"
        return {name: v for name, v in os.environ.items() if not name.startswith(NOT_THERE)} | {
            "HOME": str(self.home),
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "PIP_ROOT_USER_ACTION": "ignore",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.mirror.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": address,
        }

    def packages(self) -> dict[str, str]:
        """Installed versions by name."""
        listed = _run(str(self.python), "-m", "pip", "list", "--format", "json")
        return {package["name"]: package["version"] for package in json.loads(listed)}

    def uninstall(self, names: list[str]) -> None:
        """Every notebook of Colab begins with a machine as new."""
        if names:
            _run(str(self.python), "-m", "pip", "uninstall", "--quiet", "--yes", *names)

    def execute(self, path: Path) -> Any:
        """Copies a notebook into the empty content folder and runs it to its end.

        Raises:
            CellExecutionError: a cell failed.
            CellTimeoutError: a cell took too long.
            DeadKernelError: the kernel ended, as it does for want of memory.
        """
        shutil.rmtree(self.content, ignore_errors=True)
        self.content.mkdir()
        notebook = nbformat.read(shutil.copy(path, self.content), as_version=4)
        specs = KernelSpecManager(kernel_dirs=[str(self.home / "kernels")])
        NotebookClient(
            notebook,
            km=AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs),
            timeout=SECONDS_PER_CELL,
            resources={"metadata": {"path": str(self.content)}},
        ).execute(env=self.variables(), cleanup_kc=True)
        return notebook


def main() -> int:
    """Runs the notebooks; returns the exit code."""
    args = _parse()
    python = shutil.which(args.python)
    if python is None:
        print(f"there is no command {args.python}; Colab has Python 3.12", file=sys.stderr)
        return 2
    chosen = [p for p in load("renew").paths() if not args.numbers or p.name[:2] in args.numbers]
    if not chosen:
        print(f"no such notebook: {' '.join(args.numbers)}; they are 00 to 11", file=sys.stderr)
        return 2
    try:
        failed = try_all(chosen, python, args.environment)
    except subprocess.CalledProcessError as error:
        print(f"failed: {' '.join(error.cmd)}; the lines above say why", file=sys.stderr)
        return 2
    print(f"failed: {', '.join(failed)}" if failed else "all as it should be")
    return 1 if failed else 0


def try_all(paths: list[Path], python: str, environment: Path | None) -> list[str]:
    """Runs notebooks one after the other; names of those that failed.

    Args:
        paths: the notebooks.
        python: the command to make the environment with.
        environment: where it is kept; None for one that is thrown away.

    Raises:
        CalledProcessError: the machine could not be laid out.
    """
    with tempfile.TemporaryDirectory(prefix="colab-") as name:
        folder = Path(name)
        inside = make_environment((environment or folder / "environment").resolve(), python)
        colab = Colab.prepare(folder, inside)
        before = colab.packages()
        print(f"Python {_version(inside)}, TensorFlow {before['tensorflow']}", flush=True)
        return [path.name for path in paths if not try_notebook(colab, path, before)]


def make_environment(folder: Path, python: str) -> Path:
    """An environment with Colab's packages and its module, unless it is there; its Python."""
    inside = folder / "bin" / "python"
    if not (folder / "ready").exists():
        _run(python, "-m", "venv", "--clear", str(folder))
        _run(str(inside), "-m", "pip", "install", "--quiet", "-r", str(PACKAGES))
        packages = _run(str(inside), "-c", "import site; print(site.getsitepackages()[0])")
        module = Path(packages) / "google" / "colab"
        module.mkdir(parents=True)
        (module / "__init__.py").touch()
        (folder / "ready").touch()
    return inside


def try_notebook(colab: Colab, path: Path, before: dict[str, str]) -> bool:
    """Runs a notebook, says how it went, and makes the machine as new.

    Args:
        colab: the machine.
        path: the notebook.
        before: the packages that the machine has without the notebook.
    """
    start = time.monotonic()
    try:
        notebook = colab.execute(path)
        problems = _complaints(notebook)
        said = _printed_by(notebook, "colab").splitlines()[-1]
        note = f"{said} {_differences(path, notebook)}"
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        problems, note = [str(error)], ""
    after = colab.packages()
    installed = sorted(after.keys() - before.keys())
    changed = sorted(name for name, v in before.items() if after.get(name) != v)
    problems += [f"changed {name} from {before[name]} to {after.get(name)}" for name in changed]
    colab.uninstall(installed)
    seconds = time.monotonic() - start
    print(f"{path.name}: {'failed' if problems else 'ran'} in {seconds:.0f} s, ", end="")
    print(f"installed {', '.join(installed) or 'nothing'}. {note}", flush=True)
    for problem in problems:
        print(problem, flush=True)
    return not problems


def _complaints(notebook: Any) -> list[str]:
    """What cells said on stderr; the installing one may, it is pip that speaks there."""
    return [
        f"cell {cell.id} said on stderr: {output.text}"
        for cell in _code_cells(notebook)
        for output in cell.outputs
        if output.get("name") == "stderr" and cell.id != "colab"
    ]


def _differences(path: Path, executed: Any) -> str:
    """Which cells printed other words than the notebook shows; they may, on another machine."""
    committed = nbformat.read(path, as_version=4)
    differing = [
        cell.id
        for cell in _code_cells(committed)
        if cell.id != "colab"
        and VARYING not in cell.source
        and _printed_by(committed, cell.id) != _printed_by(executed, cell.id)
    ]
    return f"Printed otherwise: {', '.join(differing)}." if differing else "Printed the same."


def _code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _printed_by(notebook: Any, cell_id: str) -> str:
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def _setting() -> dict[str, str]:
    setting: dict[str, str] = load("renew").setting()
    return setting


def _commit() -> str:
    return _run("git", "-C", str(ROOT), "rev-parse", "HEAD")


def _version(python: Path) -> str:
    return _run(str(python), "-c", "import platform; print(platform.python_version())")


def _run(*command: str) -> str:
    """Runs a command to its end; what it printed. Its complaints go to the terminal."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("numbers", nargs="*", help="which notebooks, such as 05; all if none")
    parser.add_argument("--python", default="python3.12", help="the Python to make it with")
    parser.add_argument("--environment", type=Path, help="a folder to keep the environment in")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
