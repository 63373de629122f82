"""`BeamSettings`, and the checks of every setting that a search takes."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from showtell_lib.errors import SettingsError

if TYPE_CHECKING:
    from showtell_lib.store import ModelFiles

# Most tokens of a caption, `<S>` and `</S>` included, as the published implementation has it.
LONGEST = 20
# Most prefixes that exact search expands before it gives up on the proof.
BUDGET = 50_000
# e to this power is still a float.
LARGEST_EXPONENT = 700


@dataclass(frozen=True)
class BeamSettings:
    """Settings of beam search; the defaults are those of the published algorithm.

    Attributes:
        beam_width: hypotheses kept at each step; 1 is greedy decoding.
        length_penalty: power of a caption's length that divides its log-probability.
        max_length: most tokens, `<S>` and `</S>` included.
    """

    beam_width: int = 3
    length_penalty: float = 0.0
    max_length: int = LONGEST

    @classmethod
    def of(
        cls,
        files: ModelFiles,
        beam_width: int | None = None,
        length_penalty: float | None = None,
        max_length: int | None = None,
    ) -> BeamSettings:
        """The settings that were asked for, unchecked; None stands for the model's own value."""
        return cls(
            files.beam_width if beam_width is None else beam_width,
            files.length_penalty if length_penalty is None else length_penalty,
            LONGEST if max_length is None else max_length,
        )

    def checked(self, vocabulary_size: int) -> BeamSettings:
        """The same settings, with Python's numbers for NumPy's.

        Raises:
            SettingsError: beam search cannot work with one of them; the message says what is
                allowed.
        """
        beam_width = check_whole("beam_width", self.beam_width, 1, vocabulary_size)
        max_length = check_max_length(self.max_length)
        length_penalty = check_length_penalty(self.length_penalty, max_length)
        return BeamSettings(beam_width, length_penalty, max_length)

    def as_dict(self) -> dict[str, Any]:
        """The settings by name, for a trace or for JSON."""
        return asdict(self)


def check_whole(name: str, value: Any, lowest: int, highest: float = math.inf) -> int:
    """A setting that is a whole number in a range, as Python's `int`.

    Raises:
        SettingsError: it is not; the message says what is allowed.
    """
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or not lowest <= value <= highest:
        limit = f"from {lowest} to {highest}" if highest < math.inf else f"{lowest} or more"
        raise SettingsError(f"{name} must be a whole number, {limit}, not {value!r}")
    return int(value)


def check_max_length(max_length: Any) -> int:
    """A `max_length`, if it has room for `<S>` and `</S>`."""
    return check_whole("max_length", max_length, 2)


def check_length_penalty(length_penalty: Any, max_length: int) -> float:
    """A length penalty, if it is not negative and not so large that a score would overflow.

    Raises:
        SettingsError: it is; the message says what is allowed.
    """
    checked = check_number("length_penalty", length_penalty)
    largest = int(LARGEST_EXPONENT / math.log(max_length))
    if checked > largest:
        raise SettingsError(
            f"length_penalty must be a number, from 0 to {largest} for captions of up to "
            f"{max_length} tokens, not {length_penalty!r}; useful ones are below 2"
        )
    return checked


def check_number(
    name: str, value: Any, *, above: float | None = None, lowest: float = 0.0
) -> float:
    """A setting that is a finite number, at least `lowest` or `above` a number, as Python's own.

    Raises:
        SettingsError: it is not; the message says what is allowed.
    """
    kinds = (int, float, np.integer, np.floating)
    number = isinstance(value, kinds) and not isinstance(value, bool)
    good = number and abs(value) < math.inf  # Also where a whole number is no float any more.
    if not good or (value <= above if above is not None else value < lowest):
        limit = f"above {above:g}" if above is not None else f"{lowest:g} or more"
        raise SettingsError(f"{name} must be a number, {limit}, not {value!r}")
    return int(value) if isinstance(value, (int, np.integer)) else float(value)
