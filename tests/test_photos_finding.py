"""Photos by name: folders as people mean them, and names of every kind."""

from __future__ import annotations

import base64
import gzip
import io
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote_from_bytes

import numpy as np
import pytest
from PIL import Image, features

from showtell_lib.errors import PhotoError
from showtell_lib.photos import EXTENSIONS, FORMATS, addresses, find_photos, formats, open_photo
from showtell_lib.photos.finding import photos_in
from showtell_lib.photos.room import Room
from showtell_lib.streaming import PhotoCaptions
from tests.test_photos import assert_looks_like, quadrants, saved
from tests.web_server import Fault, Server

JPEG, PNG = saved(quadrants(), "JPEG", quality=95), saved(quadrants(), "PNG")


def written(folder: Path, *names: str, data: bytes = PNG) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def message_of(source: object) -> str:
    with pytest.raises(PhotoError) as error:
        open_photo(source)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_every_suffix_of_a_format_is_a_photo() -> None:
    known = formats.known_formats()
    missing = {
        suffix
        for suffix, name in Image.registered_extensions().items()
        if name in known and name in FORMATS
    } - EXTENSIONS
    assert missing == set()


@pytest.mark.parametrize("name", ["a.jfif", "b.JPE", "c.HEIC", "no suffix", "e.jpg_large", "f.bin"])
def test_photos_by_suffix_and_by_content(name: str, tmp_path: Path) -> None:
    written(tmp_path, name)
    written(tmp_path, "words", "data.bin2", data=b"BMW, P6 and other words\n" * 9)
    assert find_photos([str(tmp_path)]) == [tmp_path / name]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_formats_are_told_by_their_first_bytes(kind: str) -> None:
    if kind not in formats.known_formats() or (kind == "AVIF" and not features.check("avif")):
        pytest.skip(f"{kind} cannot be read here")
    data = saved(quadrants(), kind, quality=90)
    assert formats.starts_as_a_photo(data[: formats.HEAD_BYTES])
    assert_looks_like(open_photo(data).pixels, quadrants(), tolerance=16)


@pytest.mark.parametrize("head", [b"", b"BM, a car", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2", b"II*"])
def test_what_does_not_begin_as_a_photo(head: bytes) -> None:
    assert not formats.starts_as_a_photo(head)


def test_hidden_files_shadows_and_raw_files_are_left_out(tmp_path: Path) -> None:
    names = ["a.jpg", "._a.jpg", ".b.jpg", "c.nef", "notes.txt"]
    written(tmp_path, *names, ".thumbnails/d.jpg", "@eaDir/e.jpg", "__MACOSX/f.jpg", "g/h.jpg")
    assert find_photos([str(tmp_path)]) == [tmp_path / "a.jpg"]
    assert find_photos([str(tmp_path / "*.jpg")]) == [tmp_path / "a.jpg"]
    assert find_photos([str(tmp_path / "._a*")]) == [tmp_path / "._a.jpg"]
    assert photos_in(tmp_path, deep=True) == ["a.jpg", "g/h.jpg"]


def test_a_hidden_folder_that_is_named_counts(tmp_path: Path) -> None:
    folder = written(tmp_path / ".holiday", "a.jpg")
    assert find_photos([str(folder)]) == [folder / "a.jpg"]


def test_links_lead_to_each_photo_once(tmp_path: Path) -> None:
    inside = written(tmp_path / "in", "a.jpg", "sub/b.jpg")
    written(tmp_path, "beside.jpg", "elsewhere/c.jpg")
    (inside / "sub/up").symlink_to("..")
    (inside / "sub/out").symlink_to("../..")
    (inside / "again").symlink_to("sub")
    (inside / "far").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/back").symlink_to(inside)
    (inside / "alone.jpg").symlink_to(tmp_path / "beside.jpg")
    (inside / "nowhere.jpg").symlink_to("none.jpg")
    assert photos_in(inside, deep=True) == ["a.jpg", "alone.jpg", "far/c.jpg", "sub/b.jpg"]


def test_a_batch_lists_what_a_folder_lists(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'showtell_lib[scale]'")
    from showtell_lib.batch.storage import Storage

    folder = written(tmp_path, "a.jfif", "b", "._a.jfif", "notes.txt")
    (folder / "loop").symlink_to(".")
    assert Storage.at(folder).photos() == [p.name for p in find_photos([str(folder)])]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "names",
    [["IMG[1].jpg"], ["IMG[1]*.jpg"], ["holiday[2]/*.jpg"], ["what?.jpg"]],
    ids=str,
)
def test_brackets_in_names_and_globs(names: list[str], tmp_path: Path) -> None:
    files = ["IMG[1].jpg", "holiday[2]/a.jpg", "what?.jpg", "IMG1.png"]
    written(tmp_path, *files)
    (found,) = find_photos([str(tmp_path / names[0])])
    assert isinstance(found, Path)
    assert found.relative_to(tmp_path).as_posix() in files[:3]


def test_a_glob_with_a_set(tmp_path: Path) -> None:
    written(tmp_path, "IMG1.jpg", "IMG2.jpg", "IMG3.jpg")
    found = find_photos([str(tmp_path / "IMG[12].jpg")])
    assert found == [tmp_path / "IMG1.jpg", tmp_path / "IMG2.jpg"]


def test_a_name_that_begins_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "~WRD0001.jpg", "home/cat.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert find_photos(["~WRD0001.jpg"]) == [Path("~WRD0001.jpg")]
    assert find_photos(["~/cat.jpg"]) == [tmp_path / "home/cat.jpg"]
    assert open_photo("~WRD0001.jpg").width == open_photo("~/cat.jpg").width == 64
    (error,) = find_photos(["~nobody-of-this-name/cat.jpg"])
    assert "no such user" in str(error)
    assert "no such user" in message_of("~nobody-of-this-name/cat.jpg")


@pytest.mark.parametrize("name", ["a" * 9000, "a/" * 9000, "a*" * 4500, "~" * 9000], ids=len)
def test_a_name_longer_than_the_system_allows(name: str) -> None:
    (error,) = find_photos([name])
    for message in (str(error), message_of(name)):
        assert "longer than the system allows" in message
        assert len(message) < 200


def test_a_name_with_a_null_character() -> None:
    assert "no name of a file" in str(find_photos(["a\0b.jpg"])[0])
    assert "no name of a file" in message_of("a\0b.jpg")


URIS: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: "data:image/png;base64," + base64.b64encode(data).decode(),
    "url-safe": lambda data: "data:image/png;base64," + base64.urlsafe_b64encode(data).decode(),
    "no padding": lambda data: "data:;base64," + base64.b64encode(data).decode().rstrip("="),
    "wrapped": lambda data: " DATA:image/png;base64,\n" + base64.encodebytes(data).decode(),
    "percent": lambda data: "data:image/png," + quote_from_bytes(data),
    "both": lambda data: "data:image/png;name=a;base64," + quote_from_bytes(base64.b64encode(data)),
}


@pytest.mark.parametrize("name", URIS)
def test_a_data_uri_is_a_photo(name: str) -> None:
    uri = URIS[name](PNG)
    assert open_photo(uri).original == PNG
    assert find_photos([uri]) == [uri]
    result = PhotoCaptions(uri, open_photo(uri).name, [])
    assert len(result.source) < 60


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("data:image/png;base64," + "A" * 9000, "not a photo"),
        ("data:image/png;base64,AAA!A", "base64 is damaged"),
        ("data:text/html,<p>no</p>", "not a photo"),
        ("data:image/png;base64,", "empty"),
    ],
)
def test_a_data_uri_that_is_no_photo(uri: str, words: str) -> None:
    message = message_of(uri)
    assert words in message
    assert len(message) < 200


def test_a_file_object_is_read_from_its_start(tmp_path: Path) -> None:
    path = written(tmp_path, "a.png") / "a.png"
    with path.open("rb") as file:
        file.read()
        assert open_photo(file).original == open_photo(file).original == PNG
    assert "closed file" in message_of(file)


def test_file_objects_that_hold_no_photo(tmp_path: Path) -> None:
    class Spent(io.RawIOBase):
        """As the answer of a server that was read already."""

        def read(self, size: int = -1) -> bytes:
            return b""

    assert "open it again" in message_of(Spent())
    with (written(tmp_path, "a.jpg", data=JPEG) / "a.jpg").open(encoding="utf-8") as text:
        assert "mode 'rb'" in message_of(text)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
def test_an_answer_that_is_packed_unasked(encoding: str, server: Server) -> None:
    packed = zlib.compress(PNG) if encoding == "deflate" else gzip.compress(PNG)
    server.faults = {"a.png": [Fault(body=packed, headers=(("Content-Encoding", encoding),))]}
    assert open_photo(server.url + "a.png").original == PNG


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        ("gzip", gzip.compress(bytes(60_000_000)), "larger than"),
        ("gzip", gzip.compress(PNG)[:-20], "broke off"),
        ("gzip", b"not packed at all", "damaged on the way"),
        ("br", b"anything", "packed as br"),
    ],
)
def test_a_packed_answer_that_cannot_be_taken(
    encoding: str, body: bytes, words: str, server: Server
) -> None:
    server.faults = {"a.png": [Fault(body=body, headers=(("Content-Encoding", encoding),))]}
    assert words in message_of(server.url + "a.png")
    assert addresses.MAX_BYTES < 60_000_000


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("HEIF", quadrants()), ("AVIF", quadrants().transpose(Image.Transpose.ROTATE_270))],
)
def test_heic_and_avif_turn_by_their_own_fields(kind: str, expected: Image.Image) -> None:
    """As their standards say: EXIF turns neither, not even a second time.

    Pillow writes the field of an AVIF from EXIF; pillow-heif writes none.
    """
    if kind not in formats.known_formats():
        pytest.skip(f"{kind} cannot be written here")
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(quadrants(), kind, quality=95, exif=exif)
    assert_looks_like(open_photo(data).pixels, expected, tolerance=16)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_a_reader_that_is_missing_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind not in formats.known_formats():
        pytest.skip(f"{kind} cannot be written here")
    data = saved(quadrants(), kind)
    others = [name for name in formats.known_formats() if name != kind]
    for module in ("formats", "decoding"):
        monkeypatch.setattr(f"showtell_lib.photos.{module}.known_formats", lambda: others)
    assert "pip install" in message_of(data)


def test_room_is_for_so_many_pixels_or_for_one_photo() -> None:
    room, inside, most = Room(10), [0], [0]
    lock = threading.Lock()

    def enter(pixels: int) -> None:
        with room.taken(pixels):
            with lock:
                inside[0] += pixels
                most[0] = max(most[0], inside[0])
                assert inside[0] <= 10 or inside[0] == pixels
            time.sleep(0.002)
            with lock:
                inside[0] -= pixels

    threads = [threading.Thread(target=enter, args=(size,)) for size in (4, 30, 5, 1, 11, 6) * 5]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (inside, most) == ([0], [30])


def test_a_large_jpeg_that_passes_through_is_not_held_in_full(tmp_path: Path) -> None:
    from showtell_lib.photos import opened_in_turn

    data = saved(quadrants(4000, 3000), "JPEG", quality=90)
    with opened_in_turn(data) as photo:
        assert photo.original == data
        assert photo.pixels.nbytes < 4000 * 3000
        np.testing.assert_array_equal(open_photo(photo.as_png()).pixels, open_photo(data).pixels)
    assert open_photo(data).pixels.shape == (3000, 4000, 3)
    with pytest.raises(PhotoError, match="cut short"), opened_in_turn(data[: len(data) // 2]):
        pass
