"""The life of a widget: shown with a word on what to do without a kernel; replaced, it ends."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any

from showtell_lib.widgets.parts import Widget

ADVICE = (
    "This widget is not connected to a kernel: the kernel was restarted, or the notebook has just "
    "been opened. Run this cell again, after the cells above it."
)
# Without its kernel, JupyterLab leaves a widget as a picture of itself, marked as disconnected,
# or, in a notebook that was opened anew, writes "model not found". Only then is the advice shown.
# Where styles are taken out (GitHub, a notebook that was not run here) there is no kernel either.
NOTE = f"""<style>
.showtell-advice {{ display: none; }}
.jp-OutputArea:not(:has(.widget-box:not(.jupyter-widgets-disconnected)))
  > * .showtell-advice {{ display: block; }}
</style><p class="showtell-advice" role="status">{ADVICE}</p>"""


@dataclass
class _Run:
    """What the newest run of a cell made."""

    message: str
    boxes: list[Widget] = field(default_factory=list)


_RUNS: dict[str, _Run] = {}


def living(box: Widget) -> Widget:
    """A widget that is done: shown with advice, and closed when its cell is run again."""
    box._ipython_display_ = partial(_show, box)
    cell, message = _running_cell()
    if cell:
        if cell not in _RUNS or _RUNS[cell].message != message:
            for old in _RUNS[cell].boxes if cell in _RUNS else ():
                _close(old)
            _RUNS[cell] = _Run(message)
        _RUNS[cell].boxes.append(box)
    return box


def _show(box: Widget) -> None:
    display: Any = import_module("IPython.display").display
    if hasattr(type(box), "_ipython_display_"):  # Before ipywidgets 8, as on Colab.
        type(box)._ipython_display_(box)
    else:
        display(box._repr_mimebundle_(), raw=True)
    display({"text/html": NOTE, "text/plain": ADVICE}, raw=True)


def _running_cell() -> tuple[str, str]:
    """The id of the cell that runs, and of its run; empty where no notebook says them."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if not hasattr(shell, "get_parent"):
        return "", ""
    parent = shell.get_parent()
    cell = parent.get("metadata", {}).get("cellId", "")
    return cell, parent.get("header", {}).get("msg_id", "")


def _close(widget: Widget) -> None:
    """Ends a widget and all in it: each would stay in the kernel's memory, pictures included."""
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in (getattr(widget, name, None) for name in ("layout", "style")):
        if part is not None:
            part.close()
    widget.close()
