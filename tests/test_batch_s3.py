"""`showtell batch` from a bucket into a bucket, against an S3 server on this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from showtell_lib import batch
from showtell_lib.cli import main
from showtell_lib.scenes import Scene
from tests.interrupted import kill_half_way

pytest.importorskip("moto.server", reason="needs moto: pip install 'showtell_lib[test]'")
pytest.importorskip("pyarrow", reason="needs pyarrow: pip install 'showtell_lib[scale]'")
from moto.server import ThreadedMotoServer
from pyarrow import fs, parquet

pytestmark = pytest.mark.skipif(
    not batch.is_ray_installed(), reason="needs Ray: pip install 'showtell_lib[scale]'"
)
PHOTOS, SHARD_SIZE, BROKEN = 40, 4, "17.png"
IN, OUT = "s3://album/photos", "s3://album/captions"
COMMAND = [sys.executable, "-m", "showtell_lib", "batch", IN, OUT]
COMMAND += ["--shard-size", str(SHARD_SIZE), "--workers", "1", "--beam-width", "1"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A running S3 server, whose address all clients are told in the way that users tell theirs."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "learner",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    yield
    server.stop()


@pytest.fixture
def bucket(server: None, tmp_path: Path) -> Any:
    """The file system with a bucket of photos, one of them broken."""
    files, album = fs.FileSystem.from_uri("s3://album?allow_bucket_creation=true")
    files.create_dir(album)
    for seed in range(PHOTOS):
        Scene.random(seed).draw(64).save(tmp_path / f"{seed:02}.png")
    (tmp_path / BROKEN).write_bytes(b"no photo")
    for photo in tmp_path.iterdir():
        with files.open_output_stream(f"{album}/photos/{photo.name}") as stream:
            stream.write(photo.read_bytes())
    return files


def finished(files: Any) -> dict[str, int]:
    """The finished shards, and when they were written."""
    found = files.get_file_info(fs.FileSelector("album/captions", allow_not_found=True))
    return {file.path: file.mtime_ns for file in found if "shard-" in file.path}


def test_killed_and_resumed_every_photo_is_there_once(bucket: Any) -> None:
    left = kill_half_way(
        subprocess.Popen(COMMAND), lambda: finished(bucket), 2, PHOTOS / SHARD_SIZE
    )
    run = subprocess.run(COMMAND, stdout=subprocess.PIPE, text=True)
    assert (run.returncode, run.stdout.startswith(f"{OUT}: ")) == (0, True), run.stdout
    assert left.items() <= finished(bucket).items(), "a finished shard was done again"
    rows = parquet.read_table("album/captions", filesystem=bucket).to_pylist()
    assert [row["path"] for row in rows] == [f"{seed:02}.png" for seed in range(PHOTOS)]
    assert [row["path"] for row in rows if row["error"]] == [BROKEN]
    assert all(row["captions"] for row in rows if not row["error"])


@pytest.mark.usefixtures("server")
def test_a_bucket_that_is_not_there_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", IN, "s3://nowhere/captions"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "s3://nowhere/captions" in line
    assert "bucket does not exist" in line
