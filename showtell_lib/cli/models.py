"""`showtell models`: which models there are, and which are on this machine."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from showtell_lib.cli.arguments import Subparsers
from showtell_lib.cli.output import print_json, print_line

if TYPE_CHECKING:
    from showtell_lib.store import ModelRow

EPILOG = """\
examples:
  showtell models
  showtell models --json
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "models",
        help="list the models: downloaded or not, size, verified or not",
        description="List the models that `--model` takes by name. Any path of a frozen graph "
        "works as well.",
        epilog=EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints a line or a JSON object per model."""
    from showtell_lib import store

    rows = store.models()
    if args.json:
        print_json([_as_dict(row) for row in rows])
        return 0
    for row in rows:
        size = row.files.size if row.files else row.download_size
        print_line(f"{row.name:8} {size / 1e6:6.1f} MB  {row.about}")
        for line in _state(row):
            print_line(f"{'':8} {line}")
    return 0


def _state(row: ModelRow) -> list[str]:
    if row.files is None:
        return [f"not here yet: showtell download {row.name}"]
    known = row.files.provenance
    return [
        f"{known.origin}; {known.verification}",
        f"sha256 {row.files.sha256[:16]}...  {row.files.graph}",
    ]


def _as_dict(row: ModelRow) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": row.name, "about": row.about, "here": row.files is not None}
    if row.files is None:
        return entry | {"download_bytes": row.download_size}
    known = row.files.provenance
    return entry | {
        "bytes": row.files.size,
        "sha256": row.files.sha256,
        "origin": known.origin,
        "verification": known.verification,
        "path": str(row.files.graph),
    }
