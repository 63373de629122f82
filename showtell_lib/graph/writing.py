"""Writing a model folder: a frozen graph and its vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from showtell_lib.files import written
from showtell_lib.quiet import GraphDef
from showtell_lib.store.model_files import GRAPH_FILE, VOCABULARY_FILE


def write_model(graph_def: GraphDef, vocabulary: Path, out: Path) -> None:
    """Writes a model's two files into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with written(out / VOCABULARY_FILE) as part:
        part.write_bytes(vocabulary.read_bytes())
    with written(out / GRAPH_FILE) as part, part.open("wb") as file:
        for piece in _pieces(graph_def):
            file.write(piece.SerializeToString(deterministic=True))


def _pieces(graph_def: GraphDef) -> Iterator[GraphDef]:
    """A graph in pieces, which, serialized one after the other, give the bytes of the whole graph.

    To serialize the graph at once would take three times the memory of its weights.
    """
    from tensorflow.core.framework import graph_pb2

    for node in graph_def.node:
        yield graph_pb2.GraphDef(node=[node])
    yield graph_pb2.GraphDef(library=graph_def.library, versions=graph_def.versions)
