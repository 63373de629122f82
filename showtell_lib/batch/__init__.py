"""Any number of photos to Parquet files: spread over processes or machines, and resumed if killed.

The work is cut into shards, and a shard is done when its file is there. Nothing else is
remembered, so nothing else can be wrong after a kill.
"""

from showtell_lib.batch.quiet_ray import is_ray_installed, ray_session
from showtell_lib.batch.run import Summary, caption_to_parquet

__all__ = ["Summary", "caption_to_parquet", "is_ray_installed", "ray_session"]
