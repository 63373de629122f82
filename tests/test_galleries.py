"""Galleries: what they show is what the model said, and whatever a file is called stays text."""

from __future__ import annotations

import base64
import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from showtell_lib import galleries
from showtell_lib.captioner import Captioner
from showtell_lib.cli import main
from showtell_lib.errors import DataError, PhotoError, printable
from showtell_lib.photos import find_photos, sample_photo
from showtell_lib.streaming import PhotoCaptions
from showtell_lib.trace import Caption

HOSTILE = "<script>alert('1')</script> \"&amp;\", =1+1\n.jpg"


class Reader(HTMLParser):
    """What a browser would find in a page: elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a kind."""
        return [attributes for found, attributes in self.elements if found == tag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two photos and a text that is called one."""
    folder = tmp_path_factory.mktemp("holiday")
    sample_photo("chelsea").as_image().save(folder / "a cat.jpg")
    sample_photo("coffee").as_image().save(folder / "b.png")
    (folder / "c.jpg").write_text("no photo")
    return folder


def result(name: str, text: str = "a <b>cat</b>", thumbnail: bytes = b"jpeg") -> PhotoCaptions:
    caption = Caption(text, (0, 1), -1.0, -1.0, True, ((text, -1.0),))
    return PhotoCaptions(name, name, [caption], thumbnail=thumbnail)


def test_a_folder_becomes_a_table(captioner: Captioner, folder: Path, tmp_path: Path) -> None:
    results = captioner.caption_many(find_photos([str(folder)]), progress=False)
    path = galleries.write_table(results, tmp_path / "captions.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by it"
    with path.open(encoding="utf-8-sig", newline="") as file:
        cat, coffee, text = csv.DictReader(file)
    best = captioner.caption(folder / "a cat.jpg")[0]
    assert cat["photo"] == str(folder / "a cat.jpg")
    assert cat["caption"] == best.text
    assert float(cat["probability"]) == pytest.approx(best.probability, rel=1e-3)
    assert coffee["error"] == cat["error"] == ""
    assert (text["caption"], text["probability"]) == ("", "")
    assert "c.jpg: not a photo" in text["error"]


def test_a_folder_becomes_a_page(captioner: Captioner, folder: Path, tmp_path: Path) -> None:
    results = captioner.caption_many(find_photos([str(folder)]), thumbnails=True, progress=False)
    path = galleries.write_gallery(results, tmp_path / "captions.html", "Our holiday")
    page = Reader(path.read_text(encoding="utf-8"))
    best = captioner.caption(folder / "a cat.jpg")[0]
    assert page.named("html") == [{"lang": "en"}]
    assert page.text.count("Our holiday") == 2  # The title and the heading.
    assert best.text in page.text
    assert "c.jpg: not a photo" in page.text
    first, _ = page.named("img")
    assert best.text in str(first["alt"])
    start, _, data = str(first["src"]).partition(",")
    assert start == "data:image/jpeg;base64"
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert image.size == sample_photo("chelsea").thumbnail().size


def test_a_page_needs_nothing_from_elsewhere() -> None:
    page = galleries.gallery([result("cat.jpg")])
    assert "http:" not in page
    assert "https:" not in page
    assert {tag for tag, _ in Reader(page).elements}.isdisjoint({"script", "link", "iframe"})


def test_names_captions_and_errors_stay_text() -> None:
    bad = PhotoCaptions(HOSTILE, HOSTILE, [], PhotoError(f"{HOSTILE}: damaged"))
    hostile = galleries.gallery([result(HOSTILE, text=HOSTILE), bad], title=HOSTILE)
    plain = galleries.gallery(
        [result("n", text="c"), PhotoCaptions("n", "n", [], PhotoError("e"))], title="t"
    )
    tags = [[tag for tag, _ in Reader(page).elements] for page in (hostile, plain)]
    assert tags[0] == tags[1]
    assert Reader(hostile).text.count(printable(HOSTILE)) == 5
    assert printable(HOSTILE) in str(Reader(hostile).named("img")[0]["alt"])


def test_a_table_keeps_commas_quotes_and_line_breaks() -> None:
    text = galleries.table([result(HOSTILE, text=HOSTILE)])
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["photo"], row["caption"]) == (HOSTILE, HOSTILE)


def test_a_file_name_that_is_not_unicode(tmp_path: Path) -> None:
    results = [result("caf\udce9.jpg")]
    for write in (galleries.write_table, galleries.write_gallery):
        assert r"caf\udce9.jpg" in write(results, tmp_path / "out").read_text(encoding="utf-8")


def test_a_gallery_asks_for_thumbnails() -> None:
    with pytest.raises(DataError, match="thumbnails=True"):
        galleries.gallery([result("cat.jpg", thumbnail=b"")])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"captions\.csv.*choose another place"):
        galleries.write_table([], tmp_path / "none" / "captions.csv")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_gallery_and_an_empty_table() -> None:
    assert "0 photos." in galleries.gallery([])
    assert galleries.table([]) == "photo,caption,probability,error\n"


def test_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--csv", str(tmp_path / "c.csv"), "--gallery", str(tmp_path / "c.html")]
    assert main(["caption", str(folder), str(tmp_path / "no.jpg"), "--json", *files]) == 2
    document = json.loads(capsys.readouterr().out)
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["photo"] for row in rows] == [photo["photo"] for photo in document["photos"]]
    assert rows[0]["caption"] == document["photos"][0]["captions"][0]["text"]
    page = Reader((tmp_path / "c.html").read_text(encoding="utf-8"))
    assert len(page.named("img")) == 2
    assert "no.jpg: no such file" in page.text


def test_a_missing_folder_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "showtell_lib.captioner.Captioner.__init__", lambda *_: pytest.fail("it ran")
    )
    path = str(tmp_path / "none" / "c.html")
    assert main(["caption", "--sample", "chelsea", "--gallery", path]) == 2
    assert capsys.readouterr().err.startswith(f"showtell: cannot write {path}: there is no folder")
