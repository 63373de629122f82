"""`showtell evaluate`: score a model's captions against what people said."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showtell_lib.errors import DataError

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner
    from showtell_lib.datasets import CaptionedPhoto
    from showtell_lib.evaluation import Evaluation

EPILOG = """\
examples:
  showtell evaluate --photos flickr8k/images --captions flickr8k/captions.csv --splits flickr8k
  showtell evaluate ... --split dev --beam-width 1 3 5 --json
  showtell evaluate ... --captions-out captions.json
  showtell evaluate --on broader --photos broader

CIDEr and BLEU are shown times 100. Shuffled CIDEr scores the same captions over the wrong photos:
it says how much of the figure does not come from looking.
"""


def add_parser(subparsers: Any) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "evaluate",
        help="score a model against human captions",
        description="Caption the photos of a dataset and score the captions: BLEU, ROUGE-L, CIDEr.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    parser.add_argument(
        "--on", choices=["photos", "broader"], default="photos", help="what (photos)"
    )
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos")
    parser.add_argument("--captions", type=Path, help="captions.csv")
    parser.add_argument("--splits", type=Path, help="folder of train.txt, dev.txt, test.txt")
    parser.add_argument("--split", choices=["train", "dev", "test"], default="test", help="(test)")
    parser.add_argument("--beam-width", type=int, nargs="+", default=[3], help="one or more (3)")
    parser.add_argument("--length-penalty", type=float, nargs="+", default=[0.0], help="(0)")
    parser.add_argument("--max-length", type=int, default=20, help="(20)")
    parser.add_argument("--limit", type=int, help="only so many photos")
    parser.add_argument("--captions-out", type=Path, help="write the last setting's captions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Evaluates every combination of settings and prints a table or JSON."""
    photos = _photos(args)
    from showtell_lib import captioner as captioners
    from showtell_lib.evaluation import classes_named, encode_photos

    captioner = captioners.load(args.model)
    _check_settings(args, captioner)
    states = encode_photos(captioner, photos)
    results: list[Evaluation] = []
    for beam_width in args.beam_width:
        for length_penalty in args.length_penalty:
            settings = {"beam_width": beam_width, "length_penalty": length_penalty}
            result, captions = _evaluate(args, captioner, photos, states, settings)
            results.append(result)
    named = classes_named(captions, photos) if args.on == "broader" else {}
    if args.captions_out:
        _write({name: caption.text for name, caption in captions.items()}, args.captions_out)
    _print(args, captioner, results, named)
    return 0


def _photos(args: argparse.Namespace) -> list[CaptionedPhoto]:
    from showtell_lib.datasets import read_broader_photos, read_flickr8k

    if args.on == "broader":
        return read_broader_photos(args.photos)["heldout"][: args.limit]
    if not (args.captions and args.splits):
        raise DataError("--captions and --splits are needed as well; `showtell data` makes them")
    return read_flickr8k(args.photos, args.captions, args.splits)[args.split][: args.limit]


def _check_settings(args: argparse.Namespace, captioner: Captioner) -> None:
    from showtell_lib.search import check_beam_settings

    for beam_width in args.beam_width:
        for length_penalty in args.length_penalty:
            check_beam_settings(
                len(captioner.vocabulary),
                beam_width=beam_width,
                length_penalty=length_penalty,
                max_length=args.max_length,
            )


def _evaluate(
    args: argparse.Namespace,
    captioner: Captioner,
    photos: list[CaptionedPhoto],
    states: Any,
    settings: dict[str, Any],
) -> tuple[Evaluation, Any]:
    from showtell_lib.evaluation import caption_states, evaluate

    settings = settings | {"max_length": args.max_length}
    captions = caption_states(captioner, photos, states, **settings)
    return evaluate(captions, photos, **settings), captions


def _write(texts: dict[str, str], path: Path) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def _print(
    args: argparse.Namespace,
    captioner: Captioner,
    results: list[Evaluation],
    named: dict[str, bool],
) -> None:
    if args.json:
        document = {
            "model": {"name": captioner.files.name, "sha256": captioner.files.sha256},
            "on": args.on,
            "split": "heldout" if args.on == "broader" else args.split,
            "results": [result.as_dict() for result in results],
        }
        if named:
            document["classes_named"] = {"named": sum(named.values()), "of": len(named)}
        print(json.dumps(document, indent=2))
        return
    print("beam  penalty  BLEU-1  BLEU-4  ROUGE-L  CIDEr  shuffled  distinct/1000  words")
    for r in results:
        s = {name: 100 * value for name, value in r.scores.items()}
        print(
            f"{r.beam_width:4}  {r.length_penalty:7.2f}  {s['bleu_1']:6.1f}  {s['bleu_4']:6.1f}  "
            f"{s['rouge_l']:7.1f}  {s['cider']:5.1f}  {100 * r.shuffled_cider:8.1f}  "
            f"{r.distinct_per_1000:13.0f}  {r.mean_words:5.1f}"
        )
    if named:
        print(f"class named: {sum(named.values())} of {len(named)}")
