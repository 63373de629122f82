"""Checks for the exercises of notebook 01, Download the model."""

from __future__ import annotations

import hashlib

from showtell_lib.checks.answers import described, items
from showtell_lib.checks.result import (
    Attempt,
    Result,
    Solution,
    WrongError,
    call,
    expect,
    run_check,
)
from showtell_lib.quiet import GraphDef, import_tensorflow

# What the book Pro Git stores and prints, in its chapter "Git Objects".
BOOK = b"test content\n"
BOOK_HASH = "d670460b4b4aece5915caf5c68d12f560a9fe3e4"
# Of other lengths; letters of two bytes, and bytes that are no text.
CONTENTS = (b"", "d\xf6ner\n".encode(), b"<S> 1\n" * 40, bytes(range(256)))

ALLOWED = frozenset({"Const", "Conv2D", "MatMul", "Softmax"})
# An operation for each node, by the node's name.
NOTHING: dict[str, str] = {}
HARMLESS = {"weights": "Const", "product": "MatMul", "WriteFile": "Softmax"}


def git_blob_hash(attempt: Attempt) -> Result:
    """Checks a function that computes the hash by which git knows a file.

    Args:
        attempt: takes the file's content, bytes; returns the SHA-1, as 40 hexadecimal digits, of
            `blob`, a space, the number of bytes, a zero byte, and the content.
    """
    return run_check(attempt, _check_hash, "So git, and the book Pro Git, name the same bytes.")


def _check_hash(solution: Solution) -> None:
    found = _digits(call(solution, BOOK))
    for mistake, hashed in _mistakes(BOOK).items():
        expect(found != hashlib.sha1(hashed, usedforsecurity=False).hexdigest(), mistake)
    expect(found != _git(BOOK)[: len(found)] or len(found) == 40, "give all 40 digits.")
    expect(len(found) == 40, f"SHA-1 has 40 hexadecimal digits; yours are {len(found)}.")
    expect(
        found == BOOK_HASH,
        f"for {BOOK!r}, git computes {BOOK_HASH[:12]}..., and you {found[:12]}...: hash the word "
        "blob, a space, the number of bytes, a zero byte, and then the content.",
    )
    for content in CONTENTS:
        expect(
            _digits(call(solution, content)) == _git(content),
            f"the book's content is right, but not other content of {len(content)} bytes. Count "
            "the bytes of the content you are given, and hash just those bytes.",
        )


def _mistakes(content: bytes) -> dict[str, bytes]:
    """What was hashed instead, by what to say about it."""
    header = b"blob %d" % len(content)
    return {
        "that is the hash of the content alone; git hashes a header before it.": content,
        "the zero byte is missing between the header and the content.": header + content,
        'the header ends with the digit "0": a zero byte is b"\\0".': header + b"0" + content,
        "the header comes first, then the content.": content + header + b"\0",
        "the length is missing in the header.": b"blob \0" + content,
        "the space after blob is missing.": b"blob%d\0" % len(content) + content,
        "that is the hash of the header alone: add the content.": header + b"\0",
        'Python writes bytes in a text as b"...": put bytes together with bytes, so that the '
        "content stays as it is.": f"blob {len(content)}\0{content!r}".encode(),
    }


def _git(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _digits(answer: object) -> str:
    if isinstance(answer, bytes):
        raise WrongError("those are bytes: `hexdigest()` gives them as hexadecimal digits.")
    if hasattr(answer, "hexdigest"):
        raise WrongError("that is the hash object: its `hexdigest()` is the answer.")
    expect(isinstance(answer, str), f"the answer should be a text, not {described(answer)}.")
    return str(answer).lower()


def nodes_to_refuse(attempt: Attempt) -> Result:
    """Checks a function that says which nodes of a graph must not run.

    Args:
        attempt: takes a `GraphDef` and the set of the allowed operations; returns the names of
            all nodes with another operation, also of those inside functions, in any order.
    """
    import_tensorflow()  # Here, for the time it takes is not the learner's.
    praise = "Only what is known to be needed may run, wherever in the graph it stands."
    return run_check(attempt, _check_nodes, praise)


def _check_nodes(solution: Solution) -> None:
    def names(
        nodes: dict[str, str], inside: dict[str, str] = NOTHING, allowed: frozenset[str] = ALLOWED
    ) -> list[str]:
        return _names(call(solution, _graph({**HARMLESS, **nodes}, inside), set(allowed)))

    found = names({"note": "WriteFile"})
    expect("WriteFile" not in found or "note" in found, _NAME_OR_OPERATION)
    expect("note" in found, "the node 'note' writes a file, and you let it pass.")
    expect(
        found == ["note"],
        f"only 'note' has an operation that is not allowed, but you refuse {', '.join(found)}.",
    )
    expect(names({}) == [], "all operations of this graph are allowed: the list should be empty.")
    expect(
        names({"MatMul": "ReadFile"}) == ["MatMul"],
        "a node *called* MatMul read a file. A name is whatever its author likes: look at `op`.",
    )
    expect(
        names({"new": "InventedTomorrow"}) == ["new"],
        "an operation that nobody has heard of passed. Do not list what is harmful, for no such "
        "list is ever complete: refuse all that is not in `allowed`.",
    )
    both = names({"note": "WriteFile", "call": "PyFunc"})
    expect(both == ["call", "note"], "name all bad nodes, not only the first.")
    expect(
        names({}, {"hidden": "PyFunc", "sum": "MatMul"}) == ["hidden"],
        "a bad node passed inside a function that the graph defines. Look through "
        "`function.node_def` of each function in `graph.library.function`, too.",
    )
    expect(
        names({"note": "WriteFile"}, {"hidden": "PyFunc"}) == ["hidden", "note"],
        "there was a bad node outside the functions and one inside: name both.",
    )
    expect(
        names({}, allowed=ALLOWED - {"MatMul"}) == ["product"],
        "with another set of allowed operations, others are refused: use the `allowed` you get.",
    )


_NAME_OR_OPERATION = "give the node's `name`, not its operation: it says where to look."


def _names(answer: object) -> list[str]:
    """In alphabetical order."""
    given = list(answer) if isinstance(answer, (set, frozenset)) else answer
    listed = items(given, "the names of the nodes")
    for name in listed:
        told = f"each name should be a text, the node's `name`, not {described(name)}."
        expect(isinstance(name, str), told)
    return sorted(map(str, listed))


def _graph(nodes: dict[str, str], inside: dict[str, str]) -> GraphDef:
    """A graph of these nodes, with a function of those inside; operations by their names."""
    import_tensorflow()
    from tensorflow.core.framework import graph_pb2

    graph = graph_pb2.GraphDef()
    for name, operation in nodes.items():
        graph.node.add(name=name, op=operation)
    if inside:
        function = graph.library.function.add()
        function.signature.name = "helper"
        for name, operation in inside.items():
            function.node_def.add(name=name, op=operation)
    return graph
