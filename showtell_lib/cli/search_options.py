"""The options of beam search, which `caption` and `batch` share."""

from __future__ import annotations

import argparse

from showtell_lib.cli.arguments import count
from showtell_lib.store.published import MODELS, Registered


def add_search_options(parser: argparse.ArgumentParser) -> None:
    """Adds the settings of beam search, as the published implementation has them."""
    parser.add_argument(
        "--beam-width",
        type=count(),
        help=f"hypotheses kept per step; 1 is greedy ({_models_own('beam_width')})",
    )
    parser.add_argument(
        "--length-penalty",
        type=float,
        help="a caption's log-probability is divided by its length to this power; 0 is no penalty "
        f"({_models_own('length_penalty')})",
    )
    parser.add_argument(
        "--max-length", type=count(2), help="most tokens, <S> and </S> included (20)"
    )


def _models_own(setting: str) -> str:
    """The default of a setting, in words."""
    values = [f"{getattr(known, setting):g} for {name}" for name, known in MODELS.items()]
    return f"the model's own: {', '.join(values)}, {getattr(Registered, setting):g} for a path"
