"""Checks for the exercises of notebook 07, Your own photos."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np

from showtell_lib.checks.answers import array_of, number
from showtell_lib.checks.result import (
    Attempt,
    Result,
    Solution,
    WrongError,
    call,
    expect,
    run_check,
)

Box = tuple[int, int, int, int]
SOURCE = "data:image/png;base64,AAAA"


def square_around(attempt: Attempt) -> Result:
    """Checks a function that finds the square to cut out of a photo.

    Args:
        attempt: takes the photo's width and height and the subject's (left, top, right, bottom);
            returns those of the largest square in the photo, its middle as near to the subject's
            as the photo allows.
    """
    return run_check(attempt, _check_square, "The subject is whole, and nothing is squashed.")


def _check_square(solution: Solution) -> None:
    cases: list[tuple[int, int, Box]] = [
        (600, 400, (450, 100, 590, 300)),
        (600, 400, (10, 60, 90, 160)),
        (300, 500, (20, 380, 200, 490)),
        (600, 400, (330, 50, 370, 150)),
        (200, 200, (0, 20, 50, 90)),
    ]
    for width, height, subject in cases:
        answer = call(solution, width, height, subject)
        what = "the answer, which is left, top, right and bottom,"
        left, top, right, bottom = array_of(answer, (4,), what).tolist()
        where = f"in a photo of {width} by {height} with the subject at {subject}, "
        _check_shape(where, (width, height), (left, top, right, bottom))
        expect(
            left <= subject[0] and top <= subject[1] and right >= subject[2] >= 0,
            f"{where}the square cuts the subject: the middle of a photo is seldom the middle of "
            "what it shows.",
        )
        expect(bottom >= subject[3], f"{where}the square ends above the subject's lower edge.")
        _check_middle(where, (width, height), subject, (left, top))


def _check_shape(
    where: str, size: tuple[int, int], square: tuple[float, float, float, float]
) -> None:
    left, top, right, bottom = square
    width, height = size
    expect(
        right - left == bottom - top,
        f"{where}the cut is {right - left:g} by {bottom - top:g}: no square, so the encoder would "
        "still squash it.",
    )
    expect(
        min(left, top) >= 0 and right <= width and bottom <= height,
        f"{where}the square reaches beyond the edge, from {left:g}, {top:g} to {right:g}, "
        f"{bottom:g}: push it back in.",
    )
    expect(
        right - left == min(width, height),
        f"{where}a square of {min(width, height)} fits, but yours has {right - left:g}: what is "
        "around the subject often carries words, too.",
    )


def _check_middle(
    where: str, size: tuple[int, int], subject: Box, corner: tuple[float, float]
) -> None:
    side = min(size)
    for axis in (0, 1):
        middle = (subject[axis] + subject[axis + 2]) / 2
        best = min(max(middle - side / 2, 0), size[axis] - side)
        expect(
            abs(corner[axis] - best) <= 1,
            f"{where}the subject could be nearer to the middle of the square.",
        )


def domain_limit(attempt: Attempt) -> Result:
    """Checks a function that says how far from its nearest neighbour a photo usually lies.

    Args:
        attempt: takes embeddings [N, units] and a share; returns the cosine distance within which
            that share of them has another one.
    """
    praise = "Measured on the photos themselves, each without itself."
    return run_check(attempt, _check_limit, praise)


def _circle(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _check_limit(solution: Solution) -> None:
    # Twenty in a row, each 2 degrees from the next, and one far away.
    vectors = _circle(*range(0, 40, 2), 98)
    step, odd = 1 - np.cos(np.radians(2)), 1 - np.cos(np.radians(60))

    def limit(given: np.ndarray, share: float) -> float:
        return number(call(solution, given, share))

    answer = limit(vectors, 0.9)
    expect(
        abs(answer) > 1e-9,
        "the answer is 0: each photo has found itself, which is nearest of all. Leave it out.",
    )
    expect(
        not np.isclose(answer, odd),
        "a single photo far from all others has set the limit. Take the quantile, not the maximum.",
    )
    expect(
        not answer > 0.9,
        "that is a similarity, near 1 for neighbours. The distance is 1 minus it, and the nearest "
        "has the largest similarity, the smallest distance.",
    )
    expect(
        answer < 0.05,
        "that is how far apart the photos are in the mean, or the farthest of them. Only the "
        "nearest other photo counts.",
    )
    expect(
        bool(np.isclose(answer, step)),
        f"for neighbours that are 2 degrees apart the limit should be {step:.6f}; yours is "
        f"{answer:.6f}.",
    )
    lengths = np.linspace(1, 9, len(vectors))[:, np.newaxis]
    expect(
        bool(np.isclose(limit(vectors * lengths, 0.9), step)),
        "longer vectors gave another answer: use the cosine distance, which knows directions only.",
    )
    expect(
        bool(np.isclose(limit(vectors, 1.0), odd)),
        "with a share of 1 all photos lie within the limit, the odd one as well.",
    )
    # The neighbours of these are 1, 1, 3, 5 and 5 degrees away, so the share decides.
    uneven, middle = _circle(0, 1, 4, 40, 45), 1 - np.cos(np.radians(3))
    expect(
        bool(np.isclose(limit(uneven, 0.5), middle)),
        "with a share of a half it gave another limit than the one within which half of the photos "
        "have a neighbour: does it use `share`?",
    )


class _Reader(HTMLParser):
    """What a browser finds in a piece of HTML.

    Attributes:
        elements: each with its attributes, in order.
        text: all that is to be read.
        in_paragraphs: the part of it that stands in a `p`.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = self.in_paragraphs = ""
        self._within: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.elements.append((tag, dict(attrs)))
        self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Notes the end of an element, and of those within it."""
        while tag in self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Notes a text."""
        self.text += data
        self.in_paragraphs += data if "p" in self._within else ""


def gallery_entry(attempt: Attempt) -> Result:
    """Checks a function that writes one entry of an HTML gallery.

    Args:
        attempt: takes the address of a picture, a file name and a caption; returns HTML: an `img`
            with the caption as its alt text, and the file name in a `p`.
    """
    praise = "Whatever a file is called, it stays text."
    return run_check(attempt, _check_entry, praise)


def _check_entry(solution: Solution) -> None:
    def entry(name: str, caption: str) -> _Reader:
        answer = call(solution, SOURCE, name, caption)
        if not isinstance(answer, str):
            raise WrongError("the answer should be a string of HTML.")
        return _Reader(answer)

    plain = entry("cat.jpg", "a cat")
    images = [attributes for tag, attributes in plain.elements if tag == "img"]
    expect(len(images) == 1, "there should be one `img` element.")
    expect(
        images[0].get("src") == SOURCE,
        "the `img` shows nothing: its `src` should be the source that the function is given.",
    )
    expect(
        images[0].get("alt") == "a cat",
        "the picture's alt text should be the caption; a screen reader reads it out.",
    )
    expect(plain.text.strip() == "cat.jpg", "the text to see should be the file name.")
    expect(plain.in_paragraphs.strip() == "cat.jpg", "the file name should stand in a `p` element.")
    expect(
        [tag for tag, _ in entry("<i>me</i>.jpg", "a cat").elements]
        == [tag for tag, _ in plain.elements],
        "a file called `<i>me</i>.jpg` became part of the page: escape `<` and `>`. With "
        "`<script>` for `<i>`, the file's name would have run.",
    )
    _check_quotes(entry)
    _check_ampersands(entry)


def _check_quotes(entry: Callable[[str, str], _Reader]) -> None:
    for caption in ('a "cat" <UNK>', "a cat's toy"):
        images = [a for tag, a in entry("cat.jpg", caption).elements if tag == "img"]
        alt = images[0].get("alt") if images else None
        expect(
            alt == caption,
            f"the caption `{caption}` became the alt text `{alt}`: within an attribute a quote "
            "ends the value, so quotes are to be escaped as well.",
        )


def _check_ampersands(entry: Callable[[str, str], _Reader]) -> None:
    for name in ("me & you.jpg", "a &lt; b.jpg", "a < b > c.jpg"):
        text = entry(name, "a cat").text.strip()
        expect(
            text == name,
            f"a file called `{name}` is shown as `{text}`: escape `&` as well, before the others, "
            "and only once; do not remove anything.",
        )
