"""Downloads files over bad networks: resumes, retries, checks, and moves them into place whole."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showtell_lib.errors import DownloadError
from showtell_lib.files import is_own_file, open_to_append

if TYPE_CHECKING:
    import requests

ATTEMPTS = 6
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
CONNECT_SECONDS, READ_SECONDS = 15.0, 30.0
MAX_REDIRECTS = 5
# A connection that stays this slow for this long is closed and opened again.
SLOW_BYTES, SLOW_SECONDS = 20_000, 60.0
LOCK_SECONDS = 3600.0
CHUNK = 1 << 16
MISSING = frozenset({401, 403, 404, 410})
DRIVE = "https://drive.google.com/"
REMEDY = "try again later, or give another --url or --from-file"


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    Attributes:
        name: its name on disk.
        url: its address; http or https.
        blob_sha1: its git blob hash, hex, which covers the length too; empty if it is unknown.
        problem: for files without a hash: says what is wrong with a download, or nothing.
    """

    name: str
    url: str
    blob_sha1: str = ""
    problem: Callable[[Path], str] | None = None


class _TryAgainError(Exception):
    """The network failed, not the file; another attempt, after `after` seconds, may succeed."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


def fetch_file(file: RemoteFile, folder: Path) -> Path:
    """Downloads a file into a folder, unless it is already there.

    An interrupted download leaves `NAME.part` behind, and the next attempt continues it. Two
    processes that want the same file take turns.

    Raises:
        DownloadError: the file cannot be downloaded, or is the wrong file.
    """
    path = folder / file.name
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / f"{file.name}.lock"):
            if path.is_file() and not what_is_wrong(file, path):
                return path
            if file.url.startswith(DRIVE):
                part = _private_folder(folder / f"{file.name}.drive") / file.name
                _fetch_from_drive(file, part)
            else:
                part = path.with_name(f"{file.name}.part")
                if not is_own_file(part):  # Another user could have put it there, to get the data.
                    part.unlink(missing_ok=True)
                _fetch(file, part)
            part.replace(path)
    return path


def _private_folder(path: Path) -> Path:
    """A folder that nobody else can write to: gdown would follow a link that somebody put there.

    Raises:
        DownloadError: others can write to the folder, or it is not a folder.
    """
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    others = hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o22)
    if others or not stat.S_ISDIR(found.st_mode):
        raise DownloadError(f"{path}: others can write there; delete it and try again")
    return path


def what_is_wrong(file: RemoteFile, path: Path) -> str:
    """What is wrong with a file that was downloaded; empty if nothing is."""
    with path.open("rb") as opened:
        if looks_like_a_page(opened.read(512)):
            return "a web page came instead (a quota notice, a login or a file that has moved)"
    if file.blob_sha1 and git_blob_sha1(path) != file.blob_sha1:
        return f"its content is not the published one (git blob {file.blob_sha1[:12]}...)"
    return file.problem(path) if file.problem else ""


def zip_problem(path: Path) -> str:
    """What is wrong with a file that should be a zip; empty if nothing is."""
    return "" if zipfile.is_zipfile(path) else "not a zip, or one that was cut short"


def looks_like_a_page(start: bytes) -> bool:
    """Whether a file that starts so is HTML."""
    return start.lstrip().lower().startswith((b"<!doctype html", b"<html"))


def git_blob_sha1(path: Path) -> str:
    """A file's git blob hash: sha1 of `blob <length>`, a zero byte and the content."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits until no other process holds this lock.

    Raises:
        DownloadError: another process held the lock for an hour.
    """
    import filelock

    try:
        with filelock.FileLock(path, timeout=LOCK_SECONDS):
            yield
    except filelock.Timeout:
        raise DownloadError(
            f"another process has been busy with {path.stem} for too long; stop that process, or "
            f"delete {path} if there is no such process"
        ) from None


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns an error of the disk into one line that names the remedy."""
    try:
        yield
    except OSError as error:
        problem = f"cannot write there ({error.strerror or error});"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            problem = "the disk is full; free some space, or"
        remedy = "choose another folder with the environment variable SHOWTELL_HOME"
        raise DownloadError(f"{folder}: {problem} {remedy}") from None


def _fetch(file: RemoteFile, part: Path) -> None:
    """Downloads into `part`, and continues what it holds, until the file is complete."""
    import requests

    with requests.Session() as session:
        session.max_redirects = MAX_REDIRECTS
        for attempt in range(1, ATTEMPTS + 1):
            resumed = part.is_file() and part.stat().st_size > 0
            try:
                _append(session, file, part)
                _check(file, part, resumed)
                return
            except _TryAgainError as failure:
                if attempt == ATTEMPTS:
                    kept = ". What has come so far is kept" if part.is_file() else ""
                    raise DownloadError(
                        f"{file.name}: cannot download it from {file.url} ({failure}); "
                        f"{REMEDY}{kept}"
                    ) from None
                pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
                time.sleep(failure.after or pause)


def _fetch_from_drive(file: RemoteFile, part: Path) -> None:
    """Downloads with gdown, which gets past the pages between a file-sharing link and its file."""
    import gdown

    part.unlink(missing_ok=True)
    try:
        gdown.download(file.url, output=str(part), resume=True)
    # gdown raises its own errors, those of requests, and any other when Drive's page has changed.
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise DownloadError(
            f"{file.name}: cannot download it from {file.url} ({reason}); {REMEDY}: a copy that "
            "a browser downloaded will do"
        ) from None
    if not part.is_file():
        raise DownloadError(f"{file.name}: {file.url} gave nothing; {REMEDY}")
    _check(file, part, resumed=False)


def _check(file: RemoteFile, part: Path, resumed: bool) -> None:
    wrong = what_is_wrong(file, part)
    if not wrong:
        return
    part.unlink()
    if resumed:
        raise _TryAgainError(f"the new part does not fit what was kept: {wrong}")
    raise DownloadError(f"{file.name}: {file.url} gave the wrong file: {wrong}; {REMEDY}")


def _append(session: requests.Session, file: RemoteFile, part: Path) -> None:
    """One request for what is still missing."""
    import requests
    import urllib3

    have = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    try:
        with session.get(file.url, headers=headers, stream=True, timeout=timeout) as response:
            # 416: the server has no more bytes. `_check` says whether `part` is the file.
            if response.status_code != requests.codes.requested_range_not_satisfiable:
                _check_status(response, file)
                _save(response, part, have if response.status_code == 206 else 0)
    except requests.TooManyRedirects:
        raise DownloadError(
            f"{file.name}: {file.url} redirects more than {MAX_REDIRECTS} times; {REMEDY}"
        ) from None
    except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
        raise _TryAgainError(innermost_reason(error)) from None
    except requests.RequestException as error:
        raise DownloadError(f"{file.name}: cannot request {file.url} ({error})") from None


def _check_status(response: requests.Response, file: RemoteFile) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    said = f"the server says {status} {response.reason}"
    wait = _retry_after(response)
    if status in MISSING or status < 429 or wait > LONGEST_PAUSE:
        asks = f" and to wait {wait:.0f} s" if wait else ""
        raise DownloadError(f"{file.name}: {file.url}: {said}{asks}; {REMEDY}")
    raise _TryAgainError(said, after=wait)


def _retry_after(response: requests.Response) -> float:
    """The seconds that the server asks to wait; 0 if it does not ask."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else 0.0


def _save(response: requests.Response, part: Path, have: int) -> None:
    import urllib3
    from tqdm.auto import tqdm

    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdigit() else None
    style: dict[str, Any] = {"unit": "B", "unit_scale": True, "leave": False, "disable": None}
    with (
        open_to_append(part) as opened,
        tqdm(desc=part.stem, total=total, initial=have, **style) as progress,
    ):
        opened.truncate(have)
        try:
            for chunk in _chunks(response):
                opened.write(chunk)
                progress.update(len(chunk))
        except urllib3.exceptions.ProtocolError:
            # The length, which is compared below, shows a body that ends too soon.
            if total is None:
                raise
    came = part.stat().st_size
    if total is not None and came < total:
        raise _TryAgainError(f"the connection broke off after {came:,} of {total:,} bytes")


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """The body, in pieces as they arrive; a connection that is too slow is given up."""
    since, count = time.monotonic(), 0
    while chunk := response.raw.read1(CHUNK):
        yield chunk
        count += len(chunk)
        if time.monotonic() - since > SLOW_SECONDS:
            if count < SLOW_BYTES:
                raise _TryAgainError(f"only {count:,} bytes in {SLOW_SECONDS:.0f} s")
            since, count = time.monotonic(), 0


def innermost_reason(error: Exception) -> str:
    """The innermost cause, in one line."""
    text = str(getattr(error, "reason", None) or (error.args and error.args[0]) or error)
    return text.rpartition(": ")[2].strip("')\"") or type(error).__name__
