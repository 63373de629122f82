"""The baseline of a cold start: a first caption the way TensorFlow 1 programs come to it.

The whole graph is imported with its weights as constants, and a session runs it: for the photo,
then once a step. The search is that of `published`.

    python benchmarks/published_start.py MODEL_FOLDER PHOTO
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from published import published_beam

from showtell_lib.vocabulary import Vocabulary, read_vocabulary

TENSORS = {
    "photo": "image_feed:0",
    "first_state": "lstm/initial_state:0",
    "tokens": "input_feed:0",
    "state": "lstm/state_feed:0",
    "softmax": "softmax:0",
    "next_state": "lstm/state:0",
}


class SessionModel:
    """A frozen graph in a session: `encode` and `step` as searches need them."""

    def __init__(self, graph_file: Path, vocabulary: Vocabulary) -> None:
        graph_def = tf.compat.v1.GraphDef()
        graph_def.ParseFromString(graph_file.read_bytes())
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(graph_def, name="")
        self.session = tf.compat.v1.Session(graph=graph)
        self.vocabulary = vocabulary

    def encode(self, photo: bytes) -> np.ndarray:
        """The state after the photo, float32 [1, 2 * units]."""
        return self.session.run(TENSORS["first_state"], {TENSORS["photo"]: photo})

    def step(self, tokens: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of the next words and the next states."""
        fed = {TENSORS["tokens"]: tokens, TENSORS["state"]: state}
        softmax, state = self.session.run([TENSORS["softmax"], TENSORS["next_state"]], fed)
        return np.log(np.maximum(softmax, np.finfo(np.float32).tiny)), state


def main() -> None:
    """Prints the best caption of a photo."""
    folder, photo = map(Path, sys.argv[1:])
    vocabulary = read_vocabulary(folder / "word_counts.txt")
    model = SessionModel(folder / "show-and-tell.pb", vocabulary)
    width = model.session.graph.get_tensor_by_name(TENSORS["softmax"]).shape[1]
    model.vocabulary = vocabulary.sized(width)
    tokens, _ = published_beam(model, model.encode(photo.read_bytes()))[0]
    print(model.vocabulary.text(tokens))


if __name__ == "__main__":
    main()
