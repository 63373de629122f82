"""The searches: which caption to say is a search problem.

Each takes a model (anything with `step` and `vocabulary`), the state of an encoded photo and its
options. Each returns a `SearchResult`: the captions, and a `SearchTrace` if it was asked for one.

`TableModel` is a model whose next words you write down, `worlds` has three of them, and
`all_sentences` lists what such a model can say, so that you can check a search by hand.
"""

from showtell_lib.search import worlds
from showtell_lib.search.all_sentences import all_sentences
from showtell_lib.search.beam_search import beam
from showtell_lib.search.beam_side_by_side import beam_batch
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
    "all_sentences",
    "beam",
    "beam_batch",
    "compare",
    "diverse_beam",
    "exact",
    "first_wrong_turn",
    "greedy",
    "sample",
    "worlds",
]
