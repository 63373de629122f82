"""Photos by name: files, folders, globs and addresses."""

from __future__ import annotations

from pathlib import Path

from showtell_lib.errors import PhotoError
from showtell_lib.files import user_path
from showtell_lib.photos.addresses import is_address

EXTENSIONS = frozenset(".jpg .jpeg .png .gif .bmp .webp .tif .tiff .avif".split())

# Of a name that no file can have, as much as is needed to know it again.
LONGEST_SHOWN = 80


def find_photos(names: list[str]) -> list[Path | str | PhotoError]:
    """Files for names of files, folders and globs, in order; an address stands for itself.

    Args:
        names: a folder stands for the photos directly in it, by name; a glob for what it matches,
            `**` included.

    Returns:
        Paths and addresses; and in the place of a name that stands for nothing, the error that
        says so.
    """
    return [found for name in names for found in _find(name)]


def _find(name: str) -> list[Path | str | PhotoError]:
    if is_address(name):
        return [name]
    try:
        return _find_here(name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}..."
        return [PhotoError(f"{shown}: no such file ({reason}); check the path")]


def _find_here(name: str) -> list[Path | str | PhotoError]:
    path = user_path(name)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix.lower() in EXTENSIONS)
        return [*files] or [PhotoError(f"{name}: no photos in this folder")]
    if not path.exists() and any(mark in name for mark in "*?["):
        anchor = Path(path.anchor)
        matches = sorted(p for p in anchor.glob(str(path.relative_to(anchor))) if p.is_file())
        return [*matches] or [PhotoError(f"{name}: no file matches")]
    return [path if path.exists() else PhotoError(f"{name}: no such file; check the path")]
