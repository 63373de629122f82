"""Reads a photo from a request, within limits and without touching the disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from http import HTTPStatus

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from showtell_lib.serve.limits import Limits
from showtell_lib.serve.problems import Problem

FIELD = "photo"
FORM = "multipart/form-data"
RAW = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/tiff")
ANY_BYTES = "application/octet-stream"
# The lines between the parts of a form, and the file's name.
FORM_BYTES = 10_000
# The package would log every malformed form, as often as a client sends one.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


async def read_photo(request: Request, limits: Limits) -> bytes:
    """The bytes that a request sends as a photo; they are not opened yet.

    Raises:
        Problem: 408 too slow, 413 too large, 415 the content type is not that of a photo, 422 the
            form is not as it should be.
        ClientDisconnect: the client has closed the connection.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM and kind != ANY_BYTES and not kind.startswith("image/"):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"content type {kind or 'missing'}: send the photo's bytes as image/jpeg, image/png or "
            f"{ANY_BYTES}, or a form ({FORM}) with a file called {FIELD}",
        )
    most = limits.photo_bytes + (FORM_BYTES if kind == FORM else 0)
    try:
        body = await asyncio.wait_for(_body(request, most), limits.upload_seconds)
    except asyncio.TimeoutError:
        detail = f"the photo did not arrive in {limits.upload_seconds:g} seconds; send it faster"
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, detail) from None
    return await _file_in_form(request.headers, body) if kind == FORM else body


async def _body(request: Request, most: int) -> bytes:
    """The whole body; reading stops once it is larger than allowed."""
    too_large = Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"more than {most / 1e6:.1f} MB; make the photo smaller first",
    )
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > most:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise too_large
    return bytes(body)


async def _file_in_form(headers: Headers, body: bytes) -> bytes:
    """The one file of a form that is held in memory."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(headers, stream(), max_files=1, max_fields=1)
    # Parts above this size would be written to the disk, where no photo may go.
    parser.spool_max_size = len(body) + 1
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise _bad_form(f"the form cannot be read ({error})") from None
    try:
        return await _only_file(form)
    finally:
        await form.close()


async def _only_file(form: FormData) -> bytes:
    parts = form.multi_items()
    if len(parts) == 1 and parts[0][0] == FIELD and isinstance(parts[0][1], UploadFile):
        return await parts[0][1].read()
    raise _bad_form(f"the form has {[name for name, _ in parts]}")


def _bad_form(what: str) -> Problem:
    wanted = (
        f"it should have one file called {FIELD!r} and nothing else; settings go in the address"
    )
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{what}; {wanted}")


def check_bytes(photo: bytes, limits: Limits) -> None:
    """Refuses a photo that has no bytes, or too many.

    Raises:
        Problem: 413 or 422.
    """
    if not photo:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the photo has no bytes; send the file")
    if len(photo) > limits.photo_bytes:
        detail = f"more than {limits.photo_bytes / 1e6:.1f} MB; make the photo smaller first"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
