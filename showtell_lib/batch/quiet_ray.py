"""Ray, started late, on this machine alone unless told otherwise, and without its talk."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from showtell_lib.errors import BatchError

# Bytes. Only shards' lists of paths go through Ray's store, never photos.
STORE = 200_000_000


def is_ray_installed() -> bool:
    """Whether Ray and pyarrow are here; it does not import them."""
    return all(find_spec(package) is not None for package in ("ray", "pyarrow"))


@contextmanager
def ray_session(address: str | None) -> Iterator[Any]:
    """Ray Data, connected; what was started for it is stopped again.

    Args:
        address: of a cluster; "auto" is the one that this machine belongs to. None starts Ray on
            this machine for itself.

    Yields:
        The `ray` module.

    Raises:
        BatchError: there is no such cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    mine = not ray.is_initialized()
    if mine:
        _connect(ray, address)
    _hush(ray)
    try:
        yield ray
    finally:
        if mine:
            ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address:
            ray.init(address=address, **quiet)
        else:
            ray.init("local", include_dashboard=False, object_store_memory=STORE, **quiet)
    except (ConnectionError, ValueError, RuntimeError) as error:
        first = str(error).partition("\n")[0]
        raise BatchError(f"Ray cannot be started or joined at {address}: {first}") from None


def _hush(ray: Any) -> None:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
