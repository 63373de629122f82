"""The settings of a request and the parts of an answer, as the API's description shows them."""

from __future__ import annotations

import base64
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from showtell_lib.plots import Picture
from showtell_lib.serve.limits import LARGEST_PENALTY, WIDEST_BEAM, WIDEST_TRACED
from showtell_lib.store import ModelFiles
from showtell_lib.trace import Caption, SearchTrace


class SearchSettings(BaseModel):
    """The settings of one request, which are parameters of its address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beam_width: int | None = Field(
        default=None,
        ge=1,
        le=WIDEST_BEAM,
        description="Hypotheses kept per step; 1 is greedy. The model's own if left out.",
    )
    length_penalty: float | None = Field(
        default=None,
        ge=0,
        le=LARGEST_PENALTY,
        allow_inf_nan=False,
        description="Power of its length that divides a caption's log-probability. The model's "
        "own if left out.",
    )
    captions: int = Field(
        default=3,
        ge=1,
        le=WIDEST_BEAM,
        description="At most so many captions, and no more than the beam.",
    )
    tree: bool = Field(
        default=False, description="Whether to draw the search tree too, which takes longer."
    )
    trace: bool = Field(
        default=False,
        description="Whether to tell all that the search looked at, too; only for a beam of at "
        f"most {WIDEST_TRACED}, since the trace grows with its square.",
    )


class WordAnswer(BaseModel):
    """One word of a caption."""

    word: str
    log_prob: float = Field(description="Natural logarithm of its probability.")


class CaptionAnswer(BaseModel):
    """One caption."""

    text: str
    log_prob: float = Field(description="Natural logarithm of the whole caption's probability.")
    probability: float
    score: float = Field(description="What ranks it: log_prob with the length penalty.")
    finished: bool = Field(description="Whether it ends with the end token.")
    words: list[WordAnswer] = Field(description="Its words, the end token included.")

    @classmethod
    def of(cls, caption: Caption) -> CaptionAnswer:
        """A caption of the library as the API gives it."""
        words = [WordAnswer(word=word, log_prob=log_prob) for word, log_prob in caption.words]
        return cls(
            text=caption.text,
            log_prob=caption.log_prob,
            probability=caption.probability,
            score=caption.score,
            finished=caption.finished,
            words=words,
        )


class ModelAnswer(BaseModel):
    """Which model answered."""

    name: str
    sha256: str = Field(description="One hash of its files; another model has another hash.")

    @classmethod
    def of(cls, files: ModelFiles) -> ModelAnswer:
        """The model's name, without its folder: clients need not know where it is."""
        return cls(name=Path(files.name).name, sha256=files.sha256)


class TreeAnswer(BaseModel):
    """The search tree as a picture."""

    png: str = Field(description="The PNG file in base64.")
    alt: str = Field(description="What the picture shows, in words.")

    @classmethod
    def of(cls, picture: Picture) -> TreeAnswer:
        """A picture of the library as the API gives it."""
        return cls(png=base64.b64encode(picture.png()).decode("ascii"), alt=picture.alt)


class CaptionsAnswer(BaseModel):
    """The answer to a photo."""

    model: ModelAnswer
    beam_width: int
    length_penalty: float
    captions: list[CaptionAnswer] = Field(description="The best first.")
    tree: TreeAnswer | None = None
    trace: SearchTrace | None = None


class StateAnswer(BaseModel):
    """The state of the service."""

    status: str
