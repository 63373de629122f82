"""Reports on a captioner: the proof page, what captions get wrong, and what fools the metrics."""

from showtell_lib.reports.calibration import Bin, calibrate, expected_calibration_error
from showtell_lib.reports.fooled import fooled_scores
from showtell_lib.reports.mistakes import (
    SceneCaption,
    attribute_errors,
    checked_captions,
    diversity,
    people_called,
    word_frequencies,
)
from showtell_lib.reports.page import Report, Section, Table, read_report, write_report
from showtell_lib.reports.proof import make_report
from showtell_lib.reports.stored import ScoredCaption, StoredCaptions, load_captions, store_captions
from showtell_lib.reports.word_counts import WordCount, load_word_counts

__all__ = [
    "Bin",
    "Report",
    "SceneCaption",
    "ScoredCaption",
    "Section",
    "StoredCaptions",
    "Table",
    "WordCount",
    "attribute_errors",
    "calibrate",
    "checked_captions",
    "diversity",
    "expected_calibration_error",
    "fooled_scores",
    "load_captions",
    "load_word_counts",
    "make_report",
    "people_called",
    "read_report",
    "store_captions",
    "word_frequencies",
    "write_report",
]
