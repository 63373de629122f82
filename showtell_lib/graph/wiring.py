"""Is the wiring of a graph whole? Each name once, every source there, and no loop."""

from __future__ import annotations

from collections import Counter

from showtell_lib.errors import ModelError
from showtell_lib.graph.nodes import ASK_AGAIN, consumers_by_name, node_name
from showtell_lib.quiet import GraphDef


def check_wiring(graph_def: GraphDef) -> None:
    """Checks that every node reads from nodes that are there, and none from itself.

    Raises:
        ModelError: two nodes have one name, a source is missing, or nodes form a loop.
    """
    counts = Counter(node.name for node in graph_def.node)
    name, times = counts.most_common(1)[0]
    if times > 1:
        raise ModelError(f"malformed graph: {times} nodes are called {name!r}; {ASK_AGAIN}")
    for node in graph_def.node:
        for source in map(node_name, node.input):
            if source not in counts:
                raise ModelError(
                    f"malformed graph: node {node.name!r} reads from {source!r}, which is not "
                    f"there; {ASK_AGAIN}"
                )
    _check_no_cycle(graph_def)


def _check_no_cycle(graph_def: GraphDef) -> None:
    waiting = {node.name: len(node.input) for node in graph_def.node}
    consumers = consumers_by_name(graph_def)
    ready = [name for name, count in waiting.items() if count == 0]
    done = 0
    while ready:
        done += 1
        for consumer in consumers.get(ready.pop(), ()):
            waiting[consumer] -= 1
            if waiting[consumer] == 0:
                ready.append(consumer)
    if done < len(waiting):
        name = next(name for name, count in waiting.items() if count > 0)
        raise ModelError(f"malformed graph: node {name!r} is part of a loop; {ASK_AGAIN}")
