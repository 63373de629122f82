"""`make lab` on machines that lack something: each failure says what to do about it.

`make` runs a copy of the Makefile; the interpreter is a stub that lacks what the test is about.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
MAKE = shutil.which("make")
# What is asked of the interpreter, as a shell pattern, and what a good one does.
PATTERNS = {
    "name": "--version",
    "version": "*version_info*",
    "venv": "*ensurepip*",
    "disk": "*disk_usage*",
    "new": "'-m venv '*",
}
GOOD = dict.fromkeys(("version", "venv", "disk"), "") | {
    "name": "echo Python 3.12.1",
    "new": "new_environment",
}
# The environment's interpreter writes down what it is asked to do.
STUB = """#!/bin/sh
new_environment() {{
  mkdir -p .venv/bin
  printf '#!/bin/sh\\necho "$@" >> asked\\n{pip}\\n' > .venv/bin/python
  printf '#!/bin/sh\\necho jupyter "$@" >> asked\\n' > .venv/bin/jupyter
  chmod +x .venv/bin/*
}}
case "$*" in
{cases}
esac
"""

pytestmark = [
    pytest.mark.skipif(MAKE is None, reason="needs make"),
    pytest.mark.skipif(sys.platform == "win32", reason="the stubs are shell scripts"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with what the Makefile reads."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, tmp_path)
    return tmp_path


def make(
    project: Path, *arguments: str, pip: str = "", **answers: str
) -> subprocess.CompletedProcess[str]:
    """Runs `make` with a stub interpreter on PATH that gives a wrong answer."""
    given = GOOD | answers
    cases = "\n".join(f"  {PATTERNS[name]}) {answer} ;;" for name, answer in given.items())
    stub = project / "stubs" / "python3"
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(STUB.format(cases=cases, pip=pip))
    stub.chmod(0o755)
    assert MAKE
    return subprocess.run(
        [MAKE, *arguments],
        cwd=project,
        env={"PATH": f"{stub.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )


def asked(project: Path) -> list[str]:
    """What the environment was asked to do, one command a line."""
    return (project / "asked").read_text().splitlines()


def test_set_up_and_open(project: Path) -> None:
    run = make(project, "lab")
    assert run.returncode == 0, run.stderr
    *_, packages, lab = asked(project)
    assert packages.endswith("-r requirements.txt -e .")
    assert lab.replace(" --allow-root", "") == "jupyter lab notebooks/00_caption_a_photo.ipynb"
    assert make(project, "lab").returncode == 0
    assert asked(project)[-2:] == [lab, lab], "the second time nothing is installed"


@pytest.mark.parametrize(("user", "flag"), [("0", True), ("1000", False)])
def test_root_is_let_into_jupyterlab(project: Path, user: str, flag: bool) -> None:
    identity = project / "stubs" / "id"
    identity.parent.mkdir()
    identity.write_text(f"#!/bin/sh\necho {user}\n")
    identity.chmod(0o755)
    run = make(project, "lab")
    assert run.returncode == 0, run.stderr
    assert ("--allow-root" in asked(project)[-1].split()) == flag


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"version": "exit 1"}, ["This is Python 3.12.1", "3.10 or newer", "make PYTHON="]),
        ({"venv": "exit 1"}, ["python3-venv is missing", "sudo apt install python3-venv"]),
        ({"disk": "exit 1"}, ["Less than 4 GB", "another disk"]),
        ({"new": "mkdir .venv; echo no room >&2; exit 1"}, ["could not make", ".venv"]),
    ],
)
def test_what_the_interpreter_lacks(
    answers: dict[str, str], words: list[str], project: Path
) -> None:
    run = make(project, "lab", **answers)
    assert run.returncode != 0
    assert all(word in run.stdout for word in words), run.stdout
    assert not (project / ".venv").exists(), "a half-made environment would be taken for one"
    assert make(project, "lab").returncode == 0, "repaired, it goes on"


def test_no_python_at_all(project: Path) -> None:
    run = make(project, "PYTHON=python3.99", "lab")
    assert run.returncode != 0
    assert "There is no command python3.99" in run.stdout
    assert "make PYTHON=" in run.stdout


def test_no_network(project: Path) -> None:
    run = make(project, "lab", pip="echo no connection >&2; exit 1")
    assert run.returncode != 0
    assert "no connection" in run.stderr
    assert all(word in run.stdout for word in ("make wheels", "make WHEELS=wheels lab", "PROXY"))
    assert not (project / ".venv" / "lab").exists(), "next time it is tried again"


def test_wheels_are_downloaded_and_installed_from(project: Path) -> None:
    assert make(project, "wheels").returncode == 0
    (download,) = asked(project)
    assert "download --quiet --dest wheels" in download
    assert {"pip", "hatchling", "editables"} < {*download.split()}, "building needs these, too"
    (project / "wheels").mkdir()
    assert make(project, "WHEELS=wheels", "lab").returncode == 0
    installs = [line for line in asked(project) if " install " in line]
    assert len(installs) == 2
    assert all("--no-index --find-links wheels" in line for line in installs)


def test_wheels_that_are_not_there_or_do_not_fit(project: Path) -> None:
    run = make(project, "WHEELS=whels", "lab")
    assert run.returncode != 0
    assert "There is no folder whels" in run.stdout
    shutil.rmtree(project / ".venv")
    (project / "wheels").mkdir()
    run = make(project, "WHEELS=wheels", "lab", pip="exit 1")
    assert run.returncode != 0
    assert "could not be installed from wheels" in run.stdout
    assert "same version of Python" in run.stdout


SETTINGS = ("TF_ENABLE_ONEDNN_OPTS", "ONEDNN_MAX_CPU_ISA", "OMP_NUM_THREADS")


@pytest.mark.parametrize("failing", ["none", "ONEDNN_MAX_CPU_ISA"])
def test_the_notebooks_run_under_every_setting(failing: str, project: Path) -> None:
    assert make(project, "lab").returncode == 0
    told = "; ".join(f'test "${name}" && echo {name} >> set' for name in SETTINGS)
    interpreter = project / ".venv" / "bin" / "python"
    interpreter.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *--nbval*) echo run >> set; {told}; test -z "${failing}" ;; esac\n'
    )
    run = make(project, "kernels")
    assert (project / "set").read_text().split() == [
        *("run", "run", SETTINGS[0], "run", SETTINGS[1], "run", SETTINGS[2])
    ]
    assert (run.returncode == 0) == (failing == "none")
    assert ("Cells differ or fail with: ONEDNN_MAX_CPU_ISA=AVX2" in run.stdout) == (
        run.returncode != 0
    )


def test_help_names_every_target(project: Path) -> None:
    named = {line.split()[0] for line in make(project, "help").stdout.splitlines()}
    phony = (project / "Makefile").read_text().partition(".PHONY:")[2].splitlines()[0]
    assert named == {*phony.split()}
