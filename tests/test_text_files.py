"""Text as people save it is read as meant, or refused by file and line; never in silence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from showtell_lib.cli import main
from showtell_lib.errors import DataError, SceneError
from showtell_lib.files import lines_of, read_text
from showtell_lib.training.captions_file import read_captions
from showtell_lib.training.datasets import read_broader_photos, read_flickr8k, split_by_name
from showtell_lib.vocabulary import read_vocabulary
from tests.tiny_dataset import make_broader, make_dataset

Saved = Callable[[str], bytes]
SAVED: dict[str, Saved] = {
    "plain": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "Windows": lambda text: text.replace("\n", "\r\n").encode(),
    "an old Mac": lambda text: text.replace("\n", "\r").encode(),
    "blank lines at the end": lambda text: (text + "\n \n\n").encode(),
}
SAID = {"a.jpg": ["A dog , it runs .", "two\u2028dogs\x0cand"], "b.jpg": ['a "big" café']}
TABLE = (
    'image,caption\na.jpg,"A dog , it runs ."\na.jpg,two\u2028dogs\x0cand\nb.jpg,"a ""big"" café"\n'
)
WITHIN_A_LINE = some.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"])
TOKENS = 'a.jpg#0\tA dog , it runs .\na.jpg#1\ttwo\u2028dogs\x0cand\nb.jpg#0\ta "big" café\n'


def written(folder: Path, data: str | bytes) -> Path:
    path = folder / "captions.txt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize("how", SAVED)
@pytest.mark.parametrize("text", [TABLE, TABLE.partition("\n")[2], TOKENS])
def test_captions_however_saved(how: str, text: str, tmp_path: Path) -> None:
    """With a header and without, as a table and as Flickr8k.token.txt."""
    assert read_captions(written(tmp_path, SAVED[how](text))) == SAID


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image;caption\na.jpg;a dog, two\n", {"a.jpg": ["a dog, two"]}),
        ("image\tcaption\na.jpg\ta dog; two\n", {"a.jpg": ["a dog; two"]}),
        ('"image","caption"\n"a.jpg","a dog"\n', {"a.jpg": ["a dog"]}),
        ('image,caption\na.jpg,"A dog\nand a bird ."\n', {"a.jpg": ["A dog and a bird ."]}),
        ("caption,image\na dog,a.jpg\n", {"a.jpg": ["a dog"]}),
        ("a.jpg,0,a dog\na.jpg,1,a cat\n", {"a.jpg": ["a dog", "a cat"]}),
        (
            'image_name| comment_number| comment\n1.jpg| 0| a " big " dog , here .\n'
            "2.jpg| 4   A dog runs across the grass .\n",  # One row is published like this.
            {"1.jpg": ['a " big " dog , here .'], "2.jpg": ["A dog runs across the grass ."]},
        ),
    ],
)
def test_tables_of_many_kinds(text: str, said: dict[str, list[str]], tmp_path: Path) -> None:
    assert read_captions(written(tmp_path, text)) == said


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("picture,words\na.jpg,a dog\n", "line 1: expected a photo and a caption, or the header"),
        ("image,caption\na.jpg,a dog, two\n", "line 2: .* must stand in quotes"),
        ("image,caption\na.jpg,one\n\nb.jpg\n", "line 4: expected a photo"),
        ('image,caption\na.jpg,"a dog\nb.jpg,two\nc.jpg,"three"\n', "line 2: its quotation marks"),
        ('image,caption\na.jpg,"a dog\nb.jpg,two"\nc.jpg,three\n', "line 2: a quotation mark"),
        ('image,caption\na.jpg,"a dog\n', "line 2: its quotation marks"),
        ("a.jpg#0\tone\nhello\n", "line 2: expected `photo.jpg#0<TAB>caption`"),
        ("image,caption\na.jpg,café\n".encode("latin-1"), "line 2: not UTF-8"),
        (TABLE.encode("utf-16-le"), "line 1: not UTF-8 text but zero bytes"),
        (TABLE.encode("utf-32"), "line 1: not UTF-8 text but zero bytes"),
        (TABLE.encode("utf-16")[:-1], "cut short"),
        ("\n\n", "no captions"),
        ("image,caption\n", "no captions"),
    ],
)
def test_what_is_not_understood_is_refused_by_line(
    data: str | bytes, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path, data)
    with pytest.raises(DataError, match=message) as caught:
        read_captions(path)
    assert str(path) in str(caught.value)


@settings(max_examples=200, deadline=None)
@given(
    lines=some.lists(
        some.text(some.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
    ),
    how=some.sampled_from(sorted(set(SAVED) - {"blank lines at the end"})),
)
def test_no_line_is_cut_or_joined(
    lines: list[str], how: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the lines hold: form feeds, U+2028, U+0085, ..."""
    lines = ["first", *lines]
    path = tmp_path_factory.mktemp("text") / "lines.txt"
    path.write_bytes(SAVED[how]("".join(line + "\n" for line in lines)))
    assert lines_of(read_text(path, DataError)) == lines


@pytest.mark.parametrize("how", SAVED)
def test_split_files_and_broader_photos_however_saved(how: str, tmp_path: Path) -> None:
    folder, broader = make_dataset(tmp_path / "flickr8k"), make_broader(tmp_path / "broader")
    files = [*(folder / f"{split}.txt" for split in ("train", "dev", "test"))]
    before = read_flickr8k(folder / "images", folder / "captions.csv", folder)
    photos = read_broader_photos(broader)
    for path in (*files, broader / "photos.csv"):
        path.write_bytes(SAVED[how](path.read_text(encoding="utf-8")))
    assert read_flickr8k(folder / "images", folder / "captions.csv", folder) == before
    assert read_broader_photos(broader) == photos


def test_broader_photos_without_their_header_are_refused(tmp_path: Path) -> None:
    table = make_broader(tmp_path / "broader") / "photos.csv"
    table.write_text(table.read_text().partition("\n")[2])
    with pytest.raises(DataError, match=r"photos\.csv, line 2: .* the first line must name"):
        read_broader_photos(table.parent)


@pytest.mark.parametrize("how", sorted(set(SAVED) - {"blank lines at the end"}))
def test_vocabularies_however_saved(how: str, tmp_path: Path) -> None:
    path = tmp_path / "word_counts.txt"
    path.write_bytes(SAVED[how]("a 969108\n</S> 586368\n<S> 586368\ncafé 440479\n"))
    assert read_vocabulary(path).tokens == ("a", "</S>", "<S>", "café", "<UNK>")


def test_a_scene_that_an_editor_marked_is_read(tmp_path: Path) -> None:
    from showtell_lib.scenes import Scene

    path = tmp_path / "scene.json"
    path.write_bytes(Scene.random(3).to_json().encode("utf-8-sig"))
    assert Scene.from_json(read_text(path, SceneError)) == Scene.random(3)


@pytest.fixture
def kaggle(tmp_path: Path) -> Path:
    """The tiny dataset as Kaggle has Flickr8k: `captions.txt` beside `Images/`."""
    made = make_dataset(tmp_path / "made")
    (tmp_path / "kaggle").mkdir()
    shutil.move(made / "images", tmp_path / "kaggle" / "Images")
    shutil.move(made / "captions.csv", tmp_path / "kaggle" / "captions.txt")
    return tmp_path / "kaggle"


def test_kaggles_folder_is_split_by_name(kaggle: Path) -> None:
    splits = read_flickr8k(kaggle / "Images", kaggle / "captions.txt")
    names = {split: [photo.name for photo in photos] for split, photos in splits.items()}
    assert {split: len(photos) for split, photos in names.items()} == {
        "train": 10,
        "dev": 1,
        "test": 1,
    }
    everything = sorted(name for part in names.values() for name in part)
    assert everything == sorted(path.name for path in (kaggle / "Images").iterdir())
    assert all(len(photo.captions) == 5 for photos in splits.values() for photo in photos)
    standard = read_flickr8k(kaggle / "Images", kaggle / "captions.txt", kaggle.parent / "made")
    assert len(standard["test"]) == 2


def test_a_learner_s_folder_needs_no_test_split(tmp_path: Path) -> None:
    folder = make_dataset(tmp_path / "mine")
    (folder / "test.txt").unlink()
    splits = read_flickr8k(folder / "images", folder / "captions.csv", folder)
    assert {split: len(photos) for split, photos in splits.items()} == {
        "train": 8,
        "dev": 2,
        "test": 0,
    }
    (folder / "dev.txt").unlink()
    with pytest.raises(DataError, match=r"there is no dev\.txt; write one with the file names"):
        read_flickr8k(folder / "images", folder / "captions.csv", folder)


def test_a_split_by_name_follows_from_the_names_alone() -> None:
    names = [f"{number}.jpg" for number in range(1000)]
    splits = split_by_name(names)
    assert {split: len(part) for split, part in splits.items()} == {
        "train": 800,
        "dev": 100,
        "test": 100,
    }
    assert split_by_name(reversed([*names, *names])) == splits
    assert splits["test"][:3] == ["112.jpg", "114.jpg", "115.jpg"]  # The same on every machine.
    assert [len(part) for part in split_by_name("abc").values()] == [1, 1, 1]


def test_kaggles_folder_on_the_command_line(
    kaggle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "flickr8k"
    assert main(["data", "flickr8k", "--to", str(out), "--from", str(kaggle)]) == 0
    printed = capsys.readouterr().out
    assert "split by their names" in printed
    assert f"--captions {out}/captions.txt --out" in printed
    arguments = ["--photos", f"{out}/images", "--captions", f"{out}/captions.txt"]
    assert main(["evaluate", *arguments, "--beam-width", "1", "--json"]) == 0
    printed, said = capsys.readouterr()
    assert json.loads(printed)["split_by"] == "file name"
    assert json.loads(printed)["results"][0]["photos"] == 1
    assert "not comparable" in said
