"""Checks whether a model is the one it claims to be, by its files' hashes and by its captions."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from showtell_lib import store
from showtell_lib.errors import ModelError
from showtell_lib.files import written
from showtell_lib.store import published
from showtell_lib.store.published import PublishedCaption, Registered
from showtell_lib.trace import Caption
from showtell_lib.transfer import RemoteFile, disk_errors, fetch_file
from showtell_lib.vocabulary import UNKNOWN

# JPEG decoders and convolution kernels have changed since 2018, in the last digits.
TOLERANCE = 0.02
BEAM_WIDTH = 3


@dataclass(frozen=True)
class Check:
    """One thing that was compared: what was published or recorded, and what is here."""

    what: str
    expected: str
    found: str
    ok: bool


@dataclass(frozen=True)
class Verification:
    """All that was compared for one model."""

    name: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return all(check.ok for check in self.checks)


def verify(name: str = "mini", *, url: str | None = None) -> Verification:
    """Compares a model with what is known of the real one.

    The hash of `mini` must be the one on its model card. `2m` must caption the tutorial's photo as
    the tutorial printed: the words exactly, the probabilities within 2%. The files of `1m` were
    checked by hash before they were converted; its captions of that photo must be finished
    sentences of known words. If everything agrees, the hashes are written into `verified.json`
    beside a downloaded model, and every later load compares them.

    Args:
        name: a registered name.
        url: a mirror to fetch the photo from, instead of where it was published.

    Raises:
        ModelError: there is no such model here.
        DownloadError: the photo cannot be downloaded.
    """
    if name not in published.MODELS:
        raise ModelError(f"{name!r} is your own model; there is nothing to compare it with")
    files = store.find_model(name)
    checks = [_unchanged(files)]
    model = published.MODELS[name]
    if not model.bundled and checks[0].ok:
        files, captions = _captions(files, _photo(url))
        checks += _captions_agree(model, captions)
    result = Verification(name, tuple(checks))
    if result.ok and not model.bundled:
        _write_lock(files)
    return result


def _unchanged(files: store.ModelFiles) -> Check:
    same = not files.provenance.changed
    state = "the same" if same else f"changed; {files.remedy}"
    return Check("files", files.provenance.origin, state, same)


def _photo(url: str | None) -> Path:
    photo = published.PHOTO
    address = f"{url.rstrip('/')}/{photo.name}" if url else photo.url
    home = store.cache_folder()
    with disk_errors(home):
        return fetch_file(RemoteFile(photo.name, address, photo.blob_sha1), home / "photos")


def _captions(files: store.ModelFiles, photo: Path) -> tuple[store.ModelFiles, list[Caption]]:
    """The captions of a photo, and the model's files with the hashes of the loaded bytes."""
    from showtell_lib.captioner import Captioner

    captioner = Captioner(files)
    captions = captioner.caption(photo, beam_width=BEAM_WIDTH, length_penalty=0.0)
    return captioner.files, captions


def _captions_agree(model: Registered, captions: Sequence[Caption]) -> list[Check]:
    if not model.captions:
        return [_is_a_sentence(rank, caption) for rank, caption in enumerate(captions)]
    if len(captions) != len(model.captions):
        return [Check("captions", str(len(model.captions)), str(len(captions)), False)]
    pairs = zip(model.captions, captions, strict=True)
    return [_agrees(rank, *pair) for rank, pair in enumerate(pairs)]


def _agrees(rank: int, published: PublishedCaption, caption: Caption) -> Check:
    close = abs(caption.probability / published.probability - 1) <= TOLERANCE
    return Check(
        f"caption {rank}",
        f"{published.text} (p={published.probability:.6f})",
        f"{caption.text} (p={caption.probability:.6f})",
        caption.text == published.text and close,
    )


def _is_a_sentence(rank: int, caption: Caption) -> Check:
    ok = caption.finished and bool(caption.text) and UNKNOWN not in caption.text.split()
    return Check(f"caption {rank}", "a finished sentence of known words", caption.text, ok)


def _write_lock(files: store.ModelFiles) -> None:
    record = {"date": datetime.date.today().isoformat(), "files": files.hashes}
    folder = files.graph.parent
    with disk_errors(folder), written(folder / store.VERIFIED_FILE) as part:
        part.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
