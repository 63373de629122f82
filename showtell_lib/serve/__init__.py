"""The captioner as a web service: a REST API, its documentation, and a page to try it on.

    showtell serve
    curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' http://127.0.0.1:8000/v1/captions

Needs the extra `serve`; importing this package without it says how to get it.
"""

from __future__ import annotations

from showtell_lib.errors import ShowTellError

try:
    from showtell_lib.serve.app import create_app
    from showtell_lib.serve.batching import take_group
    from showtell_lib.serve.limits import Limits
    from showtell_lib.serve.server import run
except ModuleNotFoundError as error:
    raise ShowTellError(
        f"serving needs {error.name}, which is not installed: pip install 'showtell_lib[serve]'"
    ) from None

__all__ = ["Limits", "create_app", "run", "take_group"]
