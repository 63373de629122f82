"""`showtell serve`: the captioner as a web service."""

from __future__ import annotations

import argparse
import os

from showtell_lib.cli.arguments import Subparsers, count

HOSTS = "SHOWTELL_ALLOWED_HOSTS"
EPILOG = """\
examples:
  showtell serve
  showtell serve --port 0                       a free port; the first line says which
  showtell serve --host 0.0.0.0 --allow-host captions.example.org
                                                every machine that reaches this one can use it
  curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' http://127.0.0.1:8000/v1/captions

In a browser: http://127.0.0.1:8000 to try it, /docs for the API. No photo is stored or logged.
It needs more packages: pip install 'showtell_lib[serve]'
"""


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
        help="a name or address that clients may ask for besides localhost, or * for any; as often "
        f"as there are names, or separated by commas in the environment variable {HOSTS}",
    )
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until it is told to end."""
    from showtell_lib import serve

    named = os.environ.get(HOSTS, "").split(",")
    hosts = [host.strip() for host in (*args.allow_host, *named) if host.strip()]
    serve.run(args.model, args.host, args.port, hosts=hosts)
    return 0
