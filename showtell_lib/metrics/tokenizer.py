"""Words as the COCO evaluation counts them: Penn Treebank tokens, lower case, no punctuation."""

from __future__ import annotations

import re

DROPPED = frozenset("' \" ` . ? ! , : - -- ... ;".split())
# The tool writes brackets like this and, by an oversight, counts them as words.
BRACKETS = dict(zip("()[]{}", "-lrb- -rrb- -lsb- -rsb- -lcb- -rcb-".split(), strict=True))
PLAIN = str.maketrans(
    dict.fromkeys("\u2018\u2019", "'")  # curly quotes
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u2013\u2014", " -- ")  # dashes
    | {"\u2026": " ... "}
    | {"\u00a3": " # ", "\u20ac": " $ ", "\u00a2": " cents "}  # how the tool writes currencies
    | dict.fromkeys("\u20a9\u20b9\u20bd", " ")
    | {bracket: f" {written} " for bracket, written in BRACKETS.items()}
)
TOKEN = re.compile(
    r"""
    -[lr][rsc]b-                             # a bracket
    | </?[a-z][^<>\s]*>                      # <UNK>, </S>, <b>
    | &(?:amp|lt|gt|quot|apos|nbsp);         # a character as web pages write it
    | (?-i:[A-Z]+(?:[&+][A-Z]+)+)            # AT&T, R&B
    | (?:nos?|pp?|op|art|figs?|ft|tel|ext|bldg)\.(?=\s*\d) # no. 5; elsewhere "no." ends a sentence
    | (?-i:[A-Z]{1,2})\$                     # US$, A$
    | @[a-z_]\w*                             # @user
    | \.\.\.|--+|[?!]{2,}                    # an ellipsis, a dash, an outcry
    | https?://\S+|\S+@\w+\.\w+|\#[a-z]\w*  # addresses, hashtags
    | (?:[a-z]\.){2,}|(?-i:[A-Z]\.)             # T.V., a middle initial
    | (?:mr|mrs|ms|dr|st|jr|sr|vs|etc)\.     # abbreviations
    | o'[a-z]+|'n'|'\d0s                     # o'clock, rock 'n' roll, the '90s
    | n't|'(?:s|re|ve|ll|d|m)(?![a-z])       # what a contraction ends in
    | \w+\.(?:com|net|org|edu)\b             # a web address
    | (?<!\w)-?\.?\d+(?:[.,:/]\d+)*(?!-?\w) # 1,000 and 3:30 and 1/2 and -5
    | \w+(?:[-/]\w+)*                        # words and numbers, also t-shirt
    | \S                                     # whatever else, one at a time
    """,
    re.VERBOSE | re.IGNORECASE,
)
CONTRACTION = re.compile(r"(?<=[a-z])(?=(?:n't|'(?:s|re|ve|ll|d|m))(?![a-z]))", re.IGNORECASE)
# What the web's names of characters stand for.
NAMED = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&nbsp;": '"'}
# Words that the Penn Treebank writes as two.
TWO_IN_ONE = re.compile(
    r"\b(?:(can)(not)|(gon)(na)|(got)(ta)|(lem)(me)|(gim)(me)|(wan)(na))\b", re.IGNORECASE
)


def tokenize(caption: str) -> list[str]:
    """The words of a caption, as the standard tool's tokenizer gives them.

    That is Stanford's PTBTokenizer 3.4.1, lower case, as in the COCO evaluation. The words are the
    same for every caption of Flickr8k, for common punctuation, for `<UNK>`, `</S>` and other tags
    without blanks (one word each), and for `no. 5`, `AT&T`, `@user`, `&amp;` and signs of currency
    (the tool writes the pound as `#`, the euro as `$`, and drops the rupee). Other text may
    differ: `y'all`, `'tis`, a full stop without a space after it, `Rs.500`, `&#39;`, tags
    with attributes, emoji.

    >>> tokenize("A man's dog , running .")
    ['a', 'man', "'s", 'dog', 'running']
    """
    plain = caption.translate(PLAIN)
    spaced = TWO_IN_ONE.sub(lambda match: " ".join(filter(None, match.groups())), plain)
    words = TOKEN.findall(CONTRACTION.sub(" ", spaced))
    meant = (NAMED.get(word.lower(), word) for word in words)
    return [word.lower() for word in meant if word not in DROPPED]
