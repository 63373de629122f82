"""What runs in each of Ray's processes: a captioner that takes shard after shard."""

from __future__ import annotations

import os
import platform
from typing import Any

from showtell_lib.batch.shards import Manifest, Shard, captions_file
from showtell_lib.batch.storage import Storage, StoredPhoto
from showtell_lib.errors import BatchError


class ShardWorker:
    """Loads the model once, then captions shards and writes their files.

    Args:
        manifest: of the run.
        out: address of the output folder.
        model: what `load` takes; on a cluster every machine must have it.
        threads: processor cores for the model.

    Raises:
        BatchError: this machine has another model under that name.
    """

    def __init__(self, manifest: Manifest, out: str, model: str, threads: int) -> None:
        # Before TensorFlow is imported: else every worker takes every core, and they get in each
        # other's way.
        os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
        from showtell_lib.captioner import load

        self.manifest, self.out = manifest, Storage(out)
        self.captioner = load(model)
        if self.captioner.files.sha256 != manifest.model_sha256:
            raise BatchError(
                f"model {model!r} on {platform.node()} is another one than here; give every "
                "machine the same files"
            )

    def __call__(self, row: dict[str, Any]) -> dict[str, int]:
        """Captions a shard.

        Args:
            row: `number` and `paths` of the shard.

        Returns:
            How many `photos` it has, and how many of them are `bad`.
        """
        shard = Shard(int(row["number"]), list(row["paths"]))
        source = Storage(self.manifest.photos)
        photos = [StoredPhoto(source, path) for path in shard.paths]
        settings = self.manifest.settings
        results = list(self.captioner.caption_many(photos, **settings, progress=False))
        self.out.write(shard.file, captions_file(results, self.manifest.model_sha256))
        return {"photos": len(results), "bad": sum(result.error is not None for result in results)}
