"""Tries inputs in a process that may crash or hang; what came of each is counted."""

from __future__ import annotations

import logging
import multiprocessing
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import psutil  # It comes with JupyterLab.

from showtell_lib.errors import ShowTellError

READ, REFUSED, FOREIGN, CRASH, HANG = "read", "refused", "other exception", "crash", "hang"
OUTCOMES = (READ, REFUSED, FOREIGN, CRASH, HANG)
FINE = (READ, REFUSED)
SECONDS = 5.0
# An input may wait for so long that nobody works on it, on a machine that has other work.
PATIENCE = 60.0
# For a process to start and load what its reader needs, on a busy machine.
START_SECONDS = 300.0
# Of its address space, most of which TensorFlow only reserves.
MOST_MEMORY = 6_000_000_000

Reader = Callable[[bytes], object]
# Where one process has imported TensorFlow, others with it start a hundred times as quickly.
CONTEXT = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
CONTEXT.set_forkserver_preload(["showtell_lib.model", "showtell_lib.training.trainer"])


class Outcome(NamedTuple):
    """What came of an input.

    Attributes:
        kind: one of `OUTCOMES`.
        detail: the exception, or how the process ended.
    """

    kind: str
    detail: str = ""


class Trials:
    """A reader in a process of its own, which gets one input after the other.

    Args:
        make: makes the reader, in that process, with a folder of its own.
        seconds: of a processor's time that an input may take.
    """

    def __init__(self, make: Callable[[Path], Reader], seconds: float = SECONDS) -> None:
        self._make, self._seconds = make, seconds
        self._start()

    def __enter__(self) -> Trials:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _start(self) -> None:
        self._here, there = CONTEXT.Pipe()
        self._folder = tempfile.TemporaryDirectory(prefix="showtell-")
        arguments = (there, self._make, Path(self._folder.name))
        self._process = CONTEXT.Process(target=_serve, args=arguments)
        self._process.start()
        there.close()
        if not self._here.poll(START_SECONDS):
            raise RuntimeError(f"{self._make} made no reader in {START_SECONDS:g} seconds")
        self._here.recv()

    def outcome(self, data: bytes) -> Outcome:
        """What comes of an input.

        A process that crashed or hung is ended, and another takes its place.
        """
        try:
            self._here.send_bytes(data)
            if self._answers():
                return Outcome(*self._here.recv())
            found = Outcome(HANG, f"more than {self._seconds:g} seconds")
        except (EOFError, OSError):
            self._process.join()
            found = Outcome(CRASH, f"exit code {self._process.exitcode}")
        self._end()
        self._start()
        return found

    def _answers(self) -> bool:
        """Whether there is an answer in time, however slow the machine is."""
        process, waited = psutil.Process(self._process.pid), 0.0
        begun = sum(process.cpu_times()[:2])
        while not self._here.poll(self._seconds):
            waited += self._seconds
            if sum(process.cpu_times()[:2]) - begun > self._seconds or waited > PATIENCE:
                return False
        return True

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._here.close()
        self._folder.cleanup()


def _serve(there: Connection, make: Callable[[Path], Reader], folder: Path) -> None:
    _limit_memory()
    logging.disable(logging.CRITICAL)
    read = make(folder)
    _hush()
    there.send("ready")
    with suppress(EOFError):
        while True:
            there.send(_tried(read, there.recv_bytes()))


def _hush() -> None:
    """Decoders written in C tell the terminal what they think of a file."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(null, stream.fileno())


def _tried(read: Reader, data: bytes) -> tuple[str, str]:
    try:
        read(data)
    except ShowTellError as error:
        return REFUSED, str(error)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return FOREIGN, f"{type(error).__name__}: {error} ({where.filename}:{where.lineno})"
    return READ, ""


def _limit_memory() -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
