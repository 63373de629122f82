"""Getting datasets: from a local copy, and from a server that misbehaves on purpose."""

from __future__ import annotations

import csv
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from showtell_lib import transfer
from showtell_lib.cli import main
from showtell_lib.errors import DataError, DownloadError
from showtell_lib.training import fetch
from showtell_lib.training.datasets import read_flickr8k
from tests.tiny_dataset import make_broader, make_dataset
from tests.web_server import PAGE, Fault, Server


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def local(tmp_path: Path) -> Path:
    return make_dataset(tmp_path / "local")


@pytest.fixture
def published(local: Path) -> dict[str, bytes]:
    """The tiny dataset in the layout of the two published archives."""
    photos = {f"Flicker8k_Dataset/{p.name}": p.read_bytes() for p in local.glob("images/*.jpg")}
    photos["__MACOSX/Flicker8k_Dataset/._red_bar.jpg"] = b"a shadow of macOS"
    with (local / "captions.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    tokens = "".join(f"{name}#{i % 5}\t{caption}\n" for i, (name, caption) in enumerate(rows))
    texts = {"Flickr8k.token.txt": tokens.encode(), "readme.txt": b"hello"}
    for split in ("train", "dev", "test"):
        texts[f"Flickr_8k.{split}Images.txt"] = (local / f"{split}.txt").read_bytes()
    return {"Flickr8k_Dataset.zip": zipped(photos), "Flickr8k_text.zip": zipped(texts)}


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_download_is_the_dataset(
    server: Server, published: dict[str, bytes], local: Path, tmp_path: Path
) -> None:
    server.files = published
    out = fetch.prepare_flickr8k(tmp_path / "here" / "flickr8k", url=server.url)
    splits = read_flickr8k(out / "images", out / "Flickr8k.token.txt", out)
    expected = read_flickr8k(local / "images", local / "captions.csv", local)
    for split in ("train", "dev", "test"):
        assert [(p.name, p.captions) for p in splits[split]] == [
            (p.name, p.captions) for p in expected[split]
        ]
        for photo, original in zip(splits[split], expected[split], strict=True):
            assert photo.path.read_bytes() == original.path.read_bytes()
    assert not [name for name in names(out) if "._" in name or "readme" in name]


def test_what_is_there_is_not_fetched_again(
    server: Server, published: dict[str, bytes], tmp_path: Path
) -> None:
    server.files = published
    server.faults = {"Flickr8k_text.zip": [Fault(403)]}
    out = tmp_path / "flickr8k"
    with pytest.raises(DownloadError, match="Flickr8k_text"):
        fetch.prepare_flickr8k(out, url=server.url)
    assert not out.exists()
    fetch.prepare_flickr8k(out, url=server.url)
    fetch.prepare_flickr8k(out, url=server.url)
    assert server.names_asked == ["Flickr8k_Dataset.zip", "Flickr8k_text.zip", "Flickr8k_text.zip"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(404), ["404", "--url"]),
        (Fault(body=PAGE), ["a web page came instead", "--url"]),
        (Fault(body=b"no zip"), ["not a zip"]),
    ],
)
def test_a_server_that_misbehaves(
    fault: Fault,
    words: list[str],
    server: Server,
    published: dict[str, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One clear line, nothing half-done, and all is well once the server is."""
    server.files = published
    server.faults = {"Flickr8k_Dataset.zip": [fault]}
    arguments = ["data", "flickr8k", "--to", str(tmp_path / "flickr8k"), "--url", server.url]
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("showtell: ")
    assert all(word in line for word in words), line
    assert not (tmp_path / "flickr8k").exists()
    assert not list(tmp_path.rglob("*.part"))
    assert main(arguments) == 0
    assert (tmp_path / "flickr8k" / "images" / "red_bar.jpg").is_file()


def test_nobody_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "FIRST_PAUSE", 0.01)
    with pytest.raises(DownloadError, match=r"cannot download it from http://127\.0\.0\.1:9"):
        fetch.prepare_flickr8k(tmp_path / "flickr8k", url="http://127.0.0.1:9/")


def test_a_local_copy(local: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "flickr8k"
    assert main(["data", "flickr8k", "--to", str(out), "--from", str(local)]) == 0
    assert names(out) == names(local)
    printed = capsys.readouterr().out
    assert "non-commercial research and education" in printed
    assert f"--captions {out}/captions.csv" in printed


def test_local_archives(local: Path, tmp_path: Path) -> None:
    source = tmp_path / "archives"
    source.mkdir()
    with tarfile.open(source / "images-1.tar", "w") as archive:
        archive.add(local / "images", "images")
    for path in [local / "captions.csv", *local.glob("*.txt")]:
        (source / path.name).write_bytes(path.read_bytes())
    out = fetch.prepare_flickr8k(tmp_path / "flickr8k", source)
    assert names(out) == names(local)


def test_the_broader_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = make_broader(tmp_path / "source")
    out = tmp_path / "broader"
    assert main(["data", "broader", "--to", str(out), "--from", str(source)]) == 0
    assert names(out) == names(source)
    assert main(["data", "broader", "--to", str(out)]) == 2
    assert "--from" in capsys.readouterr().err


def traversal(archive: Path) -> None:
    archive.write_bytes(zipped({"../../captions.csv": b"image,caption\n"}))


def absolute(archive: Path) -> None:
    archive.write_bytes(zipped({"/etc/captions.csv": b"image,caption\n"}))


def truncated(archive: Path) -> None:
    archive.write_bytes(zipped({"captions.csv": b"image,caption\n" * 99})[:-40])


def tar_traversal(archive: Path) -> None:
    with tarfile.open(archive.with_suffix(".tar"), "w") as tar:
        tar.addfile(tarfile.TarInfo("../captions.csv"))


def damaged_tar(archive: Path) -> None:
    archive.with_suffix(".tar").write_bytes(b"no tar at all" * 99)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (traversal, "outside its own folder"),
        (absolute, "outside its own folder"),
        (truncated, "damaged or cut short"),
        (tar_traversal, "outside its own folder"),
        (damaged_tar, "damaged or cut short"),
    ],
)
def test_archives_that_are_hostile_or_damaged(make: object, words: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    make(source / "data.zip")  # type: ignore[operator]
    with pytest.raises(DataError, match=words):
        fetch.prepare_flickr8k(tmp_path / "a" / "b" / "flickr8k", source)
    assert names(tmp_path) <= {"source/data.zip", "source/data.tar"}


def test_an_archive_far_too_large(local: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (local / "more.zip").write_bytes(zipped({"x.jpg": bytes(5000)}))
    monkeypatch.setattr(fetch, "MAX_BYTES", 4000)
    with pytest.raises(DataError, match="far larger than the dataset"):
        fetch.prepare_flickr8k(local.parent / "flickr8k", local)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: (f / "test.txt").unlink(), "the test split in .* names none"),
        (lambda f: (f / "images" / "red_bar.jpg").unlink(), "of the 8 photos of train.txt"),
        (lambda f: (f / "captions.csv").write_text("a,b,c\n"), "line 1: expected a photo"),
        (lambda f: (f / "captions.csv").write_bytes(b"\xff"), "not UTF-8"),
        (lambda f: (f / "captions.csv").write_text(""), "no captions"),
        (lambda f: (f / "captions.csv").write_text("image,caption\nx.jpg,a\n"), "no captions"),
    ],
)
def test_a_dataset_with_something_missing(spoil: object, words: str, local: Path) -> None:
    spoil(local)  # type: ignore[operator]
    with pytest.raises(DataError, match=words):
        fetch.prepare_flickr8k(local.parent / "flickr8k", local)
    assert not (local.parent / "flickr8k").exists()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        fetch.prepare_flickr8k(tmp_path / "flickr8k", tmp_path / "nowhere")


def test_a_folder_made_beforehand_is_filled(local: Path, tmp_path: Path) -> None:
    out = tmp_path / "flickr8k"
    out.mkdir()
    assert main(["data", "flickr8k", "--to", str(out), "--from", str(local)]) == 0
    assert "images/red_bar.jpg" in names(out)


def test_a_mistyped_copy_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "flickr8k"
    assert main(["data", "flickr8k", "--to", str(out), "--from", str(tmp_path / "locl")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{tmp_path / 'locl'}: no such folder" in line
    assert not out.parent.exists()
