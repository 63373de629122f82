"""Everything this library raises on purpose, so that one `except ShowTellError` catches it all."""


def first_line(error: Exception) -> str:
    """The first line of an error's message: those of TensorFlow and Keras run over many."""
    return str(getattr(error, "message", error)).partition("\n")[0]


class ShowTellError(Exception):
    """Bad input or a failed task; the message says what was wrong and what to do next."""


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
