"""The captioner as a web service: a REST API, its documentation, and a page to try it on.

    showtell serve
    curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' http://127.0.0.1:8000/v1/captions

Needs the extra `serve`; whoever uses a name of this package without it is told how to get it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from showtell_lib.errors import ShowTellError

if TYPE_CHECKING:
    from showtell_lib.serve.app import create_app
    from showtell_lib.serve.batching import take_group
    from showtell_lib.serve.limits import Limits
    from showtell_lib.serve.server import run

__all__ = ["Limits", "create_app", "run", "take_group"]
# Imported when they are first used: `showtell serve --help` says the limits without the extra.
WHERE = {"Limits": "limits", "create_app": "app", "run": "server", "take_group": "batching"}


def __getattr__(name: str) -> Any:
    if name not in WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{WHERE[name]}"), name)
    except ModuleNotFoundError as error:
        raise ShowTellError(
            f"serving needs {error.name}, which is not installed: pip install 'showtell_lib[serve]'"
        ) from None
