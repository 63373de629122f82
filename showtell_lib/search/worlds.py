"""Three tiny models, in each of which the searches find different captions.

You can work out every probability on paper; `all_sentences` lists all sentences.
"""

from __future__ import annotations

from showtell_lib.search.table_model import TableModel

# Greedy starts with "a" and ends at "a dog sleeps", 0.6 x 0.5 x 0.6 = 0.18. A beam of two also
# goes on from "the", and finds the optimum: "the cat sleeps", 0.4 x 0.9 x 0.8 = 0.288.
BEAM_WINS = TableModel(
    {
        "": {"a": 0.6, "the": 0.4},
        "a": {"dog": 0.5, "cat": 0.4},
        "the": {"cat": 0.9, "dog": 0.1},
        "dog": {"sleeps": 0.6},
        "cat": {"sleeps": 0.8},
    }
)

# Greedy finds the optimum: "a dog", 0.55 x 0.32 = 0.176. A beam of two gives both its places to
# "the cat" (0.2475) and "the bird" (0.2025), which look better, but end as "the cat sleeps",
# 0.2475 x 0.6 = 0.1485. A beam of three has room for "a dog" again.
GREEDY_WINS = TableModel(
    {
        "": {"a": 0.55, "the": 0.45},
        "a": {"dog": 0.32, "cat": 0.25, "bird": 0.23},
        "the": {"cat": 0.55, "bird": 0.45},
        "cat": {"sleeps": 0.6},
        "bird": {"sleeps": 0.6},
    }
)

# A beam of two finds the optimum: "cats sleep", 0.32 x 0.4 = 0.128. A beam of three also goes on
# from "birds", and "birds run" (0.156) and "birds sleep" (0.144) push "cats sleep" out. It ends
# with "dogs run here", 0.38 x 0.5 x 0.6 = 0.114, as greedy does.
WIDER_LOSES = TableModel(
    {
        "": {"dogs": 0.38, "cats": 0.32, "birds": 0.3},
        "dogs": {"run": 0.5, "sleep": 0.28},
        "cats": {"sleep": 0.4, "run": 0.35},
        "birds": {"run": 0.52, "sleep": 0.48},
        "run": {"here": 0.6},
        "birds sleep": {"here": 0.7},
    }
)
