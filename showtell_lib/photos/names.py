"""Names of photos as people write them: paths, addresses and data URIs."""

from __future__ import annotations

import base64
import binascii
import errno
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from showtell_lib.errors import PhotoError

LONGEST_SHOWN = 200
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DATA = re.compile(r"\s*data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def shown(name: object) -> str:
    """A name for a message; a name that is longer than about two lines is cut."""
    text = str(name)
    if len(text) <= LONGEST_SHOWN:
        return text
    return f"{text[: LONGEST_SHOWN // 4]}... ({len(text):,} characters)"


def exists(path: Path) -> bool:
    """Whether something has this name, even a link that leads nowhere.

    Raises:
        PhotoError: no file can have this name.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        refuse_name(path, error)
    return True


def refuse_name(path: Path, error: Exception) -> None:
    """Raises a clear error if the system refused the name itself.

    Raises:
        PhotoError: no file can have this name.
    """
    if getattr(error, "errno", None) == errno.ENAMETOOLONG:
        raise PhotoError(f"{shown(path)}: longer than the system allows; check the path") from None
    if isinstance(error, ValueError):
        raise PhotoError(f"{shown(path)!r}: no name of a file ({error}); check the path") from None


def path_of(name: str | Path) -> Path:
    """The path that a name stands for. A file whose own name begins with `~` comes before a home.

    Raises:
        PhotoError: no file can have this name, or there is no such user.
    """
    path = Path(name)
    if not str(path).startswith("~") or exists(path):
        return path
    try:
        return path.expanduser()
    except RuntimeError:
        raise PhotoError(f"{shown(name)}: no such file, and no such user; check the path") from None


def is_address(source: object) -> bool:
    """Whether this is an address, of whatever scheme, and not the path of a file."""
    return isinstance(source, str) and _ADDRESS.match(source.strip()) is not None


def is_data_uri(source: object) -> bool:
    """Whether this is a `data:` URI, which holds a file instead of naming one."""
    return isinstance(source, str) and _DATA.match(source) is not None


def data_uri_label(uri: str) -> str:
    """A short name for a data URI: its beginning, up to the comma."""
    found = _DATA.match(uri)
    return shown(found[0].strip().removesuffix(",")) if found else shown(uri)


def data_of(uri: str) -> bytes:
    """The bytes of a data URI, in base64 or percent-encoded.

    Raises:
        PhotoError: it is not written as one.
    """
    found = _DATA.match(uri)
    if found is None:
        raise PhotoError(f"{shown(uri)}: no data URI; it begins with data:image/jpeg;base64,")
    body = unquote_to_bytes(uri[found.end() :])
    if "base64" not in found[2].lower().replace(" ", "").split(";"):
        return body
    digits = b"".join(body.split()).translate(_URL_SAFE).rstrip(b"=")
    try:
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise PhotoError(
            f"{data_uri_label(uri)}: its base64 is damaged or cut short; copy it again"
        ) from None
