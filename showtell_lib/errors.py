"""Everything this library raises on purpose, so that one `except ShowTellError` catches it all."""

from __future__ import annotations

import re
import unicodedata

# Control characters, halves of characters (bytes of a name that are not UTF-8), line separators.
UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Marks that make a terminal or a page show text in another order than it is stored.
REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What stands before the @ of an address: a name, a password, or both.
_CREDENTIALS = re.compile(r"(?<=://)[^\s/?#]*@")


def printable(text: str) -> str:
    """Text on one line, as it is stored: line breaks, control characters, broken letters escaped.

    Whatever came from outside (a file's name, a server's words, a vocabulary) is shown like this:
    it could otherwise clear the screen, forge lines or turn the order of letters around.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) for c in text)


def _escaped(character: str) -> str:
    if character in REORDERING or unicodedata.category(character) in UNPRINTABLE:
        return character.encode("unicode_escape").decode()
    return character


def without_password(text: str) -> str:
    """Text whose addresses lack the name and the password that stood before their host."""
    return _CREDENTIALS.sub("", text)


def first_line(error: Exception) -> str:
    """The first line of an error's message: those of TensorFlow and Keras run over many."""
    return str(getattr(error, "message", error)).partition("\n")[0]


class ShowTellError(Exception):
    """Bad input or a failed task; the message says what was wrong and what to do next.

    A message is one line without control characters and without passwords, wherever it is shown.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(printable(without_password(str(message))))


class PhotoError(ShowTellError):
    """A photo cannot be opened or is unsafe to open."""


class PhotoFormatError(PhotoError):
    """A file is no photo, or a photo of a kind that cannot be read here."""


class PhotoSizeError(PhotoError):
    """A photo has more pixels than are opened."""


class VocabularyError(ShowTellError):
    """A `word_counts.txt` is malformed or does not fit its model."""


class ModelError(ShowTellError):
    """A model is missing, malformed, unsafe or not a Show and Tell graph."""


class SettingsError(ShowTellError, ValueError):
    """A setting (beam width, length penalty, ...) is outside what is allowed."""


class DataError(ShowTellError):
    """A training or evaluation dataset is missing, malformed or cannot be fetched."""


class SceneError(ShowTellError, ValueError):
    """A picture-book scene holds what cannot be, or cannot be changed as asked."""


class DownloadError(ShowTellError):
    """A file cannot be downloaded, is not what it should be, or cannot be written."""


class BatchError(ShowTellError):
    """A run over many photos cannot start, go on where it was, or reach its photos or output."""
