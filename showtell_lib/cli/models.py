"""`showtell models`: which models are here."""

from __future__ import annotations

import argparse
import json
from typing import Any

EPILOG = """\
examples:
  showtell models
  showtell models --json
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "models",
        help="list the models that are here",
        description="List the models that `--model` takes by name. Any path of a frozen graph "
        "works as well.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints a line or a JSON object per model."""
    from showtell_lib import store

    rows: list[dict[str, Any]] = [
        {
            "name": files.name,
            "about": store.BUNDLED[files.name],
            "bytes": files.size,
            "sha256": files.sha256,
            "path": str(files.graph),
        }
        for files in store.bundled_models()
    ]
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        print(f"{row['name']:8} {row['bytes'] / 1e6:6.1f} MB  {row['about']}")
        print(f"{'':8} sha256 {row['sha256'][:16]}...  {row['path']}")
    return 0
