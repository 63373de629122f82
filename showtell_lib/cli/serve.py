"""`showtell serve`: the captioner as a web service."""

from __future__ import annotations

import argparse
import os
from dataclasses import fields
from typing import Any

from showtell_lib.cli.arguments import Subparsers, count
from showtell_lib.errors import SettingsError
from showtell_lib.serve.limits import Limits

HOSTS = "SHOWTELL_ALLOWED_HOSTS"
EPILOG = """\
examples:
  showtell serve
  showtell serve --port 0                       a free port; the first line says which
  showtell serve --host 0.0.0.0 --allow-host captions.example.org
                                                every machine that reaches this one can use it
  curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' http://127.0.0.1:8000/v1/captions

In a browser: http://127.0.0.1:8000 to try it, /docs for the API. No photo is stored or logged.
The service needs more packages: pip install 'showtell_lib[serve]'

Each limit is an environment variable as well, such as SHOWTELL_BATCH=32 or
SHOWTELL_PHOTO_BYTES=20000000; where both are given, the option counts.
"""

LIMITS = {
    "photo_bytes": "most bytes of an uploaded file",
    "photo_pixels": "most pixels of a photo, width times height",
    "upload_seconds": "how long a client may take to send its photo",
    "open_seconds": "how long a photo may take to open",
    "stuck_seconds": "how long every process may take over a photo before /readyz says 503",
    "answer_seconds": "how long an answer may take after the upload",
    "requests": "most requests in progress or waiting (the queue); more get 429",
    "uploads_of_one": "most photos that one client may be sending",
    "connections": "most open connections; more are closed at once",
    "connections_of_one": "most open connections of one client",
    "header_seconds": "how long a connection may take to bring a whole request",
    "end_seconds": "how long requests may go on when the service is told to end",
    "batch": "most photos captioned in one call",
    "wait_seconds": "how long the first photo of a batch waits for others",
}


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "serve",
        help="caption photos over HTTP",
        description="Serve a REST API and a web page that caption photos.",
        epilog=EPILOG,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--port", type=count(0, 65535), default=8000, help="0 takes a free one (8000)"
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a name or address, besides localhost, by which clients may reach the service; * "
        f"allows any. Repeat it for further names, or list all, with commas, in {HOSTS}",
    )
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    limits = parser.add_argument_group("limits")
    for limit in fields(Limits):
        limits.add_argument(
            "--" + limit.name.replace("_", "-"),
            type=count() if isinstance(limit.default, int) else float,
            metavar="N",
            help=f"{LIMITS[limit.name]} ({limit.default:,})",
        )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until it is told to end."""
    from showtell_lib import serve

    named = os.environ.get(HOSTS, "").split(",")
    hosts = [host.strip() for host in (*args.allow_host, *named) if host.strip()]
    serve.run(args.model, args.host, args.port, limits=_limits(args), hosts=hosts)
    return 0


def _limits(args: argparse.Namespace) -> Limits:
    """Each limit from its option, else from its environment variable, else its default."""
    usual, named = Limits(), dict[str, Any]()
    for limit in fields(Limits):
        given = getattr(args, limit.name)
        variable = f"SHOWTELL_{limit.name.upper()}"
        text = os.environ.get(variable, "")
        if given is not None:
            named[limit.name] = given
        elif text:
            try:
                named[limit.name] = type(getattr(usual, limit.name))(text)
            except ValueError:
                raise SettingsError(f"{variable} must be a number, not {text!r}") from None
    return Limits(**named)
