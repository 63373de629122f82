"""What the check says: a line for each thing that it looked at."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, PROBLEM = "ok", "warn", "problem"


@dataclass(frozen=True)
class Finding:
    """One line of the check.

    Attributes:
        what: what was looked at.
        state: `ok`, `warn` (it works, with a limit) or `problem`.
        found: the state in which it is.
        remedy: what to do about it; empty if nothing needs to be done.
    """

    what: str
    state: str
    found: str
    remedy: str = ""
