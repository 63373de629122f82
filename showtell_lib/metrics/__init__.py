"""Caption metrics over the COCO conventions: BLEU, ROUGE-L and CIDEr.

METEOR is absent on purpose: the standard one needs Java, and the kept Python ones need a download
of WordNet and give other numbers.
"""

from showtell_lib.metrics.scores import Scores, score_captions, score_each
from showtell_lib.metrics.tokenizer import tokenize

__all__ = ["Scores", "score_captions", "score_each", "tokenize"]
