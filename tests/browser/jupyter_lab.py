"""JupyterLab in a real browser: started, opened at a notebook, and its cells run."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 180_000  # Milliseconds, on a busy machine.
THEMES = ("JupyterLab Light", "JupyterLab Dark")
# All cells are drawn, also those out of sight; no question about news covers them.
SETTINGS = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
# JupyterLab's own indicator says so already when there is no kernel yet.
IDLE = """() =>
  window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"""
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.toJSON().cells"
CHANGE_THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
SHUT_DOWN = "() => window.jupyterapp?.commands.execute('kernelmenu:shutdown')"
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
RESTART = """() =>
  window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"""
# Of the notebook, with all its cells.
HEIGHT = "() => document.querySelector('.jp-WindowedPanel-outer').scrollHeight"
# A notebook that was run stands at its last cell.
TO_TOP = "() => document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)"


class Lab(NamedTuple):
    """A running JupyterLab: the folder of its notebooks, and the address below which they are."""

    folder: Path
    address: str


@contextmanager
def started(folder: Path) -> Iterator[Lab]:
    """Starts JupyterLab on the notebooks in a folder; ends it when the block does.

    Args:
        folder: for the notebooks; what JupyterLab writes goes there, too.
    """
    settings = folder / "CONFIG" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(SETTINGS))
    port = _free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--LabApp.expose_app_in_browser=True"]
    command += [f"--port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    paths = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    private = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "RUNTIME")}
    environment = {**os.environ, **private, "PYTHONPATH": paths, "IPYTHONDIR": str(folder / "i")}
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server)
            yield Lab(folder, f"http://127.0.0.1:{port}/lab/tree")
        finally:
            _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.kill()  # It waits for messages to a kernel that is gone.
        server.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(PATIENCE // 500):
        if server.poll() is not None:
            raise AssertionError("JupyterLab ended at once")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError("JupyterLab did not start")


def run_all(page: Any, address: str) -> list[dict[str, Any]]:
    """Opens a notebook and runs it to its end, or to the first cell that fails.

    Returns:
        Its cells, as nbformat has them.
    """
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}?reset")
    # Playwright's default, at every frame, keeps Chromium drawing while the kernel starts.
    page.wait_for_function(IDLE, polling=200)
    page.evaluate(RUN_ALL)
    return list(page.evaluate(CELLS))


def output(page: Any, index: int) -> Any:
    """What a cell shows first: beside a widget stands what to do when its kernel is gone."""
    cell = page.locator(".jp-Notebook .jp-Cell").nth(index)
    return cell.locator(".jp-OutputArea-output").first


def failures(cells: list[dict[str, Any]]) -> list[Any]:
    """What the cells wrote to stderr, and the errors in which they ended."""
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]


def change_theme(page: Any, theme: str) -> None:
    """Changes between light and dark; pictures and text are drawn anew."""
    page.evaluate(CHANGE_THEME, theme)
    page.wait_for_timeout(3000)
