"""Many photos to Parquet: each of them once, however often the run is killed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from showtell_lib import batch
from showtell_lib.captioner import load
from showtell_lib.cli import main
from showtell_lib.errors import BatchError, PhotoError, SettingsError
from showtell_lib.photos import open_photo, sample_photo
from showtell_lib.scenes import Scene
from showtell_lib.search import BeamSettings
from showtell_lib.store import find_model
from tests.interrupted import kill_half_way

pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'showtell_lib[scale]'")
import pyarrow
from pyarrow import parquet

from showtell_lib.batch.shards import LIST, Manifest, Shard, cut, plan
from showtell_lib.batch.storage import Storage, StoredPhoto
from showtell_lib.batch.worker import ShardWorker

needs_ray = pytest.mark.skipif(
    not batch.is_ray_installed(), reason="needs Ray: pip install 'showtell_lib[scale]'"
)
PHOTOS, SHARD_SIZE = 60, 6
BROKEN = {"07.png": b"", "31.png": b"no photo", "more/58.png": b"\x89PNG\r\n\x1a\n"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty photos, some in a folder of their own, three of them broken, and a text file."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "more").mkdir()
    for seed in range(PHOTOS):
        name = f"more/{seed}.png" if seed >= 50 else f"{seed:02}.png"
        Scene.random(seed).draw(64).save(folder / name)
    for name, data in BROKEN.items():
        (folder / name).write_bytes(data)
    (folder / "notes.txt").write_text("no photo, and not called one")
    return folder


@pytest.fixture(scope="module")
def ray_started() -> Iterator[None]:
    """A small Ray that several runs use, as in a notebook; meanwhile none can join a cluster."""
    with batch.ray_session(None):
        yield


def rows_of(out: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(out).to_pylist()
    return rows


def finished(out: Path) -> dict[str, int]:
    """The files of finished shards, and when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in out.glob("shard-*.parquet")}


@dataclass(frozen=True)
class Killed:
    """A run that was killed in a process of its own, and the shards that it left."""

    photos: Path
    out: Path
    left: Mapping[str, int]

    def run_again(self, out: Path | str) -> batch.Summary:
        """Runs it in this process, with the same settings."""
        return batch.caption_to_parquet(
            self.photos, out, shard_size=SHARD_SIZE, workers=1, beam_width=1, progress=False
        )


@pytest.fixture(scope="module")
def killed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Killed:
    work = tmp_path_factory.mktemp("killed")
    photos, out = Path(shutil.copytree(folder, work / "photos")), work / "out"
    command = [sys.executable, "-m", "showtell_lib", "batch", str(photos), str(out)]
    command += ["--shard-size", str(SHARD_SIZE), "--workers", "1", "--beam-width", "1"]
    run = subprocess.Popen(command)
    return Killed(photos, out, kill_half_way(run, lambda: finished(out), 3, PHOTOS / SHARD_SIZE))


@dataclass(frozen=True)
class Resumed:
    """What the run after it did, and all rows that then were there."""

    summary: batch.Summary
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def resumed(killed: Killed, ray_started: None) -> Resumed:
    return Resumed(killed.run_again(killed.out), rows_of(killed.out))


@needs_ray
@pytest.mark.parametrize("host", ["nosuch.invalid", "127.0.0.1"])
def test_a_cluster_that_is_not_there_is_said_in_a_line(
    host: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as bound:  # It is bound but does not listen, so nobody else can.
        bound.bind(("127.0.0.1", 0))
        address = f"{host}:{bound.getsockname()[1]}"
        assert main(["batch", str(folder), str(tmp_path / "out"), "--address", address]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"the cluster at {address} cannot be joined" in line
    assert "`ray start`" in line


@needs_ray
def test_killed_and_resumed_every_photo_is_there_once(
    folder: Path, killed: Killed, resumed: Resumed
) -> None:
    assert killed.left.items() <= finished(killed.out).items(), "a finished shard was done again"
    summary, rows = resumed.summary, resumed.rows
    # A worker may end the shard that it has begun before it learns that nobody waits for it.
    assert SHARD_SIZE * len(killed.left) <= summary.done_before < PHOTOS
    assert summary.photos == PHOTOS - summary.done_before
    names = [p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*.png"))]
    assert sorted(row["path"] for row in rows) == sorted(names)
    assert {row["path"] for row in rows if row["error"]} == set(BROKEN)
    assert {row["model_sha256"] for row in rows} == {find_model("mini").sha256}
    assert not list(killed.out.glob("*.part"))
    check_captions(folder, rows)


def check_captions(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Each row is what the library says of its photo, or why it cannot be opened."""
    captioner = load()
    good = [row for row in rows if not row["error"]]
    expected = captioner.caption_batch([folder / row["path"] for row in good], beam_width=1)
    for row, captions in zip(good, expected, strict=True):
        assert row["captions"] == [caption.text for caption in captions]
        assert row["log_probs"] == pytest.approx([c.log_prob for c in captions], abs=1e-3)
    for row in (row for row in rows if row["error"]):
        assert row["captions"] == row["log_probs"] == []
        with pytest.raises(PhotoError) as error:
            open_photo(folder / row["path"])
        assert str(error.value).partition(": ")[2] == row["error"].partition(": ")[2]


@needs_ray
def test_added_photos_are_done_by_another_run_and_nothing_else_is(
    killed: Killed, resumed: Resumed
) -> None:
    before = finished(killed.out)
    (killed.photos / "0.png").write_text("broken, and the first by its name")
    for new, done in ((1, PHOTOS), (0, PHOTOS + 1)):
        summary = killed.run_again(f"file://{killed.out}")
        assert (summary.photos, summary.bad, summary.done_before) == (new, new, done)
    assert before.items() <= finished(killed.out).items(), "a finished shard was done again"
    *known, added = rows_of(killed.out)
    assert known == resumed.rows
    assert added["path"] == "0.png"


@needs_ray
@pytest.mark.usefixtures("ray_started")
def test_what_stops_a_worker_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    (photos / "a.jpg").write_text("no photo")
    out.mkdir()
    (out / "shard-000000.parquet").mkdir()
    assert main(["batch", str(photos), str(out), "--workers", "1"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be written" in line


def manifest(folder: Path, **changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "photos": str(folder),
        "model_sha256": "a1",
        "settings": BeamSettings(),
        "shard_size": SHARD_SIZE,
    }
    return Manifest(**(values | changes))


def test_the_same_shards_are_cut_again_whatever_was_finished(folder: Path, tmp_path: Path) -> None:
    out = Storage.at(tmp_path / "out")
    done, todo = plan(out, manifest(folder))
    assert done == []
    assert [len(shard.paths) for shard in todo] == [6] * 10
    out.write(todo[4].file, b"")
    done, left = plan(out, manifest(folder))
    assert done == [todo[4]]
    assert left == todo[:4] + todo[5:]


def test_shards_have_every_photo_once() -> None:
    paths = [str(number) for number in range(11)]
    assert cut(paths, 4, first=2) == [
        Shard(2, paths[:4]),
        Shard(3, paths[4:8]),
        Shard(4, paths[8:]),
    ]


def test_a_kill_before_the_list_was_written_does_no_harm(folder: Path, tmp_path: Path) -> None:
    out = Storage.at(tmp_path)
    _, todo = plan(out, manifest(folder))
    (tmp_path / LIST).unlink()
    assert plan(out, manifest(folder)) == ([], todo)


@pytest.mark.parametrize(
    "changes",
    [{"model_sha256": "b2"}, {"settings": BeamSettings(1)}, {"shard_size": 7}, {"photos": "x"}],
)
def test_another_run_is_refused(folder: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    plan(Storage.at(tmp_path), manifest(folder))
    (name,) = changes
    with pytest.raises(
        BatchError, match=f"started with different settings \\({name} was .+, is .+name a new"
    ):
        plan(Storage.at(tmp_path), manifest(folder, **changes))


@needs_ray
def test_another_model_is_refused_before_ray_is_started(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    mini = find_model("mini")
    plan(Storage.at(out), manifest(folder, model_sha256=mini.sha256))
    shutil.copytree(mini.graph.parent, other)
    words = (other / "word_counts.txt").read_text(encoding="utf-8")
    (other / "word_counts.txt").write_text(words.replace("dog ", "hound "), encoding="utf-8")
    assert main(["batch", str(folder), str(out), "--model", str(other)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"model_sha256 was {mini.sha256}, is " in line


def test_a_folder_with_other_files_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(BatchError, match="holds other files"):
        plan(Storage.at(tmp_path), manifest(folder))


def test_no_photos_and_no_storage_are_told(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="no photos in this folder"):
        Storage.at(tmp_path / "nowhere").photos()
    with pytest.raises(BatchError, match="ftp://x/y: cannot be reached"):
        Storage.at("ftp://x/y").photos()


@pytest.mark.parametrize("place", ["mock://bucket/folder", "file://{}"])
def test_a_storage_is_written_and_read(place: str, tmp_path: Path) -> None:
    storage = Storage.at(place.format(tmp_path))
    if place.startswith("mock"):
        filesystem, bucket = storage._found
        filesystem.create_dir(bucket)
    sample_photo("coffee").as_image().save(tmp_path / "coffee.png")
    data = (tmp_path / "coffee.png").read_bytes()
    storage.write("coffee.png", data)
    storage.write("coffee.png", data)
    assert storage.names() == storage.photos() == ["coffee.png"]
    photo = open_photo(StoredPhoto(storage, "coffee.png"))
    assert (photo.pixels == sample_photo("coffee").pixels).all()


def test_a_mistyped_folder_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(BatchError, match="no photos in this folder"):
        plan(Storage.at(out), manifest(tmp_path / "flder"))
    assert not out.exists()
    done, todo = plan(Storage.at(out), manifest(folder))
    assert not done
    assert sum(len(shard.paths) for shard in todo) == PHOTOS


def its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker sets for its process, so that it is forgotten after a test."""
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_FORCE_GPU_ALLOW_GROWTH"):
        monkeypatch.setenv(name, "1")


def test_workers_share_cores_and_the_memory_of_a_gpu(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TensorFlow takes all of both unless told otherwise, and reads this when it is imported."""
    code = "import sys, showtell_lib.batch; sys.exit('tensorflow' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    its_own_process(monkeypatch)
    ShardWorker(manifest(folder), str(tmp_path), "mini", threads=3)
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "3"
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_names_need_not_be_unicode(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    its_own_process(monkeypatch)
    photos, out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")), tmp_path / "out"
    try:
        photos.mkdir()
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    shutil.copy(folder / "00.png", photos / os.fsdecode(b"caf\xe9.png"))
    (photos / os.fsdecode(b"bad\xe9.png")).write_bytes(b"")
    mini = find_model("mini")
    settings = BeamSettings(beam_width=1, max_length=6)
    run = manifest(photos, model_sha256=mini.sha256, settings=settings)
    _, (shard,) = plan(Storage.at(out), run)
    assert plan(Storage.at(out), run) == ([], [shard])

    rows = pyarrow.table({name: [value] for name, value in shard.as_row().items()}).to_pylist()
    done = ShardWorker(run, str(out), "mini", threads=1)(rows[0])
    assert done == {"photos": 2, "bad": 1, "error": ""}
    bad, good = rows_of(out)
    assert (bad["path"], good["path"]) == (r"bad\udce9.png", r"caf\udce9.png")
    assert r"bad\udce9.png" in bad["error"]
    assert good["captions"]


def test_a_missing_photo_is_bad_but_a_failing_storage_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = StoredPhoto(Storage.at(tmp_path), "gone.png")
    with pytest.raises(PhotoError, match=r"gone\.png"):
        open_photo(photo)

    def unreachable(self: Storage, name: str) -> bytes:
        raise OSError("connection reset")

    monkeypatch.setattr(Storage, "read", unreachable)
    with pytest.raises(BatchError, match=r"cannot read gone\.png \(connection reset\)"):
        open_photo(photo)


def test_what_killed_writers_left_is_tidied(tmp_path: Path) -> None:
    for name in ("_1a.part", "shard-000000.parquet", "_manifest.json"):
        (tmp_path / name).write_bytes(b"")
    Storage.at(tmp_path).tidy()
    assert {path.name for path in tmp_path.iterdir()} == {"shard-000000.parquet", "_manifest.json"}


def test_without_ray_it_says_how_to_get_it_and_offers_the_streaming_path(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "showtell_lib.batch.quiet_ray.find_spec",
        lambda name: None if name == "ray" else find_spec(name),
    )
    assert main(["batch", "photos", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "pip install 'showtell_lib[scale]'" in line
    assert "showtell caption photos --json" in line
    assert not (tmp_path / "out").exists()


@needs_ray
@pytest.mark.parametrize("option", [{"workers": 0}, {"shard_size": 0}, {"beam_width": 0}])
def test_wrong_settings_are_told_before_anything_is_done(
    folder: Path, tmp_path: Path, option: dict[str, int]
) -> None:
    with pytest.raises(SettingsError):
        batch.caption_to_parquet(folder, tmp_path / "out", **option)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


BUSY = Exception("The current node timed out during startup.\nMore of it.")


@needs_ray
@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([BUSY, BUSY, None], None),
        ([BUSY, BUSY, BUSY], "Ray cannot be started: The current node timed out during startup."),
        ([ValueError("no memory")], "Ray cannot be started: no memory"),
    ],
)
def test_ray_is_started_again_on_a_busy_machine(
    monkeypatch: pytest.MonkeyPatch, errors: list[Exception | None], message: str | None
) -> None:
    import ray

    left = list(errors)

    def init(*_: Any, **__: Any) -> None:
        if error := left.pop(0):
            raise error

    for name, stub in {"init": init, "shutdown": lambda: None, "is_initialized": bool}.items():
        monkeypatch.setattr(ray, name, stub)
    expected = pytest.raises(BatchError, match=message) if message else nullcontext()
    with expected, batch.ray_session(None) as session:
        assert session is ray
    assert not left
