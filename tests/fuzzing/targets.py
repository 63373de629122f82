"""Every reader of what others make, and what it is tried on."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from showtell_lib.errors import DataError, ShowTellError
from tests.fuzzing import seeds
from tests.fuzzing.edits import Seed
from tests.fuzzing.trials import Reader

PATIENCE = 20.0


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        seeds: makes what is edited.
        make: makes the reader, in the process that tries it, with a folder of its own.
        share: of a hundred inputs, how many it gets.
    """

    seeds: Callable[[], tuple[Seed, ...]]
    make: Callable[[Path], Reader]
    share: int


def photo(_: Path) -> Reader:
    """A photo, opened as everywhere, and as a thumbnail."""
    from showtell_lib.photos import open_photo

    return lambda data: open_photo(data).thumbnail_jpeg()


def photo_for_a_model(_: Path) -> Reader:
    """A photo, opened for a graph that decodes it itself where it can."""
    from showtell_lib.model import CaptionModel
    from showtell_lib.photos import opened_in_turn
    from showtell_lib.vocabulary import Vocabulary
    from tests.tiny_graph import WORDS, tiny_graph

    model = CaptionModel(tiny_graph(), Vocabulary(WORDS))

    def read(data: bytes) -> None:
        with opened_in_turn(data) as opened:
            model.pixels(opened)

    return read


def graph(_: Path) -> Reader:
    """A graph, read, checked and cut into functions."""
    from showtell_lib.graph import parse_graph
    from showtell_lib.model import CaptionModel
    from showtell_lib.vocabulary import Vocabulary
    from tests.tiny_graph import WORDS

    vocabulary = Vocabulary(WORDS)
    return lambda data: CaptionModel(parse_graph(data, Path("a.pb")), vocabulary)


def dataset(folder: Path, suffix: str) -> Reader:
    """An archive, unpacked as a dataset."""
    from showtell_lib.training.fetch import prepare_flickr8k

    source, out = folder / "source", folder / "out"
    source.mkdir()

    def read(data: bytes) -> None:
        (source / f"photos{suffix}").write_bytes(data)
        shutil.rmtree(out, ignore_errors=True)
        try:
            prepare_flickr8k(out, source)
        finally:
            _check_nothing_beside(folder, "source", "out")

    return read


def zipped_model(folder: Path) -> Reader:
    """A zip with a model in it."""
    from showtell_lib.pretrained.downloads import unpack_one

    path, out = folder / "model.zip", folder / "out"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        try:
            unpack_one(path, "show-and-tell.pb", out)
        finally:
            _check_nothing_beside(folder, "model.zip", "out")

    return read


def _check_nothing_beside(folder: Path, *names: str) -> None:
    others = {path.name for path in folder.iterdir()} - {*names}
    if others:
        raise RuntimeError(f"it left {others}")


def _file_for(folder: Path, *readers: Callable[[Path], object]) -> Reader:
    """A file, which is refused if every reader refuses it."""
    path = folder / "file"

    def read(data: bytes) -> None:
        path.write_bytes(data)
        refusals = 0
        for reader in readers:
            try:
                reader(path)
            except ShowTellError:
                refusals += 1
        if refusals == len(readers):
            _refuse("by every reader")

    return read


def _refuse(why: str) -> NoReturn:
    raise DataError(why)


def arrays(folder: Path) -> Reader:
    """An archive of arrays."""
    from showtell_lib.embeddings import load_embeddings
    from showtell_lib.evaluation.search_study import load_search_study
    from showtell_lib.training.efficientnet_lite import read_arrays
    from showtell_lib.training.weights import read_weights

    return _file_for(folder, load_embeddings, load_search_study, read_weights, read_arrays)


def text(folder: Path) -> Reader:
    """A vocabulary, captions of photos, or the log of a training run."""
    from showtell_lib.training.captions_file import read_captions
    from showtell_lib.training.trainer import read_log
    from showtell_lib.vocabulary import read_vocabulary

    return _file_for(folder, read_vocabulary, read_captions, read_log)


def document(folder: Path) -> Reader:
    """JSON of any kind."""
    from showtell_lib.files import read_text
    from showtell_lib.foreign import read_json
    from showtell_lib.reports.page import read_report
    from showtell_lib.reports.stored import load_captions
    from showtell_lib.scenes import Scene
    from showtell_lib.trace import SearchTrace
    from showtell_lib.training.options import read_options

    return _file_for(
        folder,
        *(load_captions, read_report, read_options),
        lambda path: SearchTrace.from_json(read_text(path, DataError)),
        lambda path: Scene.from_json(read_text(path, DataError)),
        lambda path: read_json(path, DataError),
    )


def photo_list(folder: Path) -> Reader:
    """A batch's own list of photos, in a folder that it goes on in."""
    from showtell_lib.batch.shards import LIST, Manifest, plan
    from showtell_lib.batch.storage import Storage
    from showtell_lib.search import BeamSettings

    (folder / "photos").mkdir()
    (folder / "photos" / "a.jpg").write_bytes(b"a photo")
    manifest, out = Manifest(str(folder / "photos"), "0" * 64, BeamSettings(), 2), folder / "out"
    plan(Storage.at(out), manifest)

    def read(data: bytes) -> None:
        (out / LIST).write_bytes(data)
        plan(Storage.at(out), manifest)

    return read


def request(_: Path) -> Reader:
    """A request to a running service, which must answer it with anything but a fault of its own."""
    from showtell_lib.serve import Limits
    from tests.gated_captioner import GatedCaptioner
    from tests.test_serve import running

    # It lives as long as the process.
    service = running(Limits(header_seconds=0.5, upload_seconds=0.5), GatedCaptioner())
    client = service.__enter__()
    address = (client.base_url.host, client.base_url.port)

    def read(data: bytes, _keeps_it_running: object = service) -> None:
        with socket.create_connection(address, PATIENCE) as connection, suppress(ConnectionError):
            connection.sendall(data)
            answer = connection.recv(4096)
            if answer.startswith(b"HTTP/1.1 5"):
                raise RuntimeError(answer.decode(errors="replace"))
            if not answer.startswith(b"HTTP/1.1 2"):
                _refuse(answer.decode(errors="replace"))

    return read


TARGETS = {
    "photo": Target(seeds.photos, photo, 50),
    "photo for a model": Target(seeds.for_graphs, photo_for_a_model, 10),
    "graph": Target(seeds.graphs, graph, 8),
    "zip": Target(seeds.zips, partial(dataset, suffix=".zip"), 4),
    "tar": Target(seeds.tars, partial(dataset, suffix=".tar"), 4),
    "zip of a model": Target(seeds.zips, zipped_model, 4),
    "arrays": Target(lambda: (*seeds.embeddings(), *seeds.studies()), arrays, 5),
    "text": Target(seeds.texts, text, 4),
    "JSON": Target(seeds.documents, document, 4),
    "list of photos": Target(seeds.photo_lists, photo_list, 2),
    "request": Target(seeds.requests, request, 5),
}
