"""`showtell study`: what each search finds on every photo of a split."""

from __future__ import annotations

import argparse
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers
from showtell_lib.errors import DataError

EPILOG = """\
examples:
  showtell study --photos flickr8k/images --captions flickr8k/captions.csv --splits flickr8k \\
                 --out search_study.npz

The searches start from the embeddings that `showtell embed` wrote, by default those of the bundled
model.
The file holds numbers only; `showtell_lib.evaluation.search_study.load_search_study` reads it.
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "study",
        help="compare beam widths and exact search on every photo",
        description="Caption every photo with beam widths 1, 2, 3, 5, 10 and 20 and with exact "
        "search, and write log-probabilities, lengths and CIDEr.",
        epilog=EPILOG,
    )
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos")
    parser.add_argument("--captions", type=Path, required=True, help="captions.csv")
    parser.add_argument("--splits", type=Path, required=True, help="folder of train.txt, ...")
    parser.add_argument("--split", choices=["train", "dev", "test"], default="test", help="(test)")
    parser.add_argument("--embeddings", type=Path, help="what `showtell embed` wrote")
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs all searches, writes the file, and prints a table."""
    from showtell_lib.captioner import load
    from showtell_lib.embeddings import load_embeddings
    from showtell_lib.evaluation.search_study import study_searches
    from showtell_lib.training.datasets import read_flickr8k, some

    splits = read_flickr8k(args.photos, args.captions, args.splits)
    photos = some(splits[args.split], f"the {args.split} split in {args.splits}")
    references = {photo.name: photo.captions for photo in photos}
    study = study_searches(load(args.model), load_embeddings(args.embeddings), references)
    try:
        study.save(args.out)
    except OSError as error:
        raise DataError(f"cannot write the study {args.out}: {error}") from None
    print(f"{'search':<8}{'log-prob.':>10}{'words':>7}{'CIDEr':>7}{'optima':>8}")
    searches: tuple[int | str, ...] = (*study.widths, "exact")
    for width in searches:
        column = study.column(width)
        print(
            f"{width:<8}{study.log_probs[:, column].mean():>10.2f}"
            f"{study.words[:, column].mean():>7.1f}{100 * study.cider[:, column].mean():>7.1f}"
            f"{study.is_optimum(width).sum():>8}"
        )
    return 0
