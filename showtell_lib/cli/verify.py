"""`showtell verify`: is a model the one it claims to be?"""

from __future__ import annotations

import argparse

from showtell_lib.cli.arguments import Subparsers
from showtell_lib.cli.output import print_error, print_line

EPILOG = """\
examples:
  showtell verify mini
  showtell verify 2m                                fetches the tutorial's photo and captions it
  showtell verify 2m --url http://192.168.0.2:8000/

exit code: 0 if all agrees, 1 if something differs
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "verify",
        help="check that a model is the one it claims to be",
        description="Compare a model's files and captions with what was published.",
        epilog=EPILOG,
    )
    parser.add_argument("name", metavar="NAME", help="mini, 2m or 1m")
    parser.add_argument("--url", metavar="U", help="a mirror to fetch the photo from")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints each comparison; the exit code says whether all agree."""
    from showtell_lib.pretrained.verification import verify

    result = verify(args.name, url=args.url)
    for check in result.checks:
        print_line(f"{'ok' if check.ok else 'DIFFERS':8}{check.what}: {check.found}")
        if not check.ok:
            print_line(f"{'':8}expected: {check.expected}")
    if not result.ok:
        print_error(f"{args.name} is not the published model")
        return 1
    print_line(f"{args.name}: verified")
    return 0
