"""A dataset of coloured shapes in Flickr8k's layout, small enough to train on in a test."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = ("red", "green", "blue", "white")
SHAPES = ("square", "circle", "bar")
BROADER_COLUMNS = ["file", "class", "split", "caption_by", "source", "source_path", "licence"]


def draw(colour: str, shape: str) -> Image.Image:
    """A shape on a dark ground, left of the middle, so that mirroring shows."""
    image = Image.new("RGB", (96, 64), (20, 20, 30))
    box = {"square": (8, 12, 48, 52), "circle": (8, 12, 48, 52), "bar": (8, 26, 60, 38)}[shape]
    pencil = ImageDraw.Draw(image)
    (pencil.ellipse if shape == "circle" else pencil.rectangle)(box, fill=colour)
    return image


def captions(colour: str, shape: str) -> list[str]:
    """Five true sentences."""
    return [
        f"A {colour} {shape} .",
        f"a {colour} {shape} on the left",
        f"There is a {colour} {shape} on a dark ground .",
        f"the {shape} is {colour}",
        f"a {shape} , which is {colour} .",
    ]


def make_dataset(folder: Path) -> Path:
    """Writes `images/`, `captions.csv` and split files: 8 train, 2 dev and 2 test photos."""
    (folder / "images").mkdir(parents=True)
    names, rows = [], [["image", "caption"]]
    for colour in COLOURS:
        for shape in SHAPES:
            name = f"{colour}_{shape}.jpg"
            draw(colour, shape).save(folder / "images" / name, quality=95)
            rows += [[name, caption] for caption in captions(colour, shape)]
            names.append(name)
    with (folder / "captions.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    for split, chosen in (("train", names[:8]), ("dev", names[8:10]), ("test", names[10:])):
        (folder / f"{split}.txt").write_text("\n".join(chosen) + "\n")
    return folder


def make_broader(folder: Path) -> Path:
    """Writes four broader photos with `photos.csv`; one of them is held out."""
    folder.mkdir(parents=True)
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*BROADER_COLUMNS, *(f"c{i}" for i in range(1, 6))])
        for number, group in enumerate(["cat", "mug", "cat", "mug"]):
            name = f"{group}_{number}.jpg"
            draw("orange", "bar").save(folder / name)
            split = "heldout" if number == 3 else "train"
            said = [f"a {group} on a table", f"an orange {group}", "", "", ""]
            writer.writerow([name, group, split, "hand", "us", name, "ours", *said])
    return folder
