"""`showtell evaluate`: score a model's captions against what people said."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showtell_lib.cli.arguments import Subparsers, count, output_file
from showtell_lib.cli.output import print_json
from showtell_lib.errors import DataError, SettingsError

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner
    from showtell_lib.evaluation.photos import Evaluation
    from showtell_lib.evaluation.scenes import SceneEvaluation
    from showtell_lib.search import BeamSettings
    from showtell_lib.trace import Caption
    from showtell_lib.training.datasets import CaptionedPhoto

EPILOG = """\
examples:
  showtell evaluate --photos flickr8k/images --captions flickr8k/captions.csv --splits flickr8k
  showtell evaluate ... --split dev --beam-width 1 3 5 --json
  showtell evaluate ... --captions-out captions.json
  showtell evaluate ... --degraded jpeg_75 slight_blur
  showtell evaluate --on broader --photos broader
  showtell evaluate --on scenes                        500 drawn scenes and 200 pairs

CIDEr and BLEU are shown times 100. Shuffled CIDEr scores the same captions over the wrong photos:
so much of the CIDEr needs no look at the photo. What is in a scene is known: the shares say how
many captions name the main actor, the actor's action and the place, and how many are true.
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "evaluate",
        help="score a model against human captions",
        description="Caption the photos of a dataset and score the captions: BLEU, ROUGE-L, CIDEr.",
        epilog=EPILOG,
    )
    parser.add_argument("--model", default="mini", help="name or path (mini)")
    parser.add_argument(
        "--on",
        choices=["photos", "broader", "scenes"],
        default="photos",
        help="what to caption (photos)",
    )
    parser.add_argument("--photos", type=Path, help="folder of photos")
    parser.add_argument("--captions", type=Path, help="captions.csv")
    parser.add_argument(
        "--splits",
        type=Path,
        help="folder of train.txt, dev.txt, test.txt (without: split by file name)",
    )
    parser.add_argument("--split", choices=["train", "dev", "test"], default="test", help="(test)")
    parser.add_argument(
        "--beam-width", type=count(), nargs="+", help="one or more (the model's own)"
    )
    parser.add_argument(
        "--length-penalty", type=float, nargs="+", help="one or more (the model's own)"
    )
    parser.add_argument("--max-length", type=count(2), help="most tokens of a caption (20)")
    parser.add_argument(
        "--degraded", nargs="+", default=[""], metavar="HOW", help="make the photos worse first"
    )
    parser.add_argument(
        "--precision", default="float32", help="the encoder's: float32 or bfloat16 (float32)"
    )
    parser.add_argument("--limit", type=count(), help="caption only this many photos or scenes")
    parser.add_argument(
        "--captions-out", type=output_file, help="write the last setting's captions, scored"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Evaluates every combination of settings and prints a table or JSON."""
    photos = [] if args.on == "scenes" else _photos(args)
    _check_degraded(args.degraded)
    from showtell_lib import captioner as captioners

    captioner = captioners.load(args.model, precision=args.precision)
    settings = _all_settings(args, captioner)
    if args.on == "scenes":
        _print_scenes(args, captioner, _scene_results(args, captioner, settings))
        return 0
    results, captions = _photo_results(args, captioner, photos, settings)
    from showtell_lib.evaluation.photos import classes_named

    named = classes_named(captions, photos) if args.on == "broader" else {}
    if args.captions_out:
        from showtell_lib.reports import store_captions

        sha256 = captioner.files.sha256
        store_captions(captions, photos, model=sha256, settings=settings[-1].as_dict()).save(
            args.captions_out
        )
    _print_photos(args, captioner, results, named)
    return 0


def _photos(args: argparse.Namespace) -> list[CaptionedPhoto]:
    from showtell_lib.training.datasets import (
        about_split_by_name,
        read_broader_photos,
        read_flickr8k,
        some,
    )

    if not args.photos:
        raise DataError("--photos is needed: the folder that `showtell data` made")
    if args.on == "broader":
        heldout = read_broader_photos(args.photos)["heldout"]
        return some(heldout, f"the held-out photos of {args.photos}")[: args.limit]
    if not args.captions:
        raise DataError("--captions is needed as well; `showtell data` makes it")
    splits = read_flickr8k(args.photos, args.captions, args.splits)
    if args.splits is None:
        print(about_split_by_name(splits), file=sys.stderr)
    where = args.splits or args.captions
    return some(splits[args.split], f"the {args.split} split in {where}")[: args.limit]


def _check_degraded(names: list[str]) -> None:
    from showtell_lib.evaluation.degradations import DEGRADATIONS

    for name in names:
        if name and name not in DEGRADATIONS:
            raise SettingsError(
                f"cannot degrade photos by {name!r}; there are {', '.join(DEGRADATIONS)}"
            )


def _all_settings(args: argparse.Namespace, captioner: Captioner) -> list[BeamSettings]:
    """Every combination of beam width and length penalty, checked."""
    from showtell_lib.search import BeamSettings

    files, words = captioner.files, len(captioner.vocabulary)
    return [
        BeamSettings.of(files, width, penalty, args.max_length).checked(words)
        for width in args.beam_width or [None]
        for penalty in args.length_penalty or [None]
    ]


def _photo_results(
    args: argparse.Namespace,
    captioner: Captioner,
    photos: list[CaptionedPhoto],
    combinations: list[BeamSettings],
) -> tuple[list[Evaluation], dict[str, Caption]]:
    """The figures of all combinations, and the captions of the last."""
    from showtell_lib.evaluation.photos import caption_states, encode_photos, evaluate

    results = []
    for degraded in args.degraded:
        states = encode_photos(captioner, photos, degraded=degraded)
        for settings in combinations:
            captions = caption_states(captioner, photos, states, settings)
            results.append(evaluate(captions, photos, settings, degraded=degraded))
    return results, captions


def _scene_results(
    args: argparse.Namespace, captioner: Captioner, combinations: list[BeamSettings]
) -> list[SceneEvaluation]:
    from showtell_lib.evaluation.scenes import evaluate_scenes, fresh_scenes

    scenes = fresh_scenes(args.limit)
    return [evaluate_scenes(captioner, scenes, settings) for settings in combinations]


def _document(
    args: argparse.Namespace, captioner: Captioner, results: Sequence[Evaluation | SceneEvaluation]
) -> dict[str, Any]:
    by_name = args.on == "photos" and args.splits is None
    return {
        "model": {"name": captioner.files.name, "sha256": captioner.files.sha256},
        "on": args.on,
        "split": {"photos": args.split, "broader": "heldout", "scenes": "fresh"}[args.on],
        **({"split_by": "file name"} if by_name else {}),
        "results": [result.as_dict() for result in results],
    }


def _print_photos(
    args: argparse.Namespace,
    captioner: Captioner,
    results: list[Evaluation],
    named: dict[str, bool],
) -> None:
    if args.json:
        document = _document(args, captioner, results)
        if named:
            document["classes_named"] = {"named": sum(named.values()), "of": len(named)}
        print_json(document)
        return
    print("beam  penalty  BLEU-1  BLEU-4  ROUGE-L  CIDEr  shuffled  distinct/1000  words  photos")
    for r in results:
        s = {name: 100 * value for name, value in r.scores.items()}
        print(
            f"{r.beam_width:4}  {r.length_penalty:7.2f}  {s['bleu_1']:6.1f}  {s['bleu_4']:6.1f}  "
            f"{s['rouge_l']:7.1f}  {s['cider']:5.1f}  {100 * r.shuffled_cider:8.1f}  "
            f"{r.distinct_per_1000:13.0f}  {r.mean_words:5.1f}  {r.degraded or 'as they are'}"
        )
    if named:
        print(f"class named: {sum(named.values())} of {len(named)}")


def _print_scenes(
    args: argparse.Namespace, captioner: Captioner, results: list[SceneEvaluation]
) -> None:
    if args.json:
        print_json(_document(args, captioner, results))
        return
    print("beam  penalty  scenes            actor  action  place  all three   true")
    for r in results:
        for label, shares in (("fresh", r.fresh), ("held out", r.held_out)):
            figures = (shares.actor, shares.action, shares.place, shares.complete, shares.true)
            widths = (5, 7, 6, 10, 6)
            row = " ".join(f"{f:{w}.1%}" for f, w in zip(figures, widths, strict=True))
            name = f"{shares.scenes} {label}"
            print(f"{r.beam_width:4}  {r.length_penalty:7.2f}  {name:16} {row}")
        changes = ", ".join(f"{name} {share:.1%}" for name, share in r.one_change.items())
        print(f"one change, one consequence: {changes}")
