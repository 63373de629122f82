"""`showtell caption`: photos in, ranked captions out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from showtell_lib.cli.arguments import Subparsers, output_file
from showtell_lib.cli.output import output_is_lost, print_error, print_json
from showtell_lib.cli.search_options import add_search_options
from showtell_lib.errors import DataError, PhotoError, SettingsError, printable

if TYPE_CHECKING:
    from pathlib import Path

    from showtell_lib.captioner import Captioner
    from showtell_lib.photos import Photo
    from showtell_lib.search import BeamSettings
    from showtell_lib.streaming import PhotoCaptions
    from showtell_lib.trace import Caption

EPILOG = """\
examples:
  showtell caption photo.jpg
  showtell caption https://example.org/photo.jpg
  showtell caption holiday/ --beam-width 5          every photo of a folder
  showtell caption holiday/ --csv captions.csv --gallery captions.html
  showtell caption '*.png' --json > captions.json
  showtell caption --sample chelsea coffee          photos that came with the packages
  showtell caption photo.jpg --model path/to/model  your own frozen graph

A folder stands for all photos in it, except hidden ones. Photos are known by suffix or by content.

Captions are ranked by their score: the log-probability, divided by a power of the caption's length
if there is a length penalty. The number p is the caption's probability.

exit code: 0 if every photo was captioned, 2 if a photo failed or a setting is wrong
"""


CSV_HELP = (
    "write a table as well; an apostrophe stands before a cell that a spreadsheet would take for "
    "a formula (=, +, -, @)"
)


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "caption",
        help="caption photos",
        description="Say what is in photos: for each, the best captions that beam search finds.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "photos", nargs="*", metavar="PHOTO", help="files, folders, globs, addresses or data: URIs"
    )
    parser.add_argument(
        "--sample", nargs="+", metavar="NAME", help="sample photos by name, instead of your own"
    )
    parser.add_argument("--model", default="mini", help="name or path (default: mini)")
    add_search_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--csv", type=output_file, metavar="FILE", help=CSV_HELP)
    parser.add_argument(
        "--gallery",
        type=output_file,
        metavar="FILE",
        help="write an HTML page of the photos as well",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Captions the photos; the exit code is 2 if a photo was bad."""
    from showtell_lib import store
    from showtell_lib.search import BeamSettings
    from showtell_lib.vocabulary import read_vocabulary

    files = store.find_model(args.model)
    settings = BeamSettings.of(files, args.beam_width, args.length_penalty, args.max_length)
    settings = settings.checked(read_vocabulary(files.vocabulary).size)
    opened = _open_all(args)
    if all(isinstance(photo, PhotoError) for photo in opened) and not args.json:
        return _report(opened)
    from showtell_lib.captioner import Captioner

    return _caption_all(Captioner(files), opened, settings, args)


def _open_all(args: argparse.Namespace) -> list[Path | str | Photo | PhotoError]:
    """Opens sample photos or finds files; a bad name is replaced by its error."""
    from showtell_lib.photos import find_photos, sample_photo

    if args.sample and args.photos:
        raise SettingsError("give photos or --sample, not both")
    if args.sample:
        return [sample_photo(name) for name in args.sample]
    if not args.photos:
        raise SettingsError(
            "no photo given: name files, folders, globs or addresses, or try --sample chelsea"
        )
    return list(find_photos(args.photos))


def _report(errors: Sequence[Any]) -> int:
    """Prints the errors; the exit code is 0 if there is none."""
    for error in errors:
        print_error(error)
    return 2 if errors else 0


def _caption_all(
    captioner: Captioner, photos: list[Any], settings: BeamSettings, args: argparse.Namespace
) -> int:
    captioned, results = [], []
    progress = len(photos) >= 3 and sys.stderr.isatty()
    options = {"thumbnails": bool(args.gallery), "progress": progress}
    for one in captioner.caption_many(photos, **settings.as_dict(), **options):
        captioned.append(one)
        results.append(_result(one))
        if not args.json:
            _print(results[-1])
        if output_is_lost() and not (args.csv or args.gallery):
            break  # Nobody would see the other captions.
    if args.json:
        print_json(_document(captioner, settings, results))
    unwritten = _write(captioned, args)
    return _report(unwritten) or (2 if any("error" in result for result in results) else 0)


def _write(captioned: list[PhotoCaptions], args: argparse.Namespace) -> list[DataError]:
    """Writes the table and the page that were asked for, one even if the other fails."""
    from showtell_lib import galleries

    errors = []
    for path, write in ((args.csv, galleries.write_table), (args.gallery, galleries.write_gallery)):
        try:
            if path:
                write(captioned, path)
        except DataError as error:
            errors.append(error)
    return errors


def _result(captioned: PhotoCaptions) -> dict[str, Any]:
    if captioned.error:
        return {"photo": captioned.source, "error": str(captioned.error)}
    captions = [as_dict(caption) for caption in captioned.captions]
    return {"photo": captioned.source, "name": captioned.name, "captions": captions}


def as_dict(caption: Caption) -> dict[str, Any]:
    """A caption as plain data for JSON."""
    return {
        "text": caption.text,
        "probability": caption.probability,
        "log_prob": caption.log_prob,
        "score": caption.score,
        "finished": caption.finished,
        "token_ids": list(caption.token_ids),
        "words": [{"word": word, "log_prob": log_prob} for word, log_prob in caption.words],
    }


def _print(result: dict[str, Any]) -> None:
    from tqdm import tqdm

    if "error" in result:
        tqdm.write(f"showtell: {printable(result['error'])}", file=sys.stderr)
        return
    print_captions(result["name"], result["captions"])


def print_captions(name: str, captions: list[dict[str, Any]]) -> None:
    """Prints ranked captions, as `as_dict` gives them, under the photo's name.

    They are ranked by score, so with a length penalty the probabilities need not fall.
    """
    from tqdm import tqdm

    lines = [f"Captions for image {printable(name)}:"]
    for rank, caption in enumerate(captions):
        unfinished = "" if caption["finished"] else " [unfinished]"
        text = printable(caption["text"])
        numbers = f"p={caption['probability']:#.3g}, score {caption['score']:.3f}"
        lines.append(f"  {rank}) {text} ({numbers}){unfinished}")
    tqdm.write("\n".join(lines), file=sys.stdout)


def _document(
    captioner: Captioner, settings: BeamSettings, results: list[dict[str, Any]]
) -> dict[str, Any]:
    files = captioner.files
    model = {
        "name": files.name,
        "path": str(files.graph),
        "sha256": files.sha256,
        "origin": files.provenance.origin,
        "verification": files.provenance.verification,
    }
    return {"model": model, "settings": settings.as_dict(), "photos": results}
