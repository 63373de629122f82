"""`Latest`: of what is asked for while the kernel is busy, only the newest is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from showtell_lib.widgets import parts
from showtell_lib.widgets.parts import Widget

# The kernel handles a browser's waiting messages one by one, a few milliseconds each.
PAUSE = 0.05
STALE = "showtell-stale"


class Latest:
    """The part of a widget that takes long to compute, greyed while it is older than the controls.

    Ten quick clicks are ten messages, and a kernel handles them one by one. So a handler only
    writes down what is wanted, and asks: the work is done once no message has come for `PAUSE`
    seconds. Where no event loop runs, as in a plain Python program, it is done at once.

    Args:
        work: computes the newest state and shows it.
        children: the widgets it shows it in.

    Attributes:
        box: the widget to lay out.
    """

    def __init__(self, work: Callable[[], None], *children: Widget) -> None:
        widgets = parts.import_ipywidgets()
        self._work = work
        self._timer: asyncio.TimerHandle | None = None
        self._status = widgets.HTML(_told(""))
        self._views = parts.column(*children)
        self.box = parts.column(self._status, self._views)

    def ask(self) -> None:
        """Asks for the work, which is done once for all that ask until then."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._work()
            return
        if self._timer:
            self._timer.cancel()
        else:
            self._views.add_class(STALE)
            self._status.value = _told("Computing …")
        self._timer = loop.call_later(PAUSE, self._do)

    def _do(self) -> None:
        self._timer = None
        try:
            self._work()
        finally:
            self._views.remove_class(STALE)
            self._status.value = _told("")


def _told(text: str) -> str:
    """The line of state; it takes its place also when it is empty, so that nothing jumps."""
    style = f"<style>.{STALE} {{ opacity: 0.35 }}</style>"
    return f'{style}<p role="status" style="margin: 0; height: 1.4em; line-height: 1.4">{text}</p>'
