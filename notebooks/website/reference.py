"""The library's reference, made by pdoc from its docstrings."""

from __future__ import annotations

import importlib
import warnings
from pathlib import Path

import pdoc

FOLDER = Path(__file__).resolve().parent


def write(out: Path, modules: tuple[str, ...] = ("showtell_lib",)) -> None:
    """Writes a page for each of these modules and those inside them."""
    pdoc.render.configure(
        docformat="google",
        show_source=False,
        search=False,  # Its index would be larger than all the rest.
        template_directory=FOLDER / "pdoc",
    )
    for name in pdoc.extract.walk_specs(modules):
        _resolve(name)
    with warnings.catch_warnings():
        # Names that modules import for their types alone; they are shown as they are written.
        warnings.filterwarnings("ignore", "Error parsing type annotation")
        pdoc.pdoc(*modules, output_directory=out)


def _resolve(name: str) -> None:
    """Imports what a module would import when it is first used; pdoc sees only what is there."""
    module = importlib.import_module(name)
    for public in getattr(module, "__all__", ()):
        setattr(module, public, getattr(module, public))
