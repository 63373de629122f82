"""A time limit for the learner's code that works in a notebook on every system."""

from __future__ import annotations

import contextvars
import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout  # Its own class before Python 3.11.
from contextlib import suppress
from time import monotonic
from typing import TypeVar

# How often to look whether the code has ended, or whether the learner has interrupted it.
GLANCE_SECONDS = 0.05
# How long code may take to end once it was told to; a long call into C ends only by itself.
GRACE_SECONDS = 2.0

Value = TypeVar("Value")


class TimeUpError(Exception):
    """The code did not end in time.

    Attributes:
        stopped: whether it has ended by now, because it was told to.
    """

    def __init__(self, stopped: bool) -> None:
        super().__init__("the time is up")
        self.stopped = stopped


class StopCode(BaseException):
    """Raised inside the code to end it; no `except Exception` there stops it."""


def run_within(seconds: float, code: Callable[[], Value]) -> Value:
    """What the code returns, or raises, if it ends in time.

    The code runs in a thread of its own, and this thread waits for it: so the learner can always
    interrupt, and what stops the code cannot hit anything else. There are signals that do the
    same, but not on Windows.

    Raises:
        TimeUpError: it did not end in time.
        KeyboardInterrupt: the learner interrupted it.
    """
    outcome: Future[Value] = Future()
    context = contextvars.copy_context()
    thread = threading.Thread(target=_work, args=(context, code, outcome), daemon=True)
    try:
        thread.start()  # Which waits for the thread to begin, and can be interrupted, too.
        if _has_ended(outcome, seconds):
            return outcome.result()
    except BaseException:
        _stop(thread, outcome)
        raise
    raise TimeUpError(_stop(thread, outcome))


def _work(context: contextvars.Context, code: Callable[[], Value], outcome: Future[Value]) -> None:
    with suppress(StopCode):  # One may come a moment after the code has ended.
        try:
            outcome.set_result(context.run(code))
        except BaseException as error:
            outcome.set_exception(error)


def _has_ended(outcome: Future[Value], seconds: float) -> bool:
    """Waits in short glances: on Windows a long wait cannot be interrupted."""
    deadline = monotonic() + seconds
    while not outcome.done() and monotonic() < deadline:
        with suppress(FutureTimeout):
            outcome.exception(timeout=GLANCE_SECONDS)
    return outcome.done()


def _stop(thread: threading.Thread, outcome: Future[Value]) -> bool:
    """Ends the code by an exception in its thread; says whether it has ended.

    It is told more than once, in case it catches everything.
    """
    tell = ctypes.pythonapi.PyThreadState_SetAsyncExc
    deadline = monotonic() + GRACE_SECONDS
    while not outcome.done() and monotonic() < deadline:
        tell(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(StopCode))
        _has_ended(outcome, GLANCE_SECONDS)
    return outcome.done()
