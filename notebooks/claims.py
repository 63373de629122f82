"""Sentences of the notebooks that say what an output shows, each with what must hold for it.

`claims.toml` lists them by notebook: a phrase that stands in a Markdown cell, and a Python
expression that is true in the notebook's kernel after the code cell above the sentence, or after
the cell that the claim names. nbval (conftest.py) and renew.py ask the kernel.
"""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "claims.toml"
# What works a claim out; its text is sent to the kernel, which need not import it.
JUDGING = Path(__file__).with_name("judging.py")


class ClaimError(Exception):
    """A claim is malformed, out of place or untrue; the message has several lines."""


@dataclass(frozen=True)
class Claim:
    """A sentence of a notebook, and what must hold for it to be true.

    Attributes:
        notebook: name of its file.
        cell: id of the Markdown cell that says it.
        phrase: what stands there, whatever its line breaks.
        true: a Python expression of the notebook's names that gives True or False.
        after: id of the code cell to wait for; without it, the last one above the sentence.
        prepare: statements before the expression; their names are forgotten afterwards.
    """

    notebook: str
    cell: str
    phrase: str
    true: str
    after: str = ""
    prepare: str = ""

    @property
    def name(self) -> str:
        """What a test run calls it."""
        return f'claim of {self.cell}: "{self.phrase}"'

    def failed(self, why: str) -> str:
        """A message that names the sentence and says what is wrong with it."""
        return f'{self.notebook}, cell {self.cell}: "{self.phrase}"\n{why}'


def read_claims(path: Path) -> list[Claim]:
    """The claims in a file, in its order; none where there is no file.

    Raises:
        ClaimError: if it is no TOML, or a claim lacks something or says too much.
    """
    if not path.exists():
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ClaimError(f"{path}: {error}") from error
    return [_claim(path, name, table) for name, listed in tables.items() for table in listed]


def _claim(path: Path, notebook: str, table: Any) -> Claim:
    known = {field.name for field in fields(Claim)} - {"notebook"}
    needed = {"cell", "phrase", "true"}
    if not isinstance(table, dict) or not needed <= set(table) <= known:
        allowed = ", ".join(sorted(known - needed))
        raise ClaimError(
            f"{path}: a claim of {notebook} needs cell, phrase and true, and may have {allowed};"
            f" this one is {table!r}"
        )
    if not all(isinstance(value, str) and value.strip() for value in table.values()):
        raise ClaimError(f"{path}: all parts of a claim are texts; not so in {table!r}")
    return Claim(
        notebook,
        **{key: " ".join(v.split()) if key == "phrase" else v.strip() for key, v in table.items()},
    )


def place(claim: Claim, notebook: Any) -> str:
    """The id of the code cell after which the kernel is asked.

    Raises:
        ClaimError: if the sentence or a cell is gone, or no code stands above the sentence.
    """
    code = {cell.id for cell in notebook.cells if cell.cell_type == "code"}
    ids = [cell.id for cell in notebook.cells]
    said = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "markdown"}
    if claim.cell not in said:
        raise ClaimError(claim.failed("There is no such Markdown cell: move or drop the claim."))
    if claim.phrase not in " ".join(said[claim.cell].split()):
        raise ClaimError(claim.failed("The cell does not say so: change the claim with it."))
    if claim.after and claim.after not in code:
        raise ClaimError(claim.failed(f"There is no code cell {claim.after} to wait for."))
    above = [cell_id for cell_id in ids[: ids.index(claim.cell)] if cell_id in code]
    if not (claim.after or above):
        raise ClaimError(claim.failed("No code runs above it: say `after`."))
    return claim.after or above[-1]


def question(claim: Claim) -> dict[str, Any]:
    """What to ask a kernel, as arguments of `execute_interactive`; it leaves no trace there."""
    program = JUDGING.read_text(encoding="utf-8")
    call = f"own['judged']({claim.true!r}, {claim.prepare!r}, dict(globals()))"
    return {
        "code": "",
        "silent": True,
        "store_history": False,
        "allow_stdin": False,
        "user_expressions": {"claim": f"(lambda own: exec({program!r}, own) or {call})({{}})"},
        "output_hook": lambda message: None,
    }


def verdict(claim: Claim, reply: Any) -> str | None:
    """What is wrong with a claim, by the kernel's reply to its question; None if it is true."""
    answer = reply["content"].get("user_expressions", {}).get("claim", {})
    if answer.get("status") != "ok":
        return claim.failed(f"The kernel does not answer: {answer or reply['content']}")
    found = json.loads(ast.literal_eval(answer["data"]["text/plain"]))
    if found["true"]:
        return None
    return claim.failed("\n  ".join([found["why"], claim.true, *found["compared"]]))
