"""Captions any number of photos into Parquet files, on many processes or machines, resumably.

The work is cut into shards, and a shard is done when its file is there. A run keeps no other
record of its progress, so no record can be wrong after a kill.
"""

from showtell_lib.batch.quiet_ray import is_ray_installed, ray_session
from showtell_lib.batch.run import Summary, caption_to_parquet

__all__ = ["Summary", "caption_to_parquet", "is_ray_installed", "ray_session"]
