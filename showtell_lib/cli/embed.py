"""`showtell embed`: photos in, a file of their embeddings and the model's captions out."""

from __future__ import annotations

import argparse
from pathlib import Path

from showtell_lib.cli.arguments import Subparsers, count, output_file
from showtell_lib.cli.output import counted, print_error, print_line
from showtell_lib.errors import DataError, PhotoError

EPILOG = """\
examples:
  showtell embed --photos flickr8k/images --captions flickr8k/captions.csv --splits flickr8k \\
                 --out embeddings.npz
  showtell embed --photos holiday --out holiday.npz    every photo of a folder

The file holds numbers and the model's own words: no photo, and no caption that people wrote.
`showtell_lib.embeddings.load_embeddings` reads it.

exit code: 0 if the file was written (a bad photo is passed over, and a line says why); 2 if not
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "embed",
        help="write the image embeddings of photos",
        description="Write the image embeddings of photos, and the model's captions of them, to a "
        "compressed NumPy file.",
        epilog=EPILOG,
    )
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos")
    parser.add_argument("--captions", type=Path, help="captions.csv, to take a dataset's split")
    parser.add_argument("--splits", type=Path, help="folder of train.txt, dev.txt, test.txt")
    parser.add_argument("--split", choices=["train", "dev", "test"], default="test", help="(test)")
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    parser.add_argument("--limit", type=count(), help="embed at most this many photos")
    parser.add_argument("--out", type=output_file, required=True, help="the .npz file to write")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Embeds and captions the photos, and prints the file's size."""
    found = _found(args)[: args.limit]
    bad = [one for one in found if isinstance(one, PhotoError)]
    for error in bad:
        print_error(error)
    from showtell_lib.captioner import load
    from showtell_lib.embeddings import embed_photos

    def passed_over(error: PhotoError) -> None:
        bad.append(error)
        print_error(error)

    paths = [one for one in found if isinstance(one, Path)]
    embedded = embed_photos(load(args.model), paths, passed_over=passed_over)
    if not len(embedded):
        raise DataError(f"no photo in {args.photos} can be opened; nothing was written")
    try:
        embedded.save(args.out)
    except OSError as error:
        raise DataError(f"cannot write the embeddings {args.out}: {error}") from None
    size = args.out.stat().st_size / 1e6
    print_line(
        f"{args.out}: {counted(len(embedded), 'photo')}, {embedded.embeddings.shape[1]} numbers "
        f"each, {size:.2f} MB{f'; {len(bad):,} bad passed over' if bad else ''}"
    )
    return 0


def _found(args: argparse.Namespace) -> list[Path | PhotoError]:
    """The photos to embed, and why a name stands for none."""
    from showtell_lib.photos import find_photos
    from showtell_lib.training.datasets import read_flickr8k, some

    if args.captions and args.splits:
        photos = read_flickr8k(args.photos, args.captions, args.splits)[args.split]
        photos = some(photos, f"the {args.split} split in {args.splits}")
        return [photo.path for photo in photos]
    if args.captions or args.splits:
        raise DataError("give --captions and --splits together, or neither for a whole folder")
    found = find_photos([str(args.photos)])
    return [one for one in found if isinstance(one, (Path, PhotoError))]
