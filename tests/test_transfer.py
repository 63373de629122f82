"""Fetching one file from a server that misbehaves on purpose."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from showtell_lib import transfer
from showtell_lib.errors import DownloadError
from showtell_lib.transfer import RemoteFile, fetch_file, git_blob_sha1
from tests.web_server import PAGE, Fault, Server

NAME = "model.bin"
DATA = bytes(itertools.islice(itertools.cycle(range(251)), 300_000))


def blob_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(transfer, "LONGEST_PAUSE", 1.5)


@pytest.fixture
def remote(server: Server) -> RemoteFile:
    server.files = {NAME: DATA}
    return RemoteFile(NAME, server.url + NAME, blob_sha1(DATA))


def left_over(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def test_a_git_blob_hash_is_gits(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(DATA)
    told = subprocess.run(
        ["git", "hash-object", "file"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert git_blob_sha1(tmp_path / "file") == told.stdout.strip()


def test_a_file_comes_whole_and_once(server: Server, remote: RemoteFile, tmp_path: Path) -> None:
    for _ in range(2):
        assert fetch_file(remote, tmp_path / "new").read_bytes() == DATA
    assert server.asked == [(NAME, 0)]
    assert left_over(tmp_path / "new") == {NAME}


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_connection_that_breaks_is_gone_on_with(
    share: float, server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    server.faults = {NAME: [Fault(cut=share)]}
    assert fetch_file(remote, tmp_path).read_bytes() == DATA
    assert server.asked == [(NAME, 0), (NAME, round(len(DATA) * share))]


def test_one_that_keeps_breaking_is_given_up_and_kept(
    server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    server.faults = {NAME: [Fault(cut=0.1)] * transfer.ATTEMPTS}
    with pytest.raises(DownloadError, match=r"broke off after .* is kept"):
        fetch_file(remote, tmp_path)
    assert left_over(tmp_path) == {f"{NAME}.part"}
    assert fetch_file(remote, tmp_path).read_bytes() == DATA
    # Six times a tenth of what was missing.
    assert server.asked[-1][1] == pytest.approx(len(DATA) * (1 - 0.9**6), rel=0.01)


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(500)],
        [Fault(502), Fault(503)],
        [Fault(429)],
        [Fault(promise=1.2)],
        [Fault(cut=0.5), Fault(500), Fault(cut=0.5)],
    ],
)
def test_a_passing_trouble_passes(
    faults: list[Fault], server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    server.faults = {NAME: list(faults)}
    assert fetch_file(remote, tmp_path).read_bytes() == DATA


def test_retry_after_is_waited_for(server: Server, remote: RemoteFile, tmp_path: Path) -> None:
    server.faults = {NAME: [Fault(429, (("Retry-After", "1"),))]}
    started = time.monotonic()
    fetch_file(remote, tmp_path)
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(404), ["404", "--url", "--from-file"]),
        (Fault(403), ["403"]),
        (Fault(400), ["400"]),
        (Fault(429, (("Retry-After", "7200"),)), ["429", "wait 7200 s"]),
        (Fault(body=DATA[:-1] + b"?"), ["not the published one", "wrong file"]),
        (Fault(body=DATA[:1000]), ["not the published one"]),
        (Fault(body=b""), ["not the published one"]),
        (Fault(body=PAGE), ["web page", "quota"]),
    ],
)
def test_a_lasting_trouble_is_told_in_one_line_and_leaves_nothing(
    fault: Fault, words: list[str], server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    server.faults = {NAME: [fault]}
    with pytest.raises(DownloadError) as raised:
        fetch_file(remote, tmp_path)
    message = str(raised.value)
    assert "\n" not in message
    assert all(word in message for word in [*words, NAME, "try again later"]), message
    assert left_over(tmp_path) == set()
    assert len(server.asked) == 1
    assert fetch_file(remote, tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("status", [500, 429])
def test_a_server_that_stays_down(
    status: int, server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    server.faults = {NAME: [Fault(status)] * transfer.ATTEMPTS}
    with pytest.raises(DownloadError, match=f"the server says {status}"):
        fetch_file(remote, tmp_path)
    assert len(server.asked) == transfer.ATTEMPTS


def test_a_slow_drip_is_broken_off_and_asked_again(
    server: Server, remote: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "SLOW_SECONDS", 0.2)
    server.faults = {NAME: [Fault(drip=0.01)]}
    started = time.monotonic()
    assert fetch_file(remote, tmp_path).read_bytes() == DATA
    assert time.monotonic() - started < 30
    assert server.asked[1][1] > 0


def test_a_server_that_falls_silent(
    server: Server, remote: RemoteFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "READ_SECONDS", 0.2)
    server.faults = {NAME: [Fault(drip=5)]}
    assert fetch_file(remote, tmp_path).read_bytes() == DATA


def test_redirects_in_a_circle(server: Server, remote: RemoteFile, tmp_path: Path) -> None:
    circle = Fault(302, (("Location", f"/files/{NAME}"),))
    server.faults = {NAME: [circle] * 20}
    with pytest.raises(DownloadError, match="redirects more than 5 times"):
        fetch_file(remote, tmp_path)


def test_a_redirect_is_followed(server: Server, remote: RemoteFile, tmp_path: Path) -> None:
    server.faults = {NAME: [Fault(302, (("Location", f"/files/{NAME}"),))]}
    assert fetch_file(remote, tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "ftp://127.0.0.1/x", "http://[::"])
def test_nobody_there(url: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="cannot"):
        fetch_file(RemoteFile(NAME, url), tmp_path)


def test_what_was_left_of_another_file_is_not_mixed_in(
    server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(b"of an older release" * 100)
    assert fetch_file(remote, tmp_path).read_bytes() == DATA
    assert [first for _, first in server.asked] == [1900, 0]


@pytest.mark.parametrize("more", [b"", b"?"])
def test_a_part_that_holds_all_or_more(
    more: bytes, server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    """Asked for what comes after its end, the server says 416."""
    (tmp_path / f"{NAME}.part").write_bytes(DATA + more)
    assert fetch_file(remote, tmp_path).read_bytes() == DATA


def test_a_file_that_rotted_is_fetched_again(
    server: Server, remote: RemoteFile, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(DATA[:-1] + b"?")
    assert fetch_file(remote, tmp_path).read_bytes() == DATA


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_the_disk_complains(
    code: int,
    server: Server,
    remote: RemoteFile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(transfer, "_save", fails)
    expected = "the disk is full" if code == errno.ENOSPC else "cannot write there"
    with pytest.raises(DownloadError, match=f"{expected}.*SHOWTELL_HOME"):
        fetch_file(remote, tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system with room for 200 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], capture_output=True
    )
    if made.returncode:
        pytest.skip("needs the right to mount a small tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_really_full(server: Server, remote: RemoteFile, small_disk: Path) -> None:
    with pytest.raises(DownloadError, match="the disk is full; free some space"):
        fetch_file(remote, small_disk)
    assert NAME not in left_over(small_disk)


def test_a_disk_that_is_really_read_only(
    server: Server, remote: RemoteFile, small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(DownloadError, match=r"cannot write there .*SHOWTELL_HOME"):
        fetch_file(remote, small_disk)


CHILD = """
import sys
from pathlib import Path
from showtell_lib.transfer import RemoteFile, fetch_file
fetch_file(RemoteFile(sys.argv[1], sys.argv[2], sys.argv[3]), Path(sys.argv[4]))
"""


def in_child(remote: RemoteFile, folder: Path) -> subprocess.Popen[bytes]:
    arguments = [remote.name, remote.url, remote.blob_sha1, str(folder)]
    return subprocess.Popen([sys.executable, "-c", CHILD, *arguments], stderr=subprocess.PIPE)


def test_killed_and_started_again(server: Server, remote: RemoteFile, tmp_path: Path) -> None:
    server.faults = {NAME: [Fault(drip=0.0002)]}
    child = in_child(remote, tmp_path)
    part = tmp_path / f"{NAME}.part"
    deadline = time.monotonic() + 60
    # More than one buffer of the file must have reached the disk.
    while not (part.is_file() and part.stat().st_size > 0) and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert left_over(tmp_path) == {part.name}
    had = part.stat().st_size
    assert fetch_file(remote, tmp_path).read_bytes() == DATA
    assert server.asked == [(NAME, 0), (NAME, had)]


def test_two_at_once_fetch_it_once(server: Server, remote: RemoteFile, tmp_path: Path) -> None:
    children = [in_child(remote, tmp_path) for _ in range(3)]
    for child in children:
        _, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors
    assert server.asked == [(NAME, 0)]
    assert (tmp_path / NAME).read_bytes() == DATA
