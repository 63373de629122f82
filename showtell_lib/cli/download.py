"""`showtell download`: fetch a full-size model."""

from __future__ import annotations

import argparse
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers
from showtell_lib.cli.output import print_line

EPILOG = """\
examples:
  showtell download 2m
  showtell download 1m                              verifiable byte for byte
  showtell download 2m --from-file Downloads/show-and-tell.zip
  showtell download 2m --url http://192.168.0.2:8000/    a mirror in your classroom: a folder that
                                                    holds the published files by their names

Each model takes about 150 MB in SHOWTELL_HOME or the system's cache folder. If a download breaks
off, the same command resumes it.
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "download",
        help="fetch a full-size model",
        description="Fetch a full-size model, check it, and keep it for `--model NAME`.",
        epilog=EPILOG,
    )
    parser.add_argument("name", metavar="NAME", help="2m or 1m; `showtell models` says more")
    parser.add_argument(
        "--from-file", type=Path, metavar="F", help="your own copy: a zip, a .pb or a folder"
    )
    parser.add_argument("--url", metavar="U", help="another address: of a mirror or of a zip")
    parser.add_argument("--force", action="store_true", help="fetch it again")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Downloads the model and prints the next command."""
    from showtell_lib.store import is_here, published

    published.downloadable(args.name)
    had = is_here(args.name) and not args.force
    from showtell_lib.pretrained.downloads import download

    files = download(args.name, from_file=args.from_file, url=args.url, force=args.force)
    state = "was here already" if had else "is here now"
    print_line(f"{args.name} {state}: {files.graph.parent} ({files.size / 1e6:.1f} MB)")
    print_line(f"{files.provenance.origin}; {files.provenance.verification}")
    print_line(
        f"next: showtell verify {args.name}, then showtell caption PHOTO --model {args.name}"
    )
    return 0
