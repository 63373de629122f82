"""`showtell convert`: a TensorFlow 1 checkpoint of the im2txt family to the frozen format."""

from __future__ import annotations

import argparse
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers, output_folder
from showtell_lib.cli.output import print_line

EPILOG = """\
examples:
  showtell convert train/model.ckpt-2000000 word_counts.txt my_model
  showtell caption photo.jpg --model my_model
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "convert",
        help="convert an im2txt checkpoint",
        description="Convert a TensorFlow 1 checkpoint of Show and Tell with Inception v3, with "
        "newer or older variable names, to the frozen graph that this library loads.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "checkpoint", type=Path, metavar="CHECKPOINT", help="its path without .index"
    )
    parser.add_argument("vocabulary", type=Path, metavar="VOCABULARY", help="its word_counts.txt")
    parser.add_argument("out", type=output_folder, metavar="OUT", help="the folder to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Converts the checkpoint and prints the next command."""
    from showtell_lib.pretrained.checkpoints import convert_checkpoint

    graph = convert_checkpoint(args.checkpoint, args.vocabulary, args.out)
    print_line(f"{graph}: {graph.stat().st_size / 1e6:.1f} MB")
    print_line(f"next: showtell caption PHOTO --model {args.out}")
    return 0
