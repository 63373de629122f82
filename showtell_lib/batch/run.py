"""`caption_to_parquet`: plans the shards, hands them to Ray Data, and counts the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from showtell_lib.batch.quiet_ray import is_ray_installed, ray_session
from showtell_lib.batch.shards import Manifest, Shard, plan
from showtell_lib.batch.storage import Storage
from showtell_lib.batch.worker import ShardWorker
from showtell_lib.errors import BatchError, SettingsError
from showtell_lib.files import user_path
from showtell_lib.search import LONGEST, BeamSettings
from showtell_lib.store import find_model
from showtell_lib.store.published import MODELS
from showtell_lib.vocabulary import read_vocabulary

SHARD_SIZE = 256
WORKERS = 2


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        photos: how many photos the run captioned or found bad.
        bad: how many of these photos could not be captioned.
        done_before: how many photos an earlier run had finished.
    """

    photos: int
    bad: int
    done_before: int


def caption_to_parquet(
    photos: str | Path,
    out: str | Path,
    *,
    model: str = "mini",
    beam_width: int | None = None,
    length_penalty: float | None = None,
    max_length: int = LONGEST,
    workers: int = WORKERS,
    gpus: float = 0,
    shard_size: int = SHARD_SIZE,
    address: str | None = None,
    progress: bool = True,
) -> Summary:
    """Captions every photo of a folder into Parquet files; a killed run can be resumed.

    Args:
        photos: a folder, with all folders in it: a path, `s3://...`, `gs://...` or `file://...`.
        out: such a folder, for the Parquet files; see `shards.captions_file` for their columns.
        model: as `load` takes it; on a cluster every machine must have it.
        beam_width: as in `Captioner.caption`.
        length_penalty: as in `Captioner.caption`.
        max_length: as in `Captioner.caption`.
        workers: processes that caption; each loads its own model.
        gpus: share of a GPU that each worker gets; workers on one GPU take its memory as they need
            it, not all at once.
        shard_size: photos in a file; a kill costs at most one shard for each worker.
        address: of a Ray cluster; "auto" is the one this machine belongs to; None is this machine
            alone. Where Ray runs already, it is used.
        progress: whether to show a progress bar.

    Raises:
        BatchError: Ray is not installed or cannot be reached; or `out` was started with other
            photos, another model or other settings; or a folder cannot be read or written.
        SettingsError: a setting is outside what is allowed.
        ModelError: there is no such model.
    """
    if not is_ray_installed():
        raise BatchError(
            "Ray is not installed: pip install 'showtell_lib[scale]'; without it, "
            f"`showtell caption {photos} --json` captions a folder in one process"
        )
    if workers < 1 or shard_size < 1 or gpus < 0:
        raise SettingsError("workers and shard_size must be at least 1, gpus at least 0")
    files = find_model(model)
    settings = BeamSettings.of(files, beam_width, length_penalty, max_length)
    settings = settings.checked(read_vocabulary(files.vocabulary).size)
    manifest = Manifest(Storage.at(photos).address, files.sha256, settings, shard_size)
    target = Storage.at(out)
    done, todo = plan(target, manifest)
    run = _Run(manifest, target.address, _for_workers(model), min(workers, len(todo)), gpus)
    finished = list(_shown(run.results(todo, address), done, todo, progress)) if todo else []
    target.tidy()
    return Summary(
        photos=sum(row["photos"] for row in finished),
        bad=sum(row["bad"] for row in finished),
        done_before=_photos_in(done),
    )


def _for_workers(model: str) -> str:
    """Workers have another working directory: a path must not depend on it."""
    return model if model in MODELS else str(user_path(model).resolve())


def _photos_in(shards: list[Shard]) -> int:
    return sum(len(shard.paths) for shard in shards)


def _shown(
    results: Iterator[dict[str, Any]], done: list[Shard], todo: list[Shard], progress: bool
) -> Iterator[dict[str, Any]]:
    """The results as they come, with a progress bar over all photos."""
    from tqdm.auto import tqdm

    before = _photos_in(done)
    with tqdm(
        total=before + _photos_in(todo),
        initial=before,
        unit="photo",
        leave=False,
        disable=None if progress else True,
    ) as bar:
        for result in results:
            bar.update(result["photos"])
            yield result


@dataclass(frozen=True)
class _Run:
    manifest: Manifest
    out: str
    model: str
    workers: int
    gpus: float

    def results(self, todo: list[Shard], address: str | None) -> Iterator[dict[str, Any]]:
        """The workers' reports on the shards, each as soon as its shard is finished."""
        with ray_session(address) as ray:
            rows = ray.data.from_items(
                [shard.as_row() for shard in todo], override_num_blocks=len(todo)
            )
            for row in rows.map(ShardWorker, **self._workers(ray)).iter_rows():
                if row["error"]:
                    raise BatchError(row["error"])
                yield row

    def _workers(self, ray: Any) -> dict[str, Any]:
        cores = max(1, int(ray.cluster_resources().get("CPU", 1)))
        threads = max(1, cores // self.workers)
        return {
            "fn_constructor_args": (self.manifest, self.out, self.model, threads),
            "compute": ray.data.ActorPoolStrategy(size=self.workers),
            "num_cpus": min(1, cores / self.workers),
            "num_gpus": self.gpus,
        }
