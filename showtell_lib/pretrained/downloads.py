"""Downloads the full-size models: fetches their files, checks them, moves them into place whole."""

from __future__ import annotations

import datetime
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from showtell_lib import store
from showtell_lib.errors import DownloadError, ModelError, ShowTellError, without_password
from showtell_lib.files import user_path, written
from showtell_lib.foreign import bare_name, leaves_folder, unpacking
from showtell_lib.store import published
from showtell_lib.store.published import Registered, Source
from showtell_lib.transfer import (
    RemoteFile,
    disk_errors,
    fetch_file,
    locked,
    what_is_wrong,
    zip_problem,
)

COPIED_AT_ONCE = 1 << 20


def download(
    name: str,
    *,
    from_file: str | Path | None = None,
    url: str | None = None,
    force: bool = False,
) -> store.ModelFiles:
    """Downloads a model by name; a model that is already here is left alone.

    Args:
        name: `"2m"` or `"1m"`.
        from_file: a copy that you got another way: for `2m` the zip or the `.pb`; for either
            model a folder that holds the published files by their names.
        url: another address: a mirror, which is a folder with those files, or for `2m` the zip.
        force: downloads it again; the old one stays until the new one is complete.

    Raises:
        ModelError: there is no such model, or the downloaded graph is no safe Show and Tell graph.
        DownloadError: a file cannot be fetched, is not the published one, or cannot be written.
    """
    model = published.downloadable(name)
    home, folder = store.cache_folder(), store.model_folder(name)
    with disk_errors(home):
        (home / "downloads").mkdir(parents=True, exist_ok=True)
        with locked(home / f"{name}.lock"):
            _restore(folder)
            if force or not store.is_here(name):
                supply = _Supply(home / "downloads" / name, _existing(from_file), url)
                _install(model, supply, folder)
    return store.find_model(name)


def _existing(from_file: str | Path | None) -> Path | None:
    path = None if from_file is None else user_path(from_file)
    if path and not path.exists():
        raise DownloadError(f"{path}: no such file; --from-file takes a zip, a .pb or a folder")
    return path


@dataclass(frozen=True)
class _Supply:
    """Where to get published files: from a local copy, a mirror, or the place of publication.

    Attributes:
        work: the folder that downloads go to.
        local: a file or folder that the user has.
        url: a mirror, or the address of the zip.
    """

    work: Path
    local: Path | None
    url: str | None

    @property
    def origin(self) -> str:
        """The source, as the record names it: without a password."""
        return without_password(str(self.local or self.url or "where it was published"))

    def get(self, source: Source, problem: Callable[[Path], str] | None = None) -> Path:
        """A published file, checked."""
        remote = RemoteFile(source.name, self._url(source), source.blob_sha1, problem)
        local = self._local(source)
        if local is None:
            return fetch_file(remote, self.work)
        if wrong := what_is_wrong(remote, local):
            raise DownloadError(f"{local}: not the published file: {wrong}; get it again")
        return local

    def _local(self, source: Source) -> Path | None:
        if self.local is None:
            return None
        if self.local.is_file() and source.name == published.GRAPH_ZIP:
            return self.local
        folder = self.local if self.local.is_dir() else self.local.parent
        path = folder / source.name
        return path if path.is_file() else None

    def _url(self, source: Source) -> str:
        if not self.url:
            return source.url
        if self.url.endswith(".zip"):
            return self.url if source.name == published.GRAPH_ZIP else source.url
        return f"{self.url.rstrip('/')}/{source.name}"


def _install(model: Registered, supply: _Supply, folder: Path) -> None:
    """Builds the new model in a folder beside the old one, then swaps the two."""
    new = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        if model.vocabulary is None:
            raise ModelError(f"{model.name}: no vocabulary is registered")
        vocabulary = supply.get(model.vocabulary)
        if len(model.graph) == 1:
            files = _model_from_zip(model.graph[0], vocabulary, supply, new)
        else:
            _graph_from_checkpoint(model, supply, vocabulary, new)
            files = store.find_model(new)
        _write_origin(supply, files)
        _swap(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(supply.work, ignore_errors=True)


def _model_from_zip(
    source: Source, vocabulary: Path, supply: _Supply, new: Path
) -> store.ModelFiles:
    """Unpacks and checks a model; the hashes of its files are those of the checked bytes."""
    # TensorFlow, which takes seconds to import, is needed only once the files are here.
    from showtell_lib.captioner import Captioner

    try:
        _graph_from_zip(source, supply, new / store.GRAPH_FILE)
        shutil.copyfile(vocabulary, new / store.VOCABULARY_FILE)
        # Loading it checks that it is a safe graph and that the vocabulary fits.
        return Captioner(store.find_model(new)).files
    except ShowTellError:
        # If the zip stayed, the next attempt would fail, too.
        (supply.work / source.name).unlink(missing_ok=True)
        raise


def _graph_from_zip(source: Source, supply: _Supply, graph: Path) -> None:
    local = supply.local
    if local and local.is_dir() and (local / store.GRAPH_FILE).is_file():
        local = local / store.GRAPH_FILE
    if local and local.suffix == ".pb":
        shutil.copyfile(local, graph)
    else:
        unpack_one(supply.get(source, zip_problem), store.GRAPH_FILE, graph)


def unpack_one(path: Path, name: str, out: Path, limit: int = store.LARGEST_GRAPH) -> None:
    """Unpacks one file of a zip, whatever its folder there, if it has at most `limit` bytes.

    Raises:
        DownloadError: the zip is damaged, hostile, or does not hold such a file.
    """
    with unpacking(path.name, DownloadError), zipfile.ZipFile(path) as archive:
        entry = _wanted(path, archive, name)
        with archive.open(entry) as packed, out.open("wb") as opened:
            while chunk := packed.read(COPIED_AT_ONCE):
                if opened.tell() + len(chunk) > limit:
                    raise DownloadError(f"{path.name}: refused: {name} in it is far too large")
                opened.write(chunk)


def _wanted(path: Path, archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    for entry in archive.infolist():
        if leaves_folder(entry.filename):
            raise DownloadError(
                f"{path.name}: refused: it holds {entry.filename!r}, outside its own folder"
            )
    entries = [e for e in archive.infolist() if bare_name(e.filename) == name]
    if len(entries) != 1:
        raise DownloadError(
            f"{path.name}: it holds {len(entries) or 'no'} {name}; this is not the model's zip"
        )
    return entries[0]


def _graph_from_checkpoint(model: Registered, supply: _Supply, vocabulary: Path, new: Path) -> None:
    """Joins the parts of the checkpoint's data and converts it."""
    from showtell_lib.pretrained.checkpoints import convert_checkpoint

    parts = [supply.get(source) for source in model.graph]
    supply.work.mkdir(parents=True, exist_ok=True)
    checkpoint = Path(tempfile.mkdtemp(dir=supply.work)) / published.CHECKPOINT_NAME
    data = checkpoint.with_name(f"{checkpoint.name}.data-00000-of-00001")
    with data.open("wb") as joined:
        for part in parts[:-1]:
            with part.open("rb") as file:
                shutil.copyfileobj(file, joined)
    shutil.copyfile(parts[-1], checkpoint.with_name(f"{checkpoint.name}.index"))
    convert_checkpoint(checkpoint, vocabulary, new)
    shutil.rmtree(checkpoint.parent)


def _write_origin(supply: _Supply, files: store.ModelFiles) -> None:
    record = {
        "source": supply.origin,
        "date": datetime.date.today().isoformat(),
        "files": files.hashes,
    }
    with written(files.graph.with_name(store.ORIGIN_FILE)) as part:
        part.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _swap(new: Path, folder: Path) -> None:
    old = folder.with_name(f"{folder.name}.old")
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _restore(folder: Path) -> None:
    """Brings the old model back if a swap was interrupted."""
    old = folder.with_name(f"{folder.name}.old")
    if old.exists() and not folder.exists():
        old.rename(folder)
