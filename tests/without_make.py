"""Runs the README's commands for machines without make, in a fresh environment.

    python -m tests.without_make FOLDER      a checkout without an environment

In place of opening JupyterLab, which does not end by itself, its version is asked; then the
captioning command of the same fold is run on a sample photo.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

FOLD = "On Windows, or without make"


def commands(readme: str, *, windows: bool) -> list[str]:
    """The README's lines for this system: set up, then open JupyterLab."""
    fold = readme.partition(f"<summary>{FOLD}</summary>")[2].partition("</details>")[0]
    blocks = re.findall(r"```\n(.*?)```", fold, flags=re.S)
    return str(blocks[0 if windows else 1]).strip().splitlines()


def main() -> int:
    """Runs them; the exit code of the first that fails."""
    folder, windows = Path(sys.argv[1]), sys.platform == "win32"
    set_up, lab = commands((folder / "README.md").read_text(encoding="utf-8"), windows=windows)
    scripts = Path(".venv", "Scripts" if windows else "bin")
    asked = f"{lab.split(' lab ')[0]} lab --version"
    for command in (set_up, asked, f"{scripts / 'showtell'} caption --sample chelsea"):
        print(f"$ {command}", flush=True)
        shell = ["powershell", "-Command", command] if windows else ["bash", "-ec", command]
        if code := subprocess.run(shell, cwd=folder, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
