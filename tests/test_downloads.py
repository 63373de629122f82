"""Getting models by name: from a mirror that misbehaves, from local copies, into a cache."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import showtell_lib as st
from showtell_lib import store, transfer
from showtell_lib.captioner import load
from showtell_lib.cli import main
from showtell_lib.errors import DownloadError, ModelError, ShowTellError
from showtell_lib.pretrained import downloads, verification
from showtell_lib.store import published
from showtell_lib.store.published import PublishedCaption, Registered, Source
from showtell_lib.trace import Caption
from tests.test_transfer import blob_sha1
from tests.tiny_checkpoint import convert_tiny_ones, tiny_checkpoint
from tests.tiny_graph import tiny_graph, tiny_weights, write_model
from tests.web_server import PAGE, Fault, Server

ZIP, GRAPH, WORDS = published.GRAPH_ZIP, store.GRAPH_FILE, store.VOCABULARY_FILE


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model's folder, with a photo."""
    folder = write_model(tmp_path_factory.mktemp("tiny"))
    st.sample_photo("chelsea").as_image().save(folder / "photo.jpg")
    return folder


@pytest.fixture(scope="module")
def tiny_captions(tiny: Path) -> list[Caption]:
    """What the tiny model says of that photo."""
    return load(tiny).caption(tiny / "photo.jpg", beam_width=3)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOWTELL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(transfer, "FIRST_PAUSE", 0.01)
    return tmp_path / "home"


@pytest.fixture
def mirror(
    tiny: Path,
    tiny_captions: list[Caption],
    server: Server,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Server:
    """A mirror that has a tiny model in place of `2m`, with the captions it gives."""
    photo, words = (tiny / "photo.jpg").read_bytes(), (tiny / WORDS).read_bytes()
    server.files = {
        ZIP: zipped({f"model/{GRAPH}": (tiny / GRAPH).read_bytes(), "__MACOSX/x": b""}),
        WORDS: words,
        published.PHOTO.name: photo,
    }
    known = published.MODELS["2m"]
    monkeypatch.setitem(
        published.MODELS,
        "2m",
        dataclasses.replace(
            known,
            vocabulary=Source(WORDS, "http://127.0.0.1:9/", blob_sha1(words)),
            captions=tuple(PublishedCaption(c.text, c.probability * 1.01) for c in tiny_captions),
        ),
    )
    monkeypatch.setattr(
        published, "PHOTO", dataclasses.replace(published.PHOTO, blob_sha1=blob_sha1(photo))
    )
    return server


def files_in(folder: Path) -> set[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in paths if path.suffix != ".lock"}


HERE = {f"models/2m/{name}" for name in (GRAPH, WORDS, store.ORIGIN_FILE)}


def only_line(capsys: pytest.CaptureFixture[str]) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_what_is_registered_is_what_was_published(shared: Path) -> None:
    folder = shared / "full_size"
    two, one = published.MODELS["2m"], published.MODELS["1m"]
    hashes = {source.name: source.blob_sha1 for source in one.graph}
    for path, expected in {
        "word_counts.txt": two.vocabulary and two.vocabulary.blob_sha1,
        "word_counts_1m.txt": one.vocabulary and one.vocabulary.blob_sha1,
        "model.ckpt-1000000.index": hashes["model.ckpt-1000000.index"],
        "photos/trading_floor.jpg": published.PHOTO.blob_sha1,
    }.items():
        assert transfer.git_blob_sha1(folder / path) == expected, path


def test_before_it_is_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match=r"not here yet: run `showtell download 2m` \(about 149"):
        load("2m")
    assert main(["caption", "--sample", "chelsea", "--model", "1m"]) == 2
    assert "showtell download 1m" in only_line(capsys)
    assert main(["models"]) == 0
    assert "not here yet: showtell download 2m" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["mini", "3m"])
def test_nothing_to_download_by_that_name(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", name]) == 2
    assert "2m, 1m" in only_line(capsys)


def test_as_a_newcomer_does_it(
    mirror: Server, home: Path, tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", "2m", "--url", mirror.url]) == 0
    printed = capsys.readouterr().out
    assert "2m is here now" in printed
    assert "not verified" in printed
    assert "next: showtell verify 2m" in printed
    assert files_in(home) == HERE
    assert main(["verify", "2m", "--url", mirror.url]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2m: verified"
    assert main(["models"]) == 0
    assert f"from {mirror.url}; verified 20" in capsys.readouterr().out
    assert main(["caption", str(tiny / "photo.jpg"), "--model", "2m", "--json"]) == 0
    model = json.loads(capsys.readouterr().out)["model"]
    assert model["origin"].startswith("downloaded 20")
    assert model["verification"].startswith("verified 20")
    assert f"{model['origin']}, {model['verification']}, sha256 {model['sha256'][:12]}" in repr(
        load("2m")
    )


def test_it_is_fetched_once(mirror: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "2m", "--url", mirror.url]) == 0
    asked = list(mirror.asked)
    assert main(["download", "2m", "--url", mirror.url]) == 0
    assert "was here already" in capsys.readouterr().out
    assert mirror.asked == asked
    assert main(["download", "2m", "--url", mirror.url, "--force"]) == 0
    assert len(mirror.asked) == 2 * len(asked)


def test_the_address_of_the_zip_alone(
    mirror: Server, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = published.MODELS["2m"]
    words = Source(WORDS, mirror.url + WORDS, blob_sha1((tiny / WORDS).read_bytes()))
    monkeypatch.setitem(published.MODELS, "2m", dataclasses.replace(known, vocabulary=words))
    files = st.download("2m", url=mirror.url + ZIP)
    assert files.graph.read_bytes() == (tiny / GRAPH).read_bytes()


@pytest.mark.parametrize("copy", ["zip", "graph", "zip folder", "graph folder"])
def test_a_copy_that_came_another_way(
    copy: str, mirror: Server, tiny: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "usb stick"
    folder.mkdir()
    (folder / WORDS).write_bytes(mirror.files[WORDS])
    if copy.startswith("zip"):
        (folder / ZIP).write_bytes(mirror.files[ZIP])
    else:
        shutil.copy(tiny / GRAPH, folder)
    name = {"zip": ZIP, "graph": GRAPH}.get(copy, ".")
    before = files_in(folder)
    files = st.download("2m", from_file=folder / name)
    assert files.graph.read_bytes() == (tiny / GRAPH).read_bytes()
    assert str(folder) in files.provenance.origin
    assert mirror.asked == []
    assert files_in(folder) == before


def test_a_copy_without_its_vocabulary_fetches_that(
    mirror: Server, tmp_path: Path, tiny: Path
) -> None:
    shutil.copy(tiny / GRAPH, tmp_path / "mine.pb")
    st.download("2m", from_file=tmp_path / "mine.pb", url=mirror.url)
    assert mirror.names_asked == [WORDS]


def test_a_copy_that_is_not_there(mirror: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["download", "2m", "--from-file", "/nowhere/x.zip"]) == 2
    assert "/nowhere/x.zip: no such file" in only_line(capsys)


def bomb() -> bytes:
    return zipped({GRAPH: bytes(50_000_000)})


def lying_bomb() -> bytes:
    """It claims to unpack to ten bytes."""
    data = bytearray(bomb())
    for signature, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = data.index(signature) + at
        data[start : start + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def flipped() -> bytes:
    data = bytearray(zipped({GRAPH: tiny_graph().SerializeToString()}, zipfile.ZIP_STORED))
    data[200] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (lambda: PAGE, "a web page came instead"),
        (lambda: b"PK\x03\x04 not really", "not a zip, or one that was cut short"),
        (lambda: zipped({f"../{GRAPH}": b"x"}), "outside its own folder"),
        (lambda: zipped({f"..\\..\\{GRAPH}": b"x"}), "outside its own folder"),
        (lambda: zipped({f"/etc/{GRAPH}": b"x"}), "outside its own folder"),
        (lambda: zipped({"readme.txt": b"x"}), f"it holds no {GRAPH}"),
        (lambda: zipped({f"a/{GRAPH}": b"x", f"b/{GRAPH}": b"y"}), f"it holds 2 {GRAPH}"),
        (bomb, "far too large"),
        (lying_bomb, "damaged|far too large"),
        (flipped, "damaged or cut short"),
        (lambda: zipped({GRAPH: b"not a graph"}), "not a frozen TensorFlow graph"),
        (lambda: zipped({GRAPH: b""}), "not a frozen TensorFlow graph"),
    ],
)
def test_what_is_not_the_model_is_never_taken_for_it(
    body: Callable[[], bytes],
    message: str,
    mirror: Server,
    home: Path,
    tiny: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing of the bad file is left, the good file stays, and the next attempt works."""
    monkeypatch.setattr(downloads.unpack_one, "__defaults__", (10_000_000,))
    st.download("2m", url=mirror.url)
    mirror.faults = {ZIP: [Fault(body=body())]}
    with pytest.raises(ShowTellError, match=message) as raised:
        st.download("2m", url=mirror.url, force=True)
    assert "\n" not in str(raised.value)
    # The vocabulary that came before it is good, and is kept for the next attempt.
    assert files_in(home) - {f"downloads/2m/{WORDS}"} == HERE
    assert load("2m").files.graph.read_bytes() == (tiny / GRAPH).read_bytes()
    st.download("2m", url=mirror.url, force=True)
    assert files_in(home) == HERE


def test_a_hostile_graph_is_refused(mirror: Server, home: Path) -> None:
    graph = tiny_graph()
    graph.node.add(name="innocent", op="WriteFile")
    mirror.files[ZIP] = zipped({GRAPH: graph.SerializeToString()})
    with pytest.raises(ModelError, match="'innocent' has the operation 'WriteFile'"):
        st.download("2m", url=mirror.url)
    assert not store.is_here("2m")


def test_a_vocabulary_that_is_another_one(mirror: Server, home: Path) -> None:
    mirror.files[WORDS] = mirror.files[WORDS].replace(b"cat", b"cow")
    with pytest.raises(DownloadError, match=r"word_counts\.txt.*not the published one"):
        st.download("2m", url=mirror.url)
    assert not store.is_here("2m")


def test_a_share_link_goes_through_gdown(
    mirror: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What gdown is asked for, and what becomes of its answers."""
    import gdown

    words = dataclasses.replace(published.MODELS["2m"].vocabulary, url=mirror.url + WORDS)  # type: ignore[type-var]
    known = dataclasses.replace(published.MODELS["2m"], vocabulary=words)
    monkeypatch.setitem(published.MODELS, "2m", known)
    answers: list[Any] = [RuntimeError("Too many users have\nviewed"), PAGE, mirror.files[ZIP]]
    asked = []

    def answer(url: str, output: str, **_: Any) -> None:
        asked.append(url)
        body = answers.pop(0)
        if isinstance(body, Exception):
            raise body
        Path(output).write_bytes(body)

    monkeypatch.setattr(gdown, "download", answer)
    with pytest.raises(DownloadError, match=r"Too many users have viewed.*--from-file.*browser"):
        st.download("2m")
    with pytest.raises(DownloadError, match="web page"):
        st.download("2m")
    st.download("2m")
    assert asked == [f"https://drive.google.com/uc?id={published.DRIVE_ID}"] * 3
    assert files_in(home) == HERE


def test_a_swap_that_was_cut_off(
    mirror: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.download("2m", url=mirror.url)
    folder = home / "models" / "2m"
    folder.rename(folder.with_name("2m.old"))
    asked = len(mirror.asked)
    assert st.download("2m", url=mirror.url).graph.is_file()
    assert len(mirror.asked) == asked


def in_child(mirror: Server) -> subprocess.Popen[bytes]:
    arguments = [mirror.url, blob_sha1(mirror.files[WORDS])]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.download_child", *arguments],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_killed_and_started_again(mirror: Server, home: Path) -> None:
    mirror.faults = {ZIP: [Fault(drip=0.02)]}
    process = in_child(mirror)
    deadline = time.monotonic() + 60
    while ZIP not in mirror.names_asked and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not store.is_here("2m")
    assert st.download("2m", url=mirror.url).graph.is_file()
    assert files_in(home) == HERE


def test_two_processes_at_once(mirror: Server, home: Path) -> None:
    processes = [in_child(mirror) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    assert sorted(mirror.names_asked) == sorted([ZIP, WORDS])
    assert files_in(home) == HERE


def test_other_captions_are_not_verified(
    mirror: Server, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = published.MODELS["2m"]
    first, *rest = known.captions
    other = (PublishedCaption("a dog", first.probability), *rest)
    st.download("2m", url=mirror.url)
    for captions in (
        other,
        (PublishedCaption(first.text, first.probability * 1.1), *rest),
        other[:2],
    ):
        monkeypatch.setitem(published.MODELS, "2m", dataclasses.replace(known, captions=captions))
        assert main(["verify", "2m", "--url", mirror.url]) == 1
        printed = capsys.readouterr()
        assert "DIFFERS" in printed.out
        assert "expected:" in printed.out
        assert printed.err == "showtell: 2m is not the published model\n"
        assert files_in(home) - {f"photos/{published.PHOTO.name}"} == HERE


@pytest.mark.parametrize("verified", [False, True])
def test_a_model_that_changed_is_not_loaded(
    verified: bool, mirror: Server, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = st.download("2m", url=mirror.url)
    if verified:
        assert st.verify("2m", url=mirror.url).ok
    text = files.vocabulary.read_text().replace("cat", "cow")
    files.vocabulary.write_text(text)
    with pytest.raises(ModelError, match="its files have changed since: run `showtell download 2m"):
        load("2m")
    assert main(["verify", "2m", "--url", mirror.url]) == 1
    assert "DIFFERS files: changed" in capsys.readouterr().out


def test_the_bundled_model_is_the_one_in_its_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "mini"]) == 0
    assert "mini: verified" in capsys.readouterr().out
    assert "bundled with showtell_lib, the one in its model card" in repr(load())


def test_ones_own_model_has_nothing_to_be_compared_with(tiny: Path) -> None:
    with pytest.raises(ModelError, match="is your own model"):
        verification.verify(str(tiny))
    assert "your own files, not verified" in repr(load(tiny))


def test_a_checkpoint_in_parts(
    mirror: Server,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`1m`, but tiny: three parts and an index in, a verified model out."""
    convert_tiny_ones(monkeypatch)
    prefix = tiny_checkpoint(tmp_path / "model.ckpt-7")
    whole = prefix.with_name(f"{prefix.name}.data-00000-of-00001").read_bytes()
    known = published.MODELS["1m"]
    third = len(whole) // 3 + 1
    names = [source.name for source in known.graph]
    mirror.files |= {name: whole[i * third : (i + 1) * third] for i, name in enumerate(names[:3])}
    mirror.files[names[3]] = prefix.with_name(f"{prefix.name}.index").read_bytes()
    mirror.faults = {names[1]: [Fault(cut=0.5)]}

    def pinned(source: Source) -> Source:
        return dataclasses.replace(source, blob_sha1=blob_sha1(mirror.files[source.name]))

    model = Registered(
        "1m", "", 1, tuple(map(pinned, known.graph)), pinned(Source(WORDS, "http://127.0.0.1:9/"))
    )
    monkeypatch.setitem(published.MODELS, "1m", model)
    assert main(["download", "1m", "--url", mirror.url]) == 0
    assert files_in(home) == {name.replace("2m", "1m") for name in HERE}
    weights = load("1m").numpy_decoder.weights
    for name, value in weights.items():
        np.testing.assert_array_equal(value, tiny_weights()[name], err_msg=name)
    # Its random weights say <UNK>, which a trained model's first caption does not.
    assert main(["verify", "1m", "--url", mirror.url]) == 1
    printed = capsys.readouterr().out
    assert "ok      files: the same" in printed
    assert "DIFFERS caption 0: " in printed
    assert "expected: a finished sentence of known words" in printed


def test_where_no_captions_are_published_sentences_will_do(
    mirror: Server, tiny_captions: list[Caption], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = published.MODELS["2m"]
    monkeypatch.setitem(published.MODELS, "2m", dataclasses.replace(known, captions=()))
    st.download("2m", url=mirror.url)
    expected = [c.finished and c.text != "" and "<UNK>" not in c.text for c in tiny_captions]
    result = st.verify("2m", url=mirror.url)
    assert [check.ok for check in result.checks] == [True, *expected]
