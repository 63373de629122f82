"""The models that have a name: what they are, and where their files come from."""

from __future__ import annotations

from dataclasses import dataclass

from showtell_lib.errors import ModelError

GITHUB = "https://raw.githubusercontent.com"
TUTORIAL = f"{GITHUB}/ColeMurray/medium-show-and-tell-caption-generator/9452df1"
CHECKPOINT = f"{GITHUB}/yhwang/im2txt-inference/9f2c09cec080631040805228cf5ab2d1a3573965/chkpt"
DRIVE_ID = "15Juh0gaYR0qv8GjRL1EvsigErdQXTmnt"


@dataclass(frozen=True)
class Source:
    """A published file.

    Attributes:
        name: its file name, here and on a mirror.
        url: the address at which it was published.
        blob_sha1: its git blob hash; empty if it is unknown.
    """

    name: str
    url: str
    blob_sha1: str = ""


@dataclass(frozen=True)
class PublishedCaption:
    """A caption that the model's authors printed, and its probability."""

    text: str
    probability: float


@dataclass(frozen=True)
class Registered:
    """A model with a name.

    Attributes:
        name: what `load` takes.
        about: one line.
        size: about how many bytes it takes on disk; 0 for the bundled model.
        graph: the files that the graph is made from: a zip of it, or the parts of a checkpoint.
        vocabulary: its `word_counts.txt`.
        captions: the captions that it must give `PHOTO` with beam width 3; empty if its authors
            published none.
        beam_width: used unless the caller gives another. It is that of the published algorithm,
            unless the model's card says that another suits the model better.
        length_penalty: likewise.
    """

    name: str
    about: str
    size: int = 0
    graph: tuple[Source, ...] = ()
    vocabulary: Source | None = None
    captions: tuple[PublishedCaption, ...] = ()
    beam_width: int = 3
    length_penalty: float = 0.0

    @property
    def bundled(self) -> bool:
        """Whether it came with this library."""
        return not self.graph


PHOTO = Source(
    "trading_floor.jpg",
    f"{TUTORIAL}/imgs/trading_floor.jpg",
    "6d2227a113665abe08a81a674e7c25882e190948",
)
GRAPH_ZIP = "show-and-tell.zip"
CHECKPOINT_NAME = "model.ckpt-1000000"
_DATA = f"{CHECKPOINT_NAME}.data-00000-of-00001"
_PARTS = {
    f"{_DATA}_0001": "cedf5a38f737ec748956bcbe7d7a79e4f7d61a61",
    f"{_DATA}_0002": "7343ab8e94f9af53fa074c47711d7d3e9981226d",
    f"{_DATA}_0003": "f27cb75ec1f9167f2b1d49b7b726c049fa48ef81",
    f"{CHECKPOINT_NAME}.index": "98acc4287799baf8a115a9e2edb8e6b5aabcddfc",
}

MODELS = {
    "mini": Registered(
        "mini",
        "EfficientNet-Lite0 and LSTM, trained by this project; bundled",
        # Chosen by CIDEr on the dev split; the model card has the table.
        beam_width=5,
        length_penalty=1.0,
    ),
    "2m": Registered(
        "2m",
        "Inception v3 and LSTM, 2,000,000 iterations on MSCOCO: the tutorial's model",
        149_000_000,
        (Source(GRAPH_ZIP, f"https://drive.google.com/uc?id={DRIVE_ID}"),),
        Source(
            "word_counts.txt",
            f"{TUTORIAL}/etc/word_counts.txt",
            "8bb5468e2edf75010779edc265828f17dc810fec",
        ),
        (
            PublishedCaption("a group of people sitting at tables in a room .", 0.000306),
            PublishedCaption("a group of people sitting around a table with laptops .", 0.000140),
            PublishedCaption("a group of people sitting at a table with laptops .", 0.000069),
        ),
    ),
    "1m": Registered(
        "1m",
        "Inception v3 and LSTM, 1,000,000 iterations on MSCOCO: verifiable byte for byte",
        149_000_000,
        tuple(Source(name, f"{CHECKPOINT}/{name}", sha1) for name, sha1 in _PARTS.items()),
        Source(
            "word_counts.txt",
            f"{CHECKPOINT}/word_counts.txt",
            "0bf4c2ea7be52405a2450d2026b5a00125649c13",
        ),
    ),
}


def downloadable(name: str) -> Registered:
    """A model to download, by name.

    Raises:
        ModelError: there is no model of that name to download.
    """
    model = MODELS.get(name)
    names = ", ".join(n for n, known in MODELS.items() if not known.bundled)
    if model is None:
        raise ModelError(f"there is no model {name!r} to download; you can download {names}")
    if model.bundled:
        raise ModelError(f"{name!r} came with this library; you can download {names}")
    return model
