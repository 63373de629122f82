"""The work, cut into shards, and which shards are done already."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from showtell_lib.batch.storage import HIDDEN, Storage
from showtell_lib.errors import BatchError, first_line, without_password
from showtell_lib.files import as_unicode
from showtell_lib.foreign import parse_json
from showtell_lib.search import BeamSettings

# It imports TensorFlow, which takes seconds; what cuts the shards captions nothing.
if TYPE_CHECKING:
    from showtell_lib.streaming import PhotoCaptions

MANIFEST, LIST = f"{HIDDEN}manifest.json", f"{HIDDEN}photos.parquet"
# Of the list: a million photos take about 100 MB.
LARGEST_LIST = 2_000_000_000
ROWS_AT_ONCE = 1000
# Arrow raises ValueError, OSError, MemoryError and NotImplementedError (a RuntimeError); what is of
# another type fails in other ways.
UNREADABLE = (
    *(ValueError, OSError, MemoryError, RuntimeError),
    *(AttributeError, TypeError, LookupError, ArithmeticError),
)


@dataclass(frozen=True)
class Manifest:
    """What all shards of an output folder have in common; a run with another manifest is refused.

    Attributes:
        photos: the address of the photos.
        model_sha256: of the model's files, hex.
        settings: of beam search.
        shard_size: photos in a shard.
    """

    photos: str
    model_sha256: str
    settings: BeamSettings
    shard_size: int


@dataclass(frozen=True)
class Shard:
    """A piece of the work, and its file.

    Attributes:
        number: its place in the list of shards, from 0.
        paths: its photos, relative to their folder.
    """

    number: int
    paths: list[str]

    @property
    def file(self) -> str:
        """The name of its Parquet file."""
        return f"shard-{self.number:06}.parquet"

    def as_row(self) -> dict[str, Any]:
        """The shard for Ray and Arrow, whose text is Unicode; file names need not be."""
        return {"number": self.number, "paths": [file_bytes(path) for path in self.paths]}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Shard:
        """The shard from the row that `as_row` made."""
        return cls(int(row["number"]), [file_name(path) for path in row["paths"]])


def file_bytes(name: str) -> bytes:
    """A file's name as bytes, whether it is Unicode or not."""
    return name.encode("utf-8", "surrogateescape")


def file_name(name: bytes | str) -> str:
    """A file's name as Python has it; older lists hold names as text."""
    return name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")


def plan(out: Storage, manifest: Manifest) -> tuple[list[Shard], list[Shard]]:
    """The shards that are done and those that are not.

    The list of photos is kept, so that a resumed run cuts the same shards. Photos that were added
    to the folder in between go into new shards after the old ones.

    Raises:
        BatchError: `out` is of another run, or holds other files; or there are no photos.
    """
    names = set(out.names())
    _agree(out, manifest, names)
    known = _read_list(out) if LIST in names else []
    listed = {path for shard in known for path in shard.paths}
    added = [path for path in Storage(manifest.photos).photos() if path not in listed]
    # Files are written only now that photos were found: a mistyped folder must leave none behind.
    if MANIFEST not in names:
        out.write(MANIFEST, json.dumps(_record(manifest), indent=2).encode())
    shards = known + cut(added, manifest.shard_size, first=len(known))
    if added:
        out.write(LIST, _list_file(shards))
    done = [shard for shard in shards if shard.file in names]
    return done, [shard for shard in shards if shard.file not in names]


def cut(paths: list[str], size: int, first: int = 0) -> list[Shard]:
    """Shards of `size` photos (the last may have fewer), numbered from `first`."""
    starts = range(0, len(paths), size)
    return [Shard(first + i, paths[start : start + size]) for i, start in enumerate(starts)]


def _record(manifest: Manifest) -> dict[str, Any]:
    """What is kept of a run's settings: no password of an object store."""
    return asdict(manifest) | {"photos": without_password(manifest.photos)}


def _agree(out: Storage, manifest: Manifest, names: set[str]) -> None:
    if MANIFEST in names:
        text = out.read(MANIFEST)
        _compare(out, parse_json(text, f"{out.address}/{MANIFEST}", BatchError), _record(manifest))
    elif any(not name.startswith(HIDDEN) for name in names):
        raise BatchError(f"{out.address}: holds other files; name a new or empty folder")


def _compare(out: Storage, then: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [
        f"{name} was {then.get(name)}, is {now[name]}"
        for name in now
        if then.get(name) != now[name]
    ]
    if changed:
        raise BatchError(
            f"{out.address}: was started with different settings ({'; '.join(changed)}); "
            "use those settings again, or name a new folder"
        )


def _read_list(out: Storage) -> list[Shard]:
    try:
        shards = _shards_of(_rows(out.read(LIST)))
        if [shard.number for shard in shards] != list(range(len(shards))):
            raise ValueError("its shards are not numbered from 0")
        for path in (path for shard in shards for path in shard.paths):
            if PurePath(path).anchor or ".." in PurePath(path).parts:
                raise ValueError(f"it names {path}, outside the folder of the photos")
        return shards
    except UNREADABLE as error:
        raise BatchError(
            f"{out.address}: {LIST} is damaged ({first_line(error)}); name a new folder"
        ) from None


def _rows(data: bytes) -> Iterator[dict[str, Any]]:
    """The rows of the list, a few at a time: packed, a million equal ones take a few bytes."""
    from pyarrow import parquet

    taken = 0
    for batch in parquet.ParquetFile(io.BytesIO(data)).iter_batches(ROWS_AT_ONCE):
        taken += batch.nbytes
        if taken > LARGEST_LIST:
            raise ValueError(f"it unpacks to more than {LARGEST_LIST:,} bytes")
        yield from batch.to_pylist()


def _shards_of(rows: Iterable[Mapping[str, Any]]) -> list[Shard]:
    groups = groupby(rows, key=lambda row: int(row["shard"]))
    return [Shard(number, [file_name(row["path"]) for row in group]) for number, group in groups]


def _list_file(shards: list[Shard]) -> bytes:
    import pyarrow

    numbers = [shard.number for shard in shards for _ in shard.paths]
    paths = [file_bytes(path) for shard in shards for path in shard.paths]
    return _as_parquet(pyarrow.table({"shard": numbers, "path": paths}))


def captions_file(results: list[PhotoCaptions], model_sha256: str) -> bytes:
    """A Parquet file with a row for each photo.

    Its columns: `path`, with escapes for what is not Unicode; `captions`, best first, and their
    natural-log probabilities `log_probs`, both empty for a bad photo; `error`, null for a good
    one; `model_sha256`.

    Args:
        results: their photos are `StoredPhoto`.
        model_sha256: of the model's files, hex.
    """
    import pyarrow as pa

    columns = {
        "path": pa.array([as_unicode(result.photo.name) for result in results], pa.string()),
        "captions": pa.array(
            [[caption.text for caption in result.captions] for result in results],
            pa.list_(pa.string()),
        ),
        "log_probs": pa.array(
            [[caption.log_prob for caption in result.captions] for result in results],
            pa.list_(pa.float64()),
        ),
        "error": pa.array(
            [None if result.error is None else as_unicode(str(result.error)) for result in results],
            pa.string(),
        ),
        "model_sha256": pa.array([model_sha256] * len(results), pa.string()),
    }
    return _as_parquet(pa.table(columns))


def _as_parquet(table: Any) -> bytes:
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    return buffer.getvalue()
