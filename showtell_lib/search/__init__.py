"""The searches: which caption to say is a search problem.

Each takes a model (anything with `step` and `vocabulary`), the state of an encoded photo and its
options. Each returns a `SearchResult`: the captions, and a `SearchTrace` if it was asked for one.
"""

from showtell_lib.search.beam_search import beam
from showtell_lib.search.comparison import compare, first_wrong_turn
from showtell_lib.search.diverse_beam_search import diverse_beam
from showtell_lib.search.exact_search import exact
from showtell_lib.search.greedy_search import greedy
from showtell_lib.search.results import ExactResult, SearchResult
from showtell_lib.search.sampling import sample
from showtell_lib.search.settings import LONGEST, BeamSettings
from showtell_lib.search.table_model import TableModel

__all__ = [
    "LONGEST",
    "BeamSettings",
    "ExactResult",
    "SearchResult",
    "TableModel",
    "beam",
    "compare",
    "diverse_beam",
    "exact",
    "first_wrong_turn",
    "greedy",
    "sample",
]
