"""Ray: imported late, started on this machine alone unless a cluster is named, and silenced."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from showtell_lib.errors import BatchError
from showtell_lib.quiet import stderr_kept_back

# Bytes. Only lists of paths go through Ray's store, never photos.
STORE = 200_000_000
# Ray gives its parts 30 seconds to start, which is not always enough on a busy machine.
STARTS = 3
# Ray itself tries for minutes, in silence; whether anything listens at an address is soon known.
SECONDS_TO_REACH = 10
# Nothing is reported to Ray's makers, and its C++ parts write to no terminal.
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}


def is_ray_installed() -> bool:
    """Whether Ray and pyarrow are here; it does not import them."""
    return all(find_spec(package) is not None for package in ("ray", "pyarrow"))


@contextmanager
def ray_session(address: str | None) -> Iterator[Any]:
    """Connects to Ray; a Ray that was started for this block is stopped after it.

    Args:
        address: of a cluster; "auto" is the one that this machine belongs to. None starts Ray on
            this machine alone.

    Yields:
        The `ray` module.

    Raises:
        BatchError: there is no such cluster.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    # At import, Ray asks for ipywidgets 8, which Colab lacks and nothing here needs.
    logging.getLogger("ray.widgets").setLevel(logging.ERROR)
    import ray

    mine = not ray.is_initialized()
    if mine:
        _check_reachable(address or "")
        with stderr_kept_back():
            _connect(ray, address)
    _hush(ray)
    try:
        yield ray
    finally:
        if mine:
            ray.shutdown()


def _check_reachable(address: str) -> None:
    """Checks that something listens at an address with a port; `auto` has none.

    Raises:
        BatchError: nothing does, or no machine has that name.
    """
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        if parts.hostname and parts.port:
            place = (parts.hostname, parts.port)
            socket.create_connection(place, SECONDS_TO_REACH).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BatchError(
            f"the cluster at {address} cannot be joined: {reason}; give the address that `ray "
            "start` printed on its head node, or auto on a machine that belongs to it"
        ) from None


def _connect(ray: Any, address: str | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            _start_here(ray, quiet)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        where = f"the cluster at {address} cannot be joined" if address else "Ray cannot be started"
        raise BatchError(f"{where}: {reason}") from None


def _start_here(ray: Any, quiet: dict[str, Any]) -> None:
    """Starts Ray on this machine; tries again if the machine was too busy to start Ray in time."""
    for left in reversed(range(STARTS)):
        try:
            ray.init("local", include_dashboard=False, object_store_memory=STORE, **quiet)
            return
        except Exception as error:  # Ray has no class of its own for being too slow.
            if not left or "timed out" not in str(error):
                raise
            ray.shutdown()


def _hush(ray: Any) -> None:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
