"""Files, names and addresses of others: refused in our own words, shown as they are, not followed.

Each test replays, small, what a security review did.
"""

from __future__ import annotations

import csv
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib import galleries, store, transfer
from showtell_lib.captioner import Captioner
from showtell_lib.cli import main
from showtell_lib.cli.caption import print_captions
from showtell_lib.cli.output import print_json
from showtell_lib.embeddings import load_embeddings
from showtell_lib.errors import (
    BatchError,
    DataError,
    DownloadError,
    ModelError,
    PhotoError,
    ShowTellError,
    VocabularyError,
    printable,
)
from showtell_lib.evaluation.search_study import load_search_study
from showtell_lib.files import open_to_append, written
from showtell_lib.pretrained.downloads import unpack_one
from showtell_lib.reports.page import read_report
from showtell_lib.reports.stored import load_captions
from showtell_lib.store import ModelFiles, find_model
from showtell_lib.streaming import PhotoCaptions
from showtell_lib.trace import Caption, SearchTrace
from showtell_lib.training import fetch
from showtell_lib.training.options import read_options
from showtell_lib.training.trainer import COLUMNS, read_log
from showtell_lib.training.weights import read_weights
from showtell_lib.transfer import RemoteFile, fetch_file
from showtell_lib.vocabulary import read_vocabulary
from tests.tiny_graph import write_model
from tests.web_server import Fault, Server

links = pytest.mark.skipif(os.name == "nt", reason="only administrators make links on Windows")

# A model's files.


def test_what_is_loaded_is_what_was_hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = find_model(write_model(tmp_path))
    before, read = files.hashes, ModelFiles.read

    def exchanged_after(self: ModelFiles) -> store.ModelContent:
        content = read(self)
        words = files.vocabulary.read_text(encoding="utf-8").replace("cat", "cow")
        files.vocabulary.write_text(words, encoding="utf-8")
        files.graph.write_bytes(b"another graph")
        return content

    monkeypatch.setattr(ModelFiles, "read", exchanged_after)
    captioner = Captioner(find_model(tmp_path))
    assert captioner.files.hashes == before
    assert "cat" in captioner.vocabulary.tokens
    assert find_model(tmp_path).hashes != before


def test_a_file_exchanged_before_it_is_loaded_is_not_what_was_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWTELL_HOME", str(tmp_path))
    folder = write_model(tmp_path / "models" / "2m")
    record = {"source": "x", "date": "2026-01-01", "files": find_model("2m").hashes}
    (folder / store.ORIGIN_FILE).write_text(json.dumps(record))
    (folder / store.VERIFIED_FILE).write_text(json.dumps(record))
    files = find_model("2m")
    assert files.provenance.verification == "verified 2026-01-01"
    vocabulary = folder / store.VOCABULARY_FILE
    vocabulary.write_text(vocabulary.read_text().replace("cat", "cow"))
    with pytest.raises(ModelError, match="have changed since"):
        Captioner(files)


@pytest.mark.parametrize(
    ("text", "verification"),
    [
        ("{files}", "verified once"),
        ('{"files": 3}', "changed"),
        ("[" * 100_000, "changed"),
        ("not JSON", "changed"),
        ("[]", "changed"),
    ],
)
def test_a_malformed_record_of_a_model(
    text: str, verification: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOWTELL_HOME", str(tmp_path))
    folder = write_model(tmp_path / "models" / "2m")
    files = json.dumps({"files": find_model("2m").hashes})
    (folder / store.ORIGIN_FILE).write_text(files)
    (folder / store.VERIFIED_FILE).write_text(files if text == "{files}" else text)
    known = find_model("2m").provenance
    assert (known.verification, known.changed) == (verification, verification == "changed")


# Arrays.


def _header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    buffer = io.BytesIO()
    described = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, described)
    return buffer.getvalue()


def _npz(path: Path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)


def _four_terabytes(path: Path) -> None:
    names = ("names", "captions", "embeddings", "model", "log_probs", "widths")
    _npz(path, **dict.fromkeys(names, _header((1_000_000, 1_000_000))))


def _one_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def _pickled(path: Path) -> None:
    np.savez(path, names=np.array([{}], object))


def _nested(path: Path) -> None:
    start = b"\x93NUMPY\x01\x00" + (9000).to_bytes(2, "little")
    _npz(path, names=start + b"(" * 9000)


def _other_kinds(path: Path) -> None:
    names = ("names", "captions", "embeddings", "model", "log_probs", "widths", "proved", "words")
    np.savez(path, **dict.fromkeys(names, np.array(3)))  # type: ignore[arg-type]


def _cut(path: Path) -> None:
    np.savez_compressed(path, names=np.arange(1000))
    path.write_bytes(path.read_bytes()[:-200])


ARRAYS = [_four_terabytes, _one_array, _pickled, _nested, _cut]


@pytest.mark.parametrize("make", [*ARRAYS, _other_kinds])
@pytest.mark.parametrize("read", [load_embeddings, load_search_study])
def test_malformed_arrays_are_refused_with_their_name(
    make: Callable[[Path], None], read: Callable[[Path], Any], tmp_path: Path
) -> None:
    path = tmp_path / "some.npz"
    make(path)
    with pytest.raises(DataError, match=r"some\.npz"):
        read(path)


@pytest.mark.parametrize("make", ARRAYS)
def test_malformed_weights_are_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "best.npz"
    make(path)
    with pytest.raises(DataError, match=r"best\.npz"):
        read_weights(path)


# JSON and logs.

JSON = ["[" * 100_000, '{"a":' * 100_000, "[1]", "3", "nothing", '{"captions": 3}', "1" * 5000]


@pytest.mark.parametrize("text", JSON)
@pytest.mark.parametrize("read", [load_captions, read_report, read_options])
def test_malformed_json_is_refused_with_its_name(
    text: str, read: Callable[[Path], Any], tmp_path: Path
) -> None:
    path = tmp_path / "some.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"some\.json"):
        read(path)


@pytest.mark.parametrize("text", [*JSON, '{"expansions": [3], "ranking": []}'])
def test_a_malformed_trace_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="trace"):
        SearchTrace.from_json(text)


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", ",".join(COLUMNS) + "\none,2\n", ",".join(COLUMNS) + ",".join("abc")]
)
def test_a_malformed_training_log_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=r"log\.csv: not the log"):
        read_log(path)


def test_the_bundled_models_own_log_is_read() -> None:
    assert read_log(store.bundled_folder() / "mini" / "training_log.csv")


@pytest.mark.parametrize("name", ["_manifest.json", "_photos.parquet"])
def test_a_damaged_plan_of_a_batch_is_refused(name: str, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    from showtell_lib.batch.shards import Manifest, plan
    from showtell_lib.batch.storage import Storage
    from showtell_lib.search import BeamSettings

    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"x")
    manifest = Manifest(str(photos), "0" * 64, BeamSettings(), 2)
    plan(Storage.at(out), manifest)
    (out / name).write_bytes(b"[" * 100_000)
    with pytest.raises(BatchError, match=name):
        plan(Storage.at(out), manifest)


def _photo_list(out: Path, shards: list[object], paths: list[object]) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"shard": shards, "path": paths}), out / "_photos.parquet")


LISTS: dict[str, tuple[list[Any], list[Any], str]] = {
    "outside": ([0], ["../secret.jpg"], "outside the folder"),
    "absolute": ([0], ["/etc/hostname"], "outside the folder"),
    "numbers for names": ([0], [3], "damaged"),
    "nested names": ([0], [{"a": [1]}], "damaged"),
    "no names": ([0], [None], "damaged"),
    "an endless number": ([float("inf")], ["a.jpg"], "damaged"),
    "words for numbers": (["x"], ["a.jpg"], "damaged"),
    "another order": ([1, 0], ["a.jpg", "b.jpg"], "not numbered from 0"),
    "the same shard twice": ([0, 1, 0], ["a.jpg", "b.jpg", "c.jpg"], "not numbered from 0"),
    "huge once it is unpacked": ([0] * 20_000, ["x" * 4000] * 20_000, "unpacks to more than"),
}


@pytest.mark.parametrize("kind", LISTS)
def test_a_hostile_list_of_photos_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    from showtell_lib.batch.shards import Manifest, plan
    from showtell_lib.batch.storage import Storage
    from showtell_lib.search import BeamSettings

    monkeypatch.setattr("showtell_lib.batch.shards.LARGEST_LIST", 50_000_000)
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(b"x")
    manifest = Manifest(str(photos), "0" * 64, BeamSettings(), 2)
    plan(Storage.at(out), manifest)
    shards, paths, words = LISTS[kind]
    _photo_list(out, shards, paths)
    with pytest.raises(BatchError, match=words):
        plan(Storage.at(out), manifest)


def test_a_list_of_a_kind_that_arrow_does_not_know_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it says of integers of 128 bits: its error is a NotImplementedError."""
    pa = pytest.importorskip("pyarrow")
    from showtell_lib.batch import shards
    from showtell_lib.batch.storage import Storage
    from showtell_lib.search import BeamSettings

    def rows(data: bytes) -> Any:
        raise pa.ArrowNotImplementedError("Integers with more than 64 bits not implemented")

    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    manifest = shards.Manifest(str(tmp_path / "photos"), "0" * 64, BeamSettings(), 2)
    shards.plan(Storage.at(tmp_path / "out"), manifest)
    monkeypatch.setattr(shards, "_rows", rows)
    with pytest.raises(BatchError, match=r"damaged \(Integers with more than 64 bits"):
        shards.plan(Storage.at(tmp_path / "out"), manifest)


def test_a_broken_letter_after_a_mark_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "word_counts.txt"
    path.write_bytes(b"\xef\xbb\xbf<S> 1\n\xc3\xa9\xc3")
    with pytest.raises(VocabularyError, match="line 2: not UTF-8"):
        read_vocabulary(path)


# Archives.


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz"])
def test_a_packed_tar_is_refused_before_it_is_unpacked(packing: str, tmp_path: Path) -> None:
    """A gigabyte of zeros takes a kilobyte, and to list the tar it would all be unpacked."""
    source = tmp_path / "source"
    source.mkdir()
    with tarfile.open(source / "photos.tar", f"w:{packing}") as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"), io.BytesIO())
    with pytest.raises(DataError, match=r"photos\.tar: damaged"):
        fetch.prepare_flickr8k(tmp_path / "out", source)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_refused_however_it_is_packed(packing: int, tmp_path: Path) -> None:
    path = tmp_path / "source" / "photos.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("show-and-tell.pb", os.urandom(5000))
        archive.writestr("a.jpg", os.urandom(5000))
    data = bytearray(path.read_bytes())
    for middle in (len(data) // 4, len(data) * 3 // 4):  # Of the one, and of the other.
        data[middle : middle + 160] = b"\xff" * 160
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"photos\.zip: damaged"):
        fetch.prepare_flickr8k(tmp_path / "out", path.parent)
    with pytest.raises(DownloadError, match=r"photos\.zip: damaged"):
        unpack_one(path, "show-and-tell.pb", tmp_path / "out.pb")


@pytest.mark.parametrize("name", ["..\\..\\evil.jpg", "../evil.jpg", "/evil.jpg", "C:\\evil.jpg"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_member_outside_its_folder_is_refused_on_every_system(
    name: str, kind: str, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    if kind == "tar":
        with tarfile.open(source / "photos.tar", "w") as archive:
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    else:
        with zipfile.ZipFile(source / "photos.zip", "w") as packed:
            packed.writestr(name, b"")
    with pytest.raises(DataError, match="outside its own folder"):
        fetch.prepare_flickr8k(tmp_path / "out", source)
    assert not list(tmp_path.rglob("evil*"))


def test_a_member_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "source" / "photos.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jpg", os.urandom(5000) + bytes(5000))
    data = bytearray(path.read_bytes())
    data[100:200] = b"\xff" * 100
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"photos\.zip: damaged"):
        fetch.prepare_flickr8k(tmp_path / "out", path.parent)


def test_a_zip_that_points_to_before_its_beginning_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("show-and-tell.pb", b"a graph")
    data = bytearray(path.read_bytes())
    # Its end says that the list of members is longer, and begins later, than the file.
    end = data.rindex(b"PK\5\6")
    data[end + 16 : end + 20] = (10_000).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(DownloadError, match=r"model\.zip: damaged"):
        unpack_one(path, "show-and-tell.pb", tmp_path / "out.pb")


# Tables.


@pytest.mark.parametrize("name", ["=HYPERLINK(1).jpg", "@SUM", "-2+3", "+1", "\tx", "\rx"])
def test_a_table_holds_no_formulas(name: str) -> None:
    caption = Caption(f"{name} cat", (0, 1), -1.0, -1.0, True, ((name, -1.0),))
    bad = PhotoCaptions(name, name, [], PhotoError("=1+1: no photo"))
    text = galleries.table([PhotoCaptions(name, name, [caption]), bad])
    first, second = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert first[:2] == [f"'{name}", f"'{name} cat"]
    assert float(first[2]) == pytest.approx(np.exp(-1), rel=1e-5)
    assert second == [f"'{name}", "", "", "'=1+1: no photo"]


def test_the_help_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["caption", "--help"])
    assert "apostrophe" in capsys.readouterr().out


# What is shown.

EVIL = "a\x1b[2J\nshowtell: fine\r\x9b1m\u202egpj.\u2028\x07"


def test_control_characters_are_shown_as_escapes() -> None:
    shown = printable(EVIL)
    assert shown.isprintable()
    assert shown == r"a\x1b[2J\nshowtell: fine\r\x9b1m\u202egpj.\u2028\x07"
    assert printable("café 猫 👩\u200d🚀") == "café 猫 👩\u200d🚀"


@pytest.mark.parametrize("kind", [PhotoError, ModelError, DataError, DownloadError])
def test_no_error_clears_a_screen_or_forges_a_line(kind: type[ShowTellError]) -> None:
    error = kind(f"{EVIL}: no such file")
    assert str(error) == f"{printable(EVIL)}: no such file"
    assert "\\n" in str(error)


def test_a_servers_words_are_shown_as_escapes(server: Server, tmp_path: Path) -> None:
    server.faults = {"x.bin": [Fault(403, reason="No\x1b[2J\x07way")]}
    with pytest.raises(DownloadError) as caught:
        fetch_file(RemoteFile("x.bin", f"{server.url}x.bin"), tmp_path)
    assert r"403 No\x1b[2J\x07way" in str(caught.value)


def test_a_vocabularys_words_are_shown_as_escapes(tmp_path: Path) -> None:
    path = tmp_path / "word_counts.txt"
    path.write_text("<S> 1\n</S> 1\nc\x1b[2J\u202eat 1\n", encoding="utf-8")
    vocabulary = read_vocabulary(path)
    assert vocabulary.word(2) == r"c\x1b[2J\u202eat"
    assert vocabulary.token_id(vocabulary.word(2)) == 2


def test_names_and_words_that_the_command_line_prints(capsys: pytest.CaptureFixture[str]) -> None:
    print_captions(EVIL, [{"text": EVIL, "probability": 0.5, "score": -1.0, "finished": True}])
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 2
    assert all(line.isprintable() for line in out.splitlines())
    print_json({"photo": EVIL})
    out = capsys.readouterr().out
    assert json.loads(out) == {"photo": EVIL}
    assert all(line.isprintable() for line in out.split("\n"))


def test_where_a_model_came_from_is_printed_on_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHOWTELL_HOME", str(tmp_path))
    folder = write_model(tmp_path / "models" / "2m")
    record = {"source": EVIL, "date": EVIL, "files": find_model("2m").hashes}
    (folder / store.ORIGIN_FILE).write_text(json.dumps(record))
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert printable(EVIL) in out
    assert all(line.isprintable() for line in out.split("\n"))


# Passwords.


def test_a_password_is_in_no_error() -> None:
    error = DownloadError("https://anna:se%20cret@example.org/x@y.jpg: no; s3://key:se/x is fine")
    assert str(error) == "https://example.org/x@y.jpg: no; s3://key:se/x is fine"
    assert "se%20cret" not in repr(error)


def test_a_password_is_in_no_output_of_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], server: Server
) -> None:
    address = server.url.replace("://", "://anna:secret@") + "none.jpg"
    table = tmp_path / "captions.csv"
    assert main(["caption", address, "--json", "--csv", str(table)]) == 2
    printed = capsys.readouterr()
    assert "none.jpg" in printed.out
    for text in (printed.out, printed.err, table.read_text()):
        assert "secret" not in text
        assert "anna" not in text


# Unfinished files.


@links
def test_a_link_where_an_unfinished_file_might_lie_is_not_followed(tmp_path: Path) -> None:
    victim, out = tmp_path / "victim", tmp_path / "out.json"
    victim.write_text("precious")
    (tmp_path / "out.json.part").symlink_to(victim)
    names = set()
    for _ in range(3):
        with written(out) as part:
            assert part.is_file()
            names.add(part.name)
            part.write_text("new")
    assert len(names) == 3
    assert victim.read_text() == "precious"
    assert out.read_text() == "new"


def test_a_name_that_is_as_long_as_a_system_allows_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    with written(path) as part:
        part.write_text("here")
    assert [found.name for found in tmp_path.iterdir()] == ["x" * 255]


def test_a_file_that_is_written_is_no_program(tmp_path: Path) -> None:
    with written(tmp_path / "written") as part:
        part.write_text("here")
    (tmp_path / "plain").write_text("here")
    with open_to_append(tmp_path / "appended") as file:
        file.write(b"here")
    assert len({found.stat().st_mode for found in tmp_path.iterdir()}) == 1


@links
@pytest.mark.parametrize("make", ["symlink_to", "hardlink_to"])
def test_a_download_does_not_go_on_in_somebodys_file(
    make: str, server: Server, tmp_path: Path
) -> None:
    victim, folder = tmp_path / "victim", tmp_path / "downloads"
    victim.write_bytes(b"prec")
    folder.mkdir()
    getattr(folder / "x.bin.part", make)(victim)
    server.files = {"x.bin": b"0123456789"}
    path = fetch_file(RemoteFile("x.bin", f"{server.url}x.bin"), folder)
    assert path.read_bytes() == b"0123456789"
    assert victim.read_bytes() == b"prec"
    assert server.asked == [("x.bin", 0)]


@links
def test_a_file_to_go_on_with_is_never_opened_through_a_link(tmp_path: Path) -> None:
    victim, part = tmp_path / "victim", tmp_path / "x.part"
    victim.write_bytes(b"precious")
    part.symlink_to(victim)
    with pytest.raises(FileExistsError), open_to_append(part):
        pass
    assert victim.read_bytes() == b"precious"


@links
def test_gdown_gets_a_folder_in_which_nobody_else_can_put_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gdown

    def download(url: str, output: str, resume: bool) -> None:
        assert Path(output).parent.stat().st_mode & 0o077 == 0
        Path(output).write_bytes(b"a model")

    monkeypatch.setattr(gdown, "download", download)
    remote = RemoteFile("x.zip", f"{transfer.DRIVE}uc?id=1")
    assert fetch_file(remote, tmp_path).read_bytes() == b"a model"
    (tmp_path / "x.zip").unlink()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "x.zip.drive").rmdir()
    (tmp_path / "x.zip.drive").symlink_to(elsewhere)
    with pytest.raises(DownloadError, match="others can write there"):
        fetch_file(remote, tmp_path)
    assert not list(elsewhere.iterdir())


def test_the_record_of_a_download_holds_no_password() -> None:
    from showtell_lib.pretrained.downloads import _Supply

    supply = _Supply(Path(), None, "https://anna:secret@example.org/2m.zip")
    assert supply.origin == "https://example.org/2m.zip"
