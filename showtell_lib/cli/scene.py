"""`showtell scene`: a picture-book scene, drawn, described and captioned."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showtell_lib.cli.arguments import Subparsers, count, output_file
from showtell_lib.cli.caption import as_dict, print_captions
from showtell_lib.cli.output import print_line
from showtell_lib.errors import SceneError
from showtell_lib.files import read_text, user_path, written

if TYPE_CHECKING:
    from PIL import Image

    from showtell_lib.scenes import Scene

LARGEST = 4096
MOST_ON_A_SHEET = 400

EPILOG = """\
examples:
  showtell scene                                        a random scene, as scene_0.png
  showtell scene --seed 7 --replace colour=red place=beach
  showtell scene --seed 7 --print-json --no-caption > scene.json
  showtell scene --json scene.json --out scene.png --size 448
  showtell scene --sheet 100 --size 112 --out sheet.png     a hundred, side by side
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "scene",
        help="draw, describe and caption a picture-book scene",
        description="Draw a random picture-book scene, or one from JSON, to a PNG file; print what "
        "is in it (five sentences) and what the model says of it.",
        epilog=EPILOG,
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the random scene (0)")
    parser.add_argument("--json", metavar="FILE", help="draw this scene instead; - is stdin")
    parser.add_argument(
        "--replace",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="change place, time, relation; kind, colour, action of the main actor, or of actor=N",
    )
    parser.add_argument(
        "--sheet",
        type=count(1, MOST_ON_A_SHEET),
        metavar="N",
        help="draw N scenes side by side, from --seed on",
    )
    parser.add_argument(
        "--out", type=output_file, metavar="FILE", help="the picture (scene_SEED.png)"
    )
    parser.add_argument(
        "--size", type=count(1, LARGEST), default=224, help="pixels wide and high (224)"
    )
    parser.add_argument("--model", default="mini", help="name or path (default: mini)")
    parser.add_argument("--no-caption", action="store_true", help="do not run the model")
    parser.add_argument(
        "--print-json", action="store_true", help="only print the scene as JSON; draw nothing"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Makes the scene, draws it, prints its descriptions and captions."""
    if args.sheet is not None:
        return _draw_sheet(args)
    scene = _scene(args)
    if args.print_json:
        print(scene.to_json())
        return 0
    out = Path(args.out or f"scene_{scene.seed}.png")
    image = scene.draw(args.size)
    _save(image, out)
    print_line(f"Drawn to {out}. What is in it:")
    for sentence in scene.describe():
        print_line(f"  {sentence}")
    if not args.no_caption:
        from showtell_lib.captioner import load

        captions = load(args.model).caption(image)
        print_captions(out.name, [as_dict(caption) for caption in captions])
    return 0


def _draw_sheet(args: argparse.Namespace) -> int:
    from showtell_lib.scenes import Scene
    from showtell_lib.scenes.drawing.sheet import contact_sheet

    out = Path(args.out or "scenes.png")
    seeds = range(args.seed, args.seed + args.sheet)
    _save(contact_sheet([Scene.random(seed) for seed in seeds], args.size), out)
    print_line(f"Drawn to {out}: the scenes of seeds {seeds[0]} to {seeds[-1]}, row by row")
    return 0


def _scene(args: argparse.Namespace) -> Scene:
    from showtell_lib.scenes import Scene

    scene = Scene.from_json(_read(args.json)) if args.json else Scene.random(args.seed)
    return scene.replace(**_changes(args.replace))


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.read() if sys.stdin else ""
    return read_text(user_path(name), SceneError)


def _changes(pairs: Sequence[str]) -> dict[str, Any]:
    """`["colour=red", "actor=1"]` as the arguments of `Scene.replace`."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise SceneError(f"--replace got {pair!r}; it takes NAME=VALUE, such as colour=red")
        changes[name] = int(value) if name == "actor" and value.isdecimal() else value
    return changes


def _save(image: Image.Image, out: Path) -> None:
    kind = "JPEG" if out.suffix.lower() in (".jpg", ".jpeg") else "PNG"
    try:
        with written(out) as part:
            image.save(part, kind, quality=88)
    except OSError as error:
        raise SceneError(f"cannot write the picture {out}: {error}") from None
