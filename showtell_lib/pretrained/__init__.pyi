from . import (
    checkpoints,
    downloads,
    verification,
)

__all__ = [
    "checkpoints",
    "downloads",
    "verification",
]
