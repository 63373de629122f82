"""`showtell batch`: a folder of any number of photos in, Parquet files out."""

from __future__ import annotations

import argparse
import sys

from showtell_lib.cli.arguments import Subparsers, count
from showtell_lib.cli.output import counted, print_line
from showtell_lib.cli.search_options import add_search_options

EPILOG = """\
examples:
  showtell batch photos/ captions/                        on this machine
  showtell batch photos/ captions/ --workers 8            eight processes
  showtell batch s3://bucket/photos s3://bucket/captions --address auto --workers 64

If a run is killed, the same command resumes it and also captions photos that were added since.
`showtell batch` needs Ray: pip install 'showtell_lib[scale]'.

Hidden files and folders are left out. A link to a folder is followed once, and not in a circle.

The Parquet files have the columns path, captions (best first), log_probs, error (null for a good
photo) and model_sha256. Characters of a file's name that are not Unicode are escapes in path.

exit code: 0 if every photo has a row (a bad photo's row says why); 2 if the run stopped
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "batch",
        help="caption a million photos, resumably",
        description="Caption every photo of a folder into Parquet files, with Ray Data.",
        epilog=EPILOG,
    )
    parser.add_argument("photos", metavar="IN", help="a folder, s3://... or gs://...")
    parser.add_argument("out", metavar="OUT", help="a folder for the Parquet files")
    parser.add_argument("--model", default="mini", help="name or path (default: mini)")
    add_search_options(parser)
    parser.add_argument("--workers", type=count(), default=2, help="processes that caption (2)")
    parser.add_argument(
        "--gpus",
        type=float,
        default=0,
        help="GPUs for each; with 0.25 four processes share one (0)",
    )
    parser.add_argument(
        "--shard-size", type=count(), default=256, help="photos in a Parquet file (256)"
    )
    parser.add_argument(
        "--address",
        help="of a Ray cluster; auto: the cluster of this machine (none: this machine alone)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Captions the folder and prints a summary in one line."""
    from showtell_lib.batch import caption_to_parquet

    summary = caption_to_parquet(
        args.photos,
        args.out,
        model=args.model,
        beam_width=args.beam_width,
        length_penalty=args.length_penalty,
        max_length=args.max_length,
        workers=args.workers,
        gpus=args.gpus,
        shard_size=args.shard_size,
        address=args.address,
        progress=sys.stderr.isatty(),
    )
    before = f" ({summary.done_before:,} done before)" if summary.done_before else ""
    print_line(
        f"{args.out}: {counted(summary.photos, 'photo')}, {summary.bad:,} of them bad{before}"
    )
    return 0
