"""How nbval runs the notebooks: it compares text as a reader does (same_text.py), leaves out
stderr, and asks whether what the sentences claim is true (claims.py).

TensorFlow's C++ writes its log lines to stderr at import, different ones on every machine. That no
notebook has any is tested in tests/test_notebooks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from claims import FILE, Claim, ClaimError, place, question, read_claims, verdict
from same_text import ReadText, is_exact


class ClaimItem(pytest.Item):
    """One sentence, tried in the kernel that has just run the cells above it."""

    def __init__(self, *, claim: Claim, wrong: str | None, **given: Any) -> None:
        super().__init__(**given)
        self.claim, self.wrong = claim, wrong

    def runtest(self) -> None:
        """Asks the kernel.

        Raises:
            ClaimError: if the sentence is gone or not true, or the kernel does not answer.
        """
        wrong, kernel = self.wrong, self.parent.kernel
        if wrong is None and not kernel.is_alive():
            wrong = self.claim.failed("The kernel has died before it could be asked.")
        if wrong is None:
            seconds = self.config.option.nbval_cell_timeout
            reply = kernel.kc.execute_interactive(timeout=seconds, **question(self.claim))
            wrong = verdict(self.claim, reply)
        if wrong is not None:
            raise ClaimError(wrong)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The message alone: where it was raised is of no use."""
        if isinstance(excinfo.value, ClaimError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        """Where it belongs, for pytest's report."""
        return self.path, 0, f"{self.path.name}, {self.name}"


def pytest_collectstart(collector: Any) -> None:
    """Adds stderr to what nbval does not compare, and the claims to what it runs."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare = (*collector.skip_compare, "stderr")
        cells = collector.collect
        collector.collect = lambda: with_claims(collector, cells)


def with_claims(notebook: Any, cells: Any) -> Iterator[pytest.Item]:
    """The cells of a notebook, each followed by the claims to be tried after it."""
    items = list(cells())
    claims = [
        one
        for one in read_claims(notebook.path.parent / FILE)
        if one.notebook == notebook.path.name
    ]
    placed: dict[str, list[ClaimItem]] = {}
    for claim in claims:
        where, wrong = "", None
        try:
            where = place(claim, notebook.nb)
        except ClaimError as error:
            wrong = str(error)
        item = ClaimItem.from_parent(notebook, name=claim.name, claim=claim, wrong=wrong)
        placed.setdefault(where, []).append(item)
    yield from placed.get("", [])
    for item in items:
        yield item
        yield from placed.get(item.cell.id, [])


def pytest_itemcollected(item: Any) -> None:
    """Has nbval compare a cell's texts as a reader does, unless the cell asks for more."""
    if hasattr(item, "sanitize") and not is_exact(item.cell.source):
        sanitize = item.sanitize

        def readable(output: Any) -> Any:
            text = sanitize(output)
            return ReadText(text) if isinstance(text, str) else text

        item.sanitize = readable
