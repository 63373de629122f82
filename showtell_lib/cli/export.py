"""`showtell export`: freeze a trained captioner."""

from __future__ import annotations

import argparse
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers, output_folder
from showtell_lib.cli.output import print_line

EPILOG = """\
examples:
  showtell export runs/mine my_model
  showtell caption photo.jpg --model my_model
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "export",
        help="freeze a trained captioner to a model folder",
        description="Freeze the best weights of a training run to show-and-tell.pb (float16) with "
        "its word_counts.txt: a model that --model takes by its folder.",
        epilog=EPILOG,
    )
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="folder of a training run")
    parser.add_argument("out", type=output_folder, metavar="FOLDER", help="where the model goes")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exports the model and prints the file's size."""
    from showtell_lib.training.export import export

    path = export(args.run_folder, args.out)
    print_line(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0
