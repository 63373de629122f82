"""What an exercise check answers: passed, not attempted yet, or which misconception it met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

NOT_YET = "not attempted yet"
# The function that a learner wrote, and what stands in its place until then.
Solution = Callable[..., object]
Attempt = Solution | EllipsisType | None


@dataclass(frozen=True)
class Result:
    """The answer of a check; a notebook shows its message.

    Attributes:
        passed: whether the learner's function has every property.
        message: one or two plain sentences: what is right, or what went wrong and why.
        attempted: whether there was anything to check.
    """

    passed: bool
    message: str
    attempted: bool = True

    def __repr__(self) -> str:
        return self.message


class WrongError(Exception):
    """Raised inside a check with the message for the learner."""


def run_check(attempt: Attempt, check: Callable[[Solution], None], praise: str) -> Result:
    """Runs a check on what the learner wrote.

    Args:
        attempt: the learner's function. None, `...`, or a function that returns one of them is an
            exercise not attempted yet, which is never an error.
        check: raises `WrongError` where a property does not hold.
        praise: what to say if all hold.
    """
    if attempt is None or isinstance(attempt, EllipsisType):
        return Result(False, NOT_YET, attempted=False)
    try:
        check(attempt)
    except WrongError as wrong:
        return Result(False, f"Not yet: {wrong}")
    except NotAttemptedError:
        return Result(False, NOT_YET, attempted=False)
    except Exception as error:
        return Result(False, f"Your code stopped with {type(error).__name__}: {error}")
    return Result(True, f"Right. {praise}")


class NotAttemptedError(Exception):
    """Raised inside a check when the learner's function returned nothing."""


def call(solution: Solution, *arguments: object) -> Any:
    """What the learner's function returns: anything at all, so each check converts it.

    Raises:
        NotAttemptedError: it returns None or `...`.
    """
    answer = solution(*arguments)
    if answer is None or answer is ...:
        raise NotAttemptedError
    return answer


def expect(holds: bool, message: str) -> None:
    """Goes on if a property holds.

    Raises:
        WrongError: it does not; the message names the misconception.
    """
    if not holds:
        raise WrongError(message)
