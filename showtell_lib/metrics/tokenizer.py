"""Words as the COCO evaluation counts them: Penn Treebank tokens, lower case, no punctuation."""

from __future__ import annotations

import re

DROPPED = frozenset(
    "'' ' `` ` -lrb- -rrb- -lcb- -rcb- -lsb- -rsb- . ? ! , : - -- ... ;".split()
) | {"-LRB-"}

TOKEN = re.compile(
    r"""
    \.\.\.|--+                               # an ellipsis, a dash
    | (?:[a-z]\.){2,}                        # t.v., u.s.
    | (?:mr|mrs|ms|dr|st|jr|sr|vs|etc)\.     # abbreviations
    | \d+(?:[.,:]\d+)*                       # numbers, also 1,000 and 3:30
      (?:[a-z]+)?(?:-[a-z0-9]+)*             # 20th, 4-wheeler
    | [a-z0-9]+(?:[-/][a-z0-9]+)*            # words, also t-shirt
    | [^\sa-z0-9]                            # whatever else, one at a time
    """,
    re.VERBOSE,
)
CONTRACTION = re.compile(r"(?<=[a-z])(n't|'(?:s|re|ve|ll|d|m))(?![a-z])")


def tokenize(caption: str) -> list[str]:
    """The words of a caption, as the standard tool's tokenizer gives them.

    >>> tokenize("A man's dog , running .")
    ['a', 'man', "'s", 'dog', 'running']
    """
    words = []
    for piece in CONTRACTION.split(caption.lower()):
        if CONTRACTION.fullmatch("x" + piece, 1):
            words.append(piece)
        else:
            words += TOKEN.findall(piece)
    return [word for word in words if word not in DROPPED]
