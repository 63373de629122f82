"""`showtell report`: the proof page of a model."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers, count, output_folder
from showtell_lib.cli.output import print_error

EPILOG = """\
examples:
  showtell report
  showtell report --out proof                       proof/report.md, report.html and report.json
  showtell report --model my_model --scenes 500
  showtell report --reference full_size/reference.json full_size_model

It needs no network. --reference takes recorded answers of the published implementation, with
their photos in photos/ beside the file, and the model that gave them.

exit code: 0 if all searches agree, 1 if something differs
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "report",
        help="prove a model: hashes, parity, quality, speed, errors",
        description="Check and measure a model, and print all of it as one page.",
        epilog=EPILOG,
    )
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    parser.add_argument("--out", type=output_folder, help="folder to write the page to as well")
    parser.add_argument("--scenes", type=count(4), default=200, help="how many to caption (200)")
    parser.add_argument(
        "--reference",
        type=Path,
        nargs=2,
        metavar=("CASES", "MODEL"),
        help="recorded answers and the model that gave them",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the page and writes it; the exit code says whether all searches agree."""
    from showtell_lib.captioner import load
    from showtell_lib.reports import make_report, write_report

    reference = (args.reference[0], load(args.reference[1])) if args.reference else None
    report = make_report(load(args.model), scenes=args.scenes, reference=reference)
    written = write_report(report, args.out) if args.out else ()
    print(report.markdown(), end="")
    for path in written:
        print(f"written: {path}", file=sys.stderr)
    if not report.passed:
        print_error("the searches do not agree; see Parity")
        return 1
    return 0
