"""What a search returns: its captions, and the trace if it was asked to record one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from showtell_lib.errors import SettingsError
from showtell_lib.trace import Caption, SearchTrace


class SearchResult(NamedTuple):
    """What a search found: `captions, trace = search.beam(model, state, trace=True)`.

    Attributes:
        captions: ranked, best first.
        trace: what the search did; None unless it was called with `trace=True`.
    """

    captions: list[Caption]
    trace: SearchTrace | None = None

    @property
    def best(self) -> Caption:
        """The best caption."""
        return _first(self.captions)

    @property
    def recorded(self) -> SearchTrace:
        """The trace of a search that was called with `trace=True`.

        Raises:
            SettingsError: it was not.
        """
        if self.trace is None:
            raise SettingsError("the search recorded no trace; call it with trace=True")
        return self.trace


class ExactResult(NamedTuple):
    """What exact search found.

    Attributes:
        captions: the best finished captions, best first; fewer than asked for if the model has no
            more, or if the budget ran out.
        trace: what the search did; None unless it was called with `trace=True`.
        proved: whether it is proved that no other caption is better than these.
        expansions: how many prefixes were expanded.
    """

    captions: list[Caption]
    trace: SearchTrace | None
    proved: bool
    expansions: int

    @property
    def best(self) -> Caption:
        """The best caption.

        Raises:
            SettingsError: exact search found none.
        """
        return _first(self.captions)


def _first(captions: Sequence[Caption]) -> Caption:
    if not captions:
        raise SettingsError("a search found no caption; raise max_length or budget")
    return captions[0]
