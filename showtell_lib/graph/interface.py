"""The six tensors that every Show and Tell graph has, by their published names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from showtell_lib.errors import ModelError
from showtell_lib.quiet import GraphDef, Tensor

# Tokens int64 [N] and states [N, 2 * units] to softmax [N, words] and next states.
Step: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

IMAGE_FEED, INPUT_FEED, STATE_FEED = "image_feed", "input_feed", "lstm/state_feed"
INITIAL_STATE, SOFTMAX, STATE = "lstm/initial_state", "softmax", "lstm/state"
FEEDS = {IMAGE_FEED: "string", INPUT_FEED: "int64", STATE_FEED: "float32"}
FETCHES = (INITIAL_STATE, SOFTMAX, STATE)


def state_size(graph_def: GraphDef) -> int:
    """The width of the LSTM state, cell and hidden state together.

    Raises:
        ModelError: the graph does not state it, or states an odd or empty width.
    """
    node = next(node for node in graph_def.node if node.name == STATE_FEED)
    sizes = [dim.size for dim in node.attr["shape"].shape.dim]
    if len(sizes) != 2 or sizes[1] < 2 or sizes[1] % 2:
        raise ModelError(
            f"not a Show and Tell graph: {STATE_FEED} has the shape {sizes}, but should be "
            "[any, 2 * units]: cell state, then hidden state"
        )
    return int(sizes[1])
