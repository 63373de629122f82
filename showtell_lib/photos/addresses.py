"""Photos by address: fetched over http or https, within limits of time, size and redirects."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from showtell_lib.errors import PhotoError
from showtell_lib.photos.decoding import Undecoded, from_bytes
from showtell_lib.transfer import innermost_reason, looks_like_a_page

if TYPE_CHECKING:
    import requests

SCHEMES = ("http", "https")
# The limit for the whole fetch, and for the server's first answer.
SECONDS, SILENT_SECONDS = 30.0, 10.0
# The largest photos of today's phones and cameras have about half of that.
MAX_BYTES = 50_000_000
MAX_REDIRECTS = 5
CHUNK = 1 << 16
# Some servers refuse programs that do not name themselves.
HEADERS = {"User-Agent": "showtell_lib", "Accept": "image/*", "Accept-Encoding": "identity"}


def fetch_photo(address: str) -> Undecoded:
    """Fetches a photo and reads its header.

    Raises:
        PhotoError: it is another kind of address, cannot be reached, takes more than `SECONDS` or
            `MAX_BYTES`, is redirected too often or to another kind of address, or is no photo.
    """
    address = address.strip()
    data = _in_time(address)
    if looks_like_a_page(data[:512]):
        raise PhotoError(
            f"{address}: a web page, not a photo; open it in a browser and copy the address of "
            "the picture itself"
        )
    parts = urlsplit(address)
    name = PurePosixPath(unquote(parts.path)).name or str(parts.hostname)
    return from_bytes(name, address, data)


def _in_time(address: str) -> bytes:
    """What is at an address, or an error after `SECONDS`, however the server behaves.

    A time limit of `requests` holds for each read. A server that sends its headers byte by byte,
    or a look-up of the host's name that hangs, can keep that limit for hours. So a thread fetches,
    and is left behind when the time is over.
    """
    future: Future[bytes] = Future()

    def fetch() -> None:
        try:
            future.set_result(_fetch(address, time.monotonic() + SECONDS))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=fetch, daemon=True).start()
    try:
        return future.result(SECONDS)
    except FutureTimeoutError:
        raise PhotoError(_too_slow(address)) from None


def _fetch(address: str, deadline: float) -> bytes:
    import requests
    import urllib3

    try:
        with requests.Session() as session, _answer(session, address) as response:
            if response.status_code != requests.codes.ok:
                raise PhotoError(
                    f"{address}: the server says {response.status_code} {response.reason}; check "
                    "the address in a browser"
                )
            body = _body(response, address, deadline)
            return _unpacked(body, response.headers.get("Content-Encoding", ""), address)
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        raise PhotoError(_too_slow(address)) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        raise PhotoError(
            f"{address}: cannot fetch it ({innermost_reason(error)}); check the address, and "
            "whether this computer is online"
        ) from None


def _answer(session: requests.Session, address: str) -> requests.Response:
    """The answer at the end of the redirects; each redirect is checked like the address itself."""
    asked = address
    for _ in range(MAX_REDIRECTS + 1):
        _check_scheme(address, asked)
        response = session.get(
            asked, headers=HEADERS, stream=True, timeout=SILENT_SECONDS, allow_redirects=False
        )
        target = session.get_redirect_target(response)
        if target is None:
            return response
        response.close()
        asked = urljoin(asked, target)
    raise PhotoError(
        f"{address}: redirected more than {MAX_REDIRECTS} times; open it in a browser and copy "
        "the address that it ends at"
    )


def _check_scheme(address: str, asked: str) -> None:
    scheme = urlsplit(asked).scheme.lower()
    if scheme not in SCHEMES:
        led = "" if asked == address else f"it leads to {asked}: "
        raise PhotoError(
            f"{address}: {led}only http:// and https:// are fetched, not {scheme}://; download "
            "the photo and give the path of the file"
        )


def _body(response: requests.Response, address: str, deadline: float) -> bytes:
    length = response.headers.get("Content-Length", "")
    promised = int(length) if length.isdigit() else None
    data = bytearray()
    if promised is None or promised <= MAX_BYTES:
        for chunk in _chunks(response.raw):
            data += chunk
            if len(data) > MAX_BYTES:
                break
            if time.monotonic() > deadline:
                raise PhotoError(_too_slow(address))
    if max(promised or 0, len(data)) > MAX_BYTES:
        raise PhotoError(_too_large(address))
    if promised is not None and len(data) < promised:
        raise PhotoError(
            f"{address}: it broke off after {len(data):,} of {promised:,} bytes; try again"
        )
    return bytes(data)


def _unpacked(body: bytes, encoding: str, address: str) -> bytes:
    """The photo itself, if the server compressed it although it was asked not to."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise PhotoError(
            f"{address}: the server sends it packed as {encoding}, which cannot be unpacked here; "
            "download the photo and give the path of the file"
        )
    unpacking = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
    try:
        data = unpacking.decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise PhotoError(f"{address}: damaged on the way ({error}); try again") from None
    if len(data) > MAX_BYTES:
        raise PhotoError(_too_large(address))
    if not unpacking.eof:
        raise PhotoError(f"{address}: it broke off before its {encoding} data ended; try again")
    return data


def _chunks(raw: Any) -> Iterator[bytes]:
    """The body as it arrives. A body that ends too soon is found by its length."""
    import urllib3

    try:
        while chunk := raw.read1(CHUNK):
            yield chunk
    except urllib3.exceptions.ProtocolError:
        return


def _too_large(address: str) -> str:
    return (
        f"{address}: larger than {MAX_BYTES // 1_000_000} million bytes; take a smaller version of "
        "the photo"
    )


def _too_slow(address: str) -> str:
    return (
        f"{address}: too slow: no photo within {SECONDS:.0f} s; try again later, or download it "
        "and give the path of the file"
    )
