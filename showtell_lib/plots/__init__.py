"""Figures in one style, each a `Picture` with alt text computed from its data."""

from showtell_lib.plots.attention_maps import attention
from showtell_lib.plots.curves import bars, length_penalty_sweep, line_panels, lines
from showtell_lib.plots.embedding_maps import embedding_map
from showtell_lib.plots.feature_maps import feature_maps
from showtell_lib.plots.gate_maps import gates
from showtell_lib.plots.grouped_bars import grouped_bars
from showtell_lib.plots.lost_optimum import lost_optimum
from showtell_lib.plots.lstm_cell import lstm_cell
from showtell_lib.plots.model_map import model_map
from showtell_lib.plots.occlusion_maps import occlusion, word_regions
from showtell_lib.plots.photo_grid import photo_row
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.reliability import reliability
from showtell_lib.plots.search_tree import compare_searches, search_steps, search_tree
from showtell_lib.plots.sentence_tree import sentence_tree
from showtell_lib.plots.shares import shares, tiles
from showtell_lib.plots.spreads import spreads
from showtell_lib.plots.tree_viewer import tree_viewer
from showtell_lib.plots.tree_words import tree_listing
from showtell_lib.plots.words import next_words, who_decided, word_probabilities

__all__ = [
    "Picture",
    "attention",
    "bars",
    "compare_searches",
    "embedding_map",
    "feature_maps",
    "gates",
    "grouped_bars",
    "length_penalty_sweep",
    "line_panels",
    "lines",
    "lost_optimum",
    "lstm_cell",
    "model_map",
    "next_words",
    "occlusion",
    "photo_row",
    "reliability",
    "search_steps",
    "search_tree",
    "sentence_tree",
    "shares",
    "spreads",
    "tiles",
    "tree_listing",
    "tree_viewer",
    "who_decided",
    "word_probabilities",
    "word_regions",
]
