"""The checks of notebook 01: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from showtell_lib.checks import notebook_01
from tests.notebook_source import solutions, stub

SOLUTIONS = solutions("01")
NAMES = ["git_blob_hash", "nodes_to_refuse"]


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def header(content: bytes) -> bytes:
    return b"blob %d\0" % len(content)


def in_pieces(content: bytes) -> str:
    """Right: byte by byte, and in capitals."""
    digest = hashlib.sha1(f"blob {len(content)}".encode() + bytes(1))
    for byte in content:
        digest.update(bytes([byte]))
    return digest.digest().hex().upper()


HASHES: dict[str, Callable[[bytes], Any]] = {
    "the hash of the content alone": sha1,
    "the zero byte is missing": lambda c: sha1(header(c)[:-1] + c),
    'the header ends with the digit "0"': lambda c: sha1(header(c)[:-1] + b"0" + c),
    "the header comes first": lambda c: sha1(c + header(c)),
    "the length is missing": lambda c: sha1(b"blob \0" + c),
    "the space after blob is missing": lambda c: sha1(b"blob%d\0" % len(c) + c),
    "the hash of the header alone": lambda c: sha1(header(c)),
    'writes bytes in a text as b"..."': lambda c: sha1(f"blob {len(c)}\0{c!r}".encode()),
    "give all 40 digits": lambda c: sha1(header(c) + c)[:7],
    "40 hexadecimal digits; yours are 64": lambda c: hashlib.sha256(header(c) + c).hexdigest(),
    "and you": lambda c: sha1(b"file %d\0" % len(c) + c),
    "Count the bytes": lambda c: sha1(b"blob 13\0" + c),
    "not other content of 7 bytes": lambda c: sha1(
        b"blob %d\0" % len(c.decode("utf-8", "replace")) + c
    ),
    "those are bytes": lambda c: hashlib.sha1(header(c) + c).digest(),
    "that is the hash object": lambda c: hashlib.sha1(header(c) + c),
    "should be a text, not 5": lambda c: 5,
    "stopped with UnicodeDecodeError": lambda c: sha1(f"blob {len(c)}\0{c.decode()}".encode()),
}


def nodes_of(graph: Any) -> list[Any]:
    inside = [node for function in graph.library.function for node in function.node_def]
    return [*graph.node, *inside]


def as_a_set(graph: Any, allowed: set[str]) -> set[str]:
    """Right: in a set, and with the arguments spoiled."""
    nodes = nodes_of(graph)
    found = {node.name for node in nodes if node.op not in allowed}
    allowed.clear()
    return found


def first_only(graph: Any, allowed: set[str]) -> list[str]:
    return SOLUTIONS["nodes_to_refuse"](graph, allowed)[:1]  # type: ignore[no-any-return]


NODES: dict[str, Callable[..., Any]] = {
    "not its operation": lambda g, a: [n.op for n in nodes_of(g) if n.op not in a],
    "you let it pass": lambda g, a: [],
    "you refuse note, product, weights": lambda g, a: [
        n.name for n in nodes_of(g) if n.op in a or n.op == "WriteFile" if n.name != "WriteFile"
    ],
    "A name is whatever its author likes": lambda g, a: [
        n.name for n in nodes_of(g) if n.op not in a and n.name not in a
    ],
    "Do not list what is harmful": lambda g, a: [
        n.name for n in nodes_of(g) if n.op in {"WriteFile", "ReadFile", "PyFunc"}
    ],
    "not only the first": first_only,
    "inside a function": lambda g, a: [n.name for n in g.node if n.op not in a],
    "name both": lambda g, a: [
        n.name for n in (nodes_of(g) if all(n.op in a for n in g.node) else g.node) if n.op not in a
    ],
    "use the `allowed` you get": lambda g, a: [
        n.name for n in nodes_of(g) if n.op not in notebook_01.ALLOWED
    ],
    "should be a text, the node's `name`": lambda g, a: [n for n in nodes_of(g) if n.op not in a],
}


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_01, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize(
    ("name", "attempt"), [("git_blob_hash", in_pieces), ("nodes_to_refuse", as_a_set)]
)
def test_answers_are_taken_in_other_forms(name: str, attempt: Any) -> None:
    result = getattr(notebook_01, name)(attempt)
    assert result.passed, result.message


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_01, name)(stub("01", name))
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", HASHES)
def test_wrong_hashes_are_named(message: str) -> None:
    result = notebook_01.git_blob_hash(HASHES[message])
    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize("message", NODES)
def test_wrong_lists_of_nodes_are_named(message: str) -> None:
    result = notebook_01.nodes_to_refuse(NODES[message])
    assert not result.passed
    assert message in result.message


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_computes_the_same(tmp_path: Path) -> None:
    for content in (notebook_01.BOOK, *notebook_01.CONTENTS):
        run = subprocess.run(
            ["git", "hash-object", "--stdin"], input=content, capture_output=True, cwd=tmp_path
        )
        assert SOLUTIONS["git_blob_hash"](content) == run.stdout.decode().strip()


def test_it_is_the_hash_that_the_book_prints() -> None:
    assert SOLUTIONS["git_blob_hash"](notebook_01.BOOK) == notebook_01.BOOK_HASH
