"""`showtell train`: train a captioner on photos with captions."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from showtell_lib.cli.arguments import Subparsers, count, output_folder
from showtell_lib.training.options import FROM_MODEL, LOWEST, TrainingOptions

EPILOG = """\
your own photos, in any folder, here mine/:
  photos/          dog1.jpg, dog2.jpg, ...     JPEG, PNG, GIF, WebP, HEIC ...
  captions.csv     image,caption               this header, then a line for each caption; a photo
                   dog1.jpg,a dog on a sofa    may have several, and one with a comma in it stands
                   dog1.jpg,"a dog, asleep"    in quotation marks
  train.txt        dog1.jpg                    photos to learn from, a file name a line
  dev.txt          dog7.jpg                    photos to choose the best epoch by, about a fifth
  test.txt         dog9.jpg                    photos to measure with (showtell evaluate); may be
                                               missing

  showtell train --photos mine/photos --captions mine/captions.csv --splits mine \\
                 --start-from mini --out runs/mine
  showtell export runs/mine my_model
  showtell caption new.jpg --model my_model

Without --splits the photos are split by their names. Fewer than a thousand photos teach a new
captioner nothing, so --start-from mini begins with the bundled model, which can caption already.
Its encoder stays unchanged, its vocabulary gets your new words, and 40 photos take a few minutes.
It will say your words of other photos, too.

With fewer than 50 dev photos the best epoch is the one with the lowest loss on them, since CIDEr of
so few is luck. The column kept_by of log.csv says by which measure each epoch was kept.

examples:
  showtell train --photos flickr8k/images --captions flickr8k/captions.csv \\
                 --splits flickr8k --out runs/mine
  showtell train ... --broader-photos broader --scenes 20000
  showtell train ... --encoder efficientnet_lite0 --encoder-weights efficientnet_lite0.npz
  showtell train ... --encoder inception_v3
  showtell train ... --start-from runs/mine --decoder-epochs 0 --tuning-epochs 2 --out runs/next
  showtell export runs/mine my_model

The same command resumes an interrupted run. With Flickr8k a run takes one to two hours on two
cores, 4 GB of memory, and 1 GB of disk for cached features.
"""

# With fewer photos a captioner that starts from nothing only learns the commonest words.
FEWEST_TO_SPEAK = 1000
HELP = {
    "encoder": "mobilenet_v2, efficientnet_lite0 or inception_v3; own keeps the encoder of a model",
    "encoder_weights": "imagenet (Keras downloads them), none, or a file: .weights.h5, or .npz "
    "for EfficientNet-Lite0 (`showtell data efficientnet-lite0` makes it)",
    "start_from": "a model (a name such as mini, or a folder) or the folder of an earlier run: "
    "train its weights further, with its vocabulary; a model's encoder stays unchanged",
    "decoder_epochs": "stage one: the decoder on the frozen encoder's features",
    "tuning_epochs": "stage two: the encoder's last blocks as well",
    "self_critical_epochs": "stage three: the decoder by the CIDEr of its own captions",
    "scenes": "how many drawn scenes to learn from as well, each with one that differs a little",
    "precision": "of the decoder's large products: float32, or bfloat16 (faster on some CPUs)",
    "dev_photos": "dev photos captioned after each epoch to measure CIDEr",
    "seed": "decides initial weights, order, views and crops",
}


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "train",
        help="train a captioner",
        description="Train a Show and Tell captioner: first the decoder on a frozen encoder, then "
        "both, then the decoder by its own captions. The dev photos decide which epoch is best.",
        epilog=EPILOG,
    )
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos")
    parser.add_argument("--captions", type=Path, required=True, help="captions.csv, see below")
    parser.add_argument(
        "--splits",
        type=Path,
        help="folder of train.txt, dev.txt and perhaps test.txt (without: split by file name)",
    )
    parser.add_argument("--broader-photos", type=Path, help="folder with photos.csv to mix in")
    parser.add_argument("--out", type=output_folder, required=True, help="folder of the run")
    for option in fields(TrainingOptions):
        flag = "--" + option.name.replace("_", "-")
        about = HELP.get(option.name, option.name.replace("_", " "))
        # No default here: the defaults depend on what the run starts from.
        parser.add_argument(
            flag,
            type=_type_of(option),
            default=argparse.SUPPRESS,
            help=f"{about} ({_default(option)})",
        )
    parser.set_defaults(run=run)


def _default(option: Field[Any]) -> str:
    if option.name not in FROM_MODEL:
        return str(option.default) or "none"
    return f"{option.default}; from a model {FROM_MODEL[option.name]}"


def _type_of(option: Field[Any]) -> Callable[[str], Any]:
    if option.name in LOWEST:
        return count(LOWEST[option.name])
    return type(option.default)


def run(args: argparse.Namespace) -> int:
    """Reads the photos, trains, and says what to do next."""
    from showtell_lib.training.datasets import (
        about_split_by_name,
        read_broader_photos,
        read_flickr8k,
        some,
    )
    from showtell_lib.training.start import options_from

    given = {f.name: getattr(args, f.name) for f in fields(TrainingOptions) if f.name in args}
    options = options_from(given)
    splits = read_flickr8k(args.photos, args.captions, args.splits)
    if args.splits is None:
        print(about_split_by_name(splits))
    for name in ("train", "dev"):
        some(splits[name], f"the {name} split in {args.splits or args.captions}")
    broader = read_broader_photos(args.broader_photos)["train"] if args.broader_photos else []
    from showtell_lib.training.run import TrainingData, check_run, train
    from showtell_lib.training.scene_photos import draw_scenes

    check_run(options, args.out)
    scenes = draw_scenes(options.scenes, args.out / "scenes")
    print(
        f"{len(splits['train']):,} photos to train on, {len(broader):,} broader ones and "
        f"{len(scenes):,} scenes mixed in, {len(splits['dev']):,} to choose by"
    )
    for line in _advice(len(splits["train"]), len(splits["dev"]), options):
        print(line)
    best = train(TrainingData(splits["train"], splits["dev"], broader, scenes), options, args.out)
    print(f"best weights: {best}\nnext: showtell export {args.out} FOLDER")
    return 0


def _advice(train_photos: int, dev_photos: int, options: TrainingOptions) -> Iterator[str]:
    """Warnings about a run with few photos, before the run takes its time."""
    from showtell_lib.training.trainer import FEWEST_FOR_CIDER, choice

    if train_photos < FEWEST_TO_SPEAK and not options.start_from:
        yield (
            f"warning: {train_photos:,} photos are too few to learn to speak from; give "
            "--start-from mini as well, which speaks already and learns the words of your captions"
        )
    if choice(min(dev_photos, options.dev_photos)) == "dev_loss":
        late = "; stage three hardly lowers it, so --self-critical-epochs 0 saves its time"
        yield (
            f"fewer than {FEWEST_FOR_CIDER} dev photos: the best epoch is the one with the lowest "
            f"dev loss, as CIDEr of so few is luck{late if options.self_critical_epochs else ''}"
        )
