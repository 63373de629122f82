"""What a run starts from: an earlier run, or a finished model, whose encoder it keeps as it is.

New words join the vocabulary. The weights of a new word begin as the average of all known words, so
that the model says it as rarely as an average word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from showtell_lib.errors import DataError, SettingsError, VocabularyError
from showtell_lib.files import lines_of, read_text, written
from showtell_lib.graph import parse_graph
from showtell_lib.graph.functions import GraphFunctions
from showtell_lib.lstm import FORGET_BIAS
from showtell_lib.store import GRAPH_FILE, ModelFiles, find_model
from showtell_lib.store.published import MODELS
from showtell_lib.training import text
from showtell_lib.training.encoders import Encoder, build_encoder
from showtell_lib.training.graph_encoder import graph_encoder
from showtell_lib.training.options import FROM_MODEL, OWN_ENCODER, TrainingOptions, read_options
from showtell_lib.training.weights import BEST_FILE, read_weights
from showtell_lib.vocabulary import UNKNOWN, Vocabulary, parse_vocabulary, read_vocabulary

OPTIONS_FILE, VOCABULARY_FILE = "options.json", "word_counts.txt"
# A run that starts from a model keeps a copy of the model in this folder.
START_FOLDER = "start"


@dataclass(frozen=True, eq=False)
class _Learned:
    """What the earlier run, or the finished model, has learned.

    Attributes:
        weights: arrays by the names of the frozen format; an earlier run also has the weights of
            its encoder's tail.
        vocabulary: the words, as many as the softmax is wide.
        words: the file of the vocabulary.
    """

    weights: dict[str, np.ndarray]
    vocabulary: Vocabulary
    words: Path


def options_from(given: Mapping[str, Any]) -> TrainingOptions:
    """The options of a run; the other defaults depend on what the run starts from.

    Raises:
        SettingsError: one of them is outside what is allowed.
        ModelError: a file of the model to start from is missing.
    """
    own = _model_of(given.get("start_from", "")) is not None
    return TrainingOptions(**{**(FROM_MODEL if own else {}), **given})


def check_start(options: TrainingOptions, folder: Path) -> None:
    """Reads all that a run takes over, so that a run that cannot start leaves no files.

    Raises:
        DataError: the run to start from is incomplete.
        ModelError: the model to start from is bad, or a file of it is missing.
        SettingsError: the start has another encoder or another size than the options, or the
            options would train the encoder of a model, which stays unchanged.
    """
    if not options.start_from or _is_taken_over(folder):
        return
    if _model_of(options.start_from):
        _check_frozen(options)
        encoder = OWN_ENCODER
    else:
        encoder = _options_of(Path(options.start_from)).encoder
    units = len(_read(options.start_from).weights["lstm/basic_lstm_cell/bias"]) // 4
    if (encoder, units) != (options.encoder, options.units):
        raise SettingsError(
            f"cannot start from {options.start_from}: its encoder is {encoder} and it has {units} "
            f"units, not {options.encoder} and {options.units}"
        )


def _options_of(run: Path) -> TrainingOptions:
    path = run / OPTIONS_FILE
    if not path.is_file():
        raise DataError(
            f"cannot start from {run}: it is neither a model nor the folder of a training run; "
            "known models are " + ", ".join(MODELS)
        )
    return read_options(path)


def _check_frozen(options: TrainingOptions) -> None:
    if options.encoder != OWN_ENCODER or options.initial_weights is not None:
        raise SettingsError(
            f"{options.start_from} brings its own encoder: leave out --encoder and "
            "--encoder-weights"
        )
    if options.tuning_epochs:
        raise SettingsError(
            f"the encoder of {options.start_from} stays as it is: leave out --tuning-epochs"
        )


def take_over(options: TrainingOptions, folder: Path, captions: Iterable[str]) -> None:
    """Copies what the start has learned into a run's folder, unless that was done before.

    New words of the captions join the vocabulary if they are frequent enough.
    """
    if not options.start_from or _is_taken_over(folder):
        return
    if model := _model_of(options.start_from):
        _copy(model.graph, folder / START_FOLDER / GRAPH_FILE)
        _copy(model.vocabulary, folder / START_FOLDER / VOCABULARY_FILE)
    learned = _read(options.start_from)
    new = _new_words(learned.vocabulary, captions, options.min_count)
    weights = _with_rows(learned.weights, len(learned.vocabulary.tokens), len(new))
    with written(folder / BEST_FILE) as part, part.open("wb") as file:
        np.savez(file, **weights)  # type: ignore[arg-type]
    lines = [line for line in lines_of(read_text(learned.words, VocabularyError)) if line]
    if len(lines) < len(learned.vocabulary.tokens):
        lines.append(f"{UNKNOWN} 0")
    # The vocabulary comes last: a folder that has it has everything.
    with written(folder / VOCABULARY_FILE) as part:
        added = [f"{word} {count}" for word, count in new]
        part.write_text("".join(f"{line}\n" for line in [*lines, *added]), encoding="utf-8")


def encoder_of(options: TrainingOptions, folder: Path) -> Encoder:
    """The encoder of a run: that of the model it started from, or else one that is built.

    Raises:
        ModelError: the model is bad.
        SettingsError: there is no such encoder, or its weights do not fit.
        DownloadError: its weights cannot be downloaded.
    """
    graph = graph_in(folder)
    if graph is None and (model := _model_of(options.start_from)):
        graph = model.graph
    if graph is not None:
        return graph_encoder(graph)
    return build_encoder(options.encoder, options.initial_weights)


def graph_in(run: Path) -> Path | None:
    """The graph of the model that a run started from; None if it started from none."""
    graph = run / START_FOLDER / GRAPH_FILE
    return graph if graph.is_file() else None


def _is_taken_over(folder: Path) -> bool:
    return (folder / VOCABULARY_FILE).is_file()


def _model_of(start_from: str) -> ModelFiles | None:
    """The model to start from; None if the start is an earlier run that built its own encoder."""
    if not start_from:
        return None
    path = Path(start_from)
    if graph_in(path):
        return find_model(path / START_FOLDER)
    is_model = start_from in MODELS or path.suffix == ".pb" or any(path.glob("*.pb"))
    return find_model(start_from) if is_model else None


def _read(start_from: str) -> _Learned:
    path = Path(start_from)
    if (path / OPTIONS_FILE).is_file():
        words = path / VOCABULARY_FILE
        return _Learned(read_weights(path / BEST_FILE), read_vocabulary(words), words)
    files = find_model(start_from)
    content = files.read()
    content.files.check_unchanged()
    vocabulary = parse_vocabulary(content.vocabulary, files.vocabulary)
    functions = GraphFunctions(parse_graph(content.graph, files.graph))
    weights, forget_bias = functions.decoder_weights()
    units = len(weights["lstm/basic_lstm_cell/bias"]) // 4
    # The trainer's own graphs add this to the forget gate, the third of four.
    weights["lstm/basic_lstm_cell/bias"] = weights["lstm/basic_lstm_cell/bias"].copy()
    weights["lstm/basic_lstm_cell/bias"][2 * units : 3 * units] += forget_bias - FORGET_BIAS
    weights.setdefault("image_embedding/biases", np.zeros(units, np.float32))
    return _Learned(weights, vocabulary.sized(len(weights["seq_embedding/map"])), files.vocabulary)


def _new_words(
    vocabulary: Vocabulary, captions: Iterable[str], min_count: int
) -> list[tuple[str, int]]:
    counts = text.count_words(captions, min_count)
    unknown = vocabulary.unknown_id
    return [(w, n) for w, n in counts if vocabulary.token_id(w) == unknown and w != UNKNOWN]


def _with_rows(weights: Mapping[str, np.ndarray], known: int, new: int) -> dict[str, np.ndarray]:
    """The weights with rows for new words; rows beyond the known words, all unknown, go."""
    axes = {"seq_embedding/map": 0, "logits/weights": 1, "logits/biases": 0}
    extended = dict(weights)
    for name, axis in axes.items():
        old = np.take(weights[name], range(known), axis)
        average = np.repeat(old.mean(axis, keepdims=True), new, axis)
        extended[name] = np.concatenate([old, average], axis)
    return extended


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with written(target) as part:
        part.write_bytes(source.read_bytes())
