"""What runs in each of Ray's processes: a captioner that takes shard after shard."""

from __future__ import annotations

import os
import platform
from functools import cached_property
from typing import TYPE_CHECKING, Any

from showtell_lib.batch.shards import Manifest, Shard, captions_file
from showtell_lib.batch.storage import Storage, StoredPhoto
from showtell_lib.errors import BatchError, ShowTellError

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner


class ShardWorker:
    """Captions shards, with a model that is loaded once, and writes their files.

    Args:
        manifest: of the run.
        out: address of the output folder.
        model: what `load` takes; on a cluster every machine must have it.
        threads: processor cores for the model.
    """

    def __init__(self, manifest: Manifest, out: str, model: str, threads: int) -> None:
        # Both must be set before TensorFlow is imported: otherwise every worker takes every core,
        # and the first worker on a GPU takes all of its memory, so that no other can share it.
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
        os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        self.manifest, self.out, self.model = manifest, Storage(out), model

    @cached_property
    def captioner(self) -> Captioner:
        """The run's model."""
        from showtell_lib.captioner import load

        captioner = load(self.model)
        if captioner.files.sha256 != self.manifest.model_sha256:
            raise BatchError(
                f"model {self.model!r} on {platform.node()} differs from the model here; "
                "give every machine the same files"
            )
        return captioner

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Captions the shard of a row, which holds its `number` and its `paths`.

        Returns:
            How many `photos` the shard has and how many of these are `bad`; and `error`, the
            message that stops the run, or "": Ray would lose the message of an exception.
        """
        try:
            return self._caption(Shard.of_row(row))
        except ShowTellError as error:
            return {"photos": 0, "bad": 0, "error": str(error)}

    def _caption(self, shard: Shard) -> dict[str, Any]:
        source = Storage(self.manifest.photos)
        photos = [StoredPhoto(source, path) for path in shard.paths]
        settings = self.manifest.settings.as_dict()
        results = list(self.captioner.caption_many(photos, **settings, progress=False))
        self.out.write(shard.file, captions_file(results, self.manifest.model_sha256))
        bad = sum(result.error is not None for result in results)
        return {"photos": len(results), "bad": bad, "error": ""}
