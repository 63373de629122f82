"""What an exercise check answers: passed, not attempted yet, or which misconception it met."""

from __future__ import annotations

import copy
import dis
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, EllipsisType

import numpy as np

from showtell_lib.checks.time_limit import TimeUpError, run_within

NOT_YET = "not attempted yet"
# No right answer to an exercise takes a tenth of this.
TIME_LIMIT_SECONDS = 10.0
# All that the body of an untouched stub does: it returns None or `...`.
STUB_OPERATIONS = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}

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


class NotAttemptedError(Exception):
    """Raised inside a check when the learner's function is still the notebook's stub."""


class StoppedError(Exception):
    """Raised inside a check when the learner's function raised an error."""


def run_check(attempt: Attempt, check: Callable[[Solution], None], praise: str) -> Result:
    """Runs a check on what the learner wrote.

    Args:
        attempt: the learner's function. None, `...`, or a function that does nothing but return
            one of them is an exercise not attempted yet, which is never an error.
        check: raises `WrongError` where a property does not hold.
        praise: what to say if all hold.
    """
    if attempt is None or isinstance(attempt, EllipsisType):
        return Result(False, NOT_YET, attempted=False)
    try:
        _check_callable(attempt)
        run_within(TIME_LIMIT_SECONDS, lambda: check(attempt))
    except WrongError as wrong:
        return Result(False, f"Not yet: {wrong}")
    except NotAttemptedError:
        return Result(False, NOT_YET, attempted=False)
    except StoppedError as stopped:
        return Result(False, f"Your code stopped with {stopped}")
    except TimeUpError as up:
        return Result(False, _too_long(up))
    except KeyboardInterrupt:
        return Result(False, "Not yet: you interrupted the check before your code had ended.")
    return Result(True, f"Right. {praise}")


def _check_callable(attempt: object) -> None:
    expect(
        callable(attempt),
        f"give the check your function itself, by its name alone, not {_kind(attempt)}.",
    )


def _too_long(up: TimeUpError) -> str:
    message = (
        f"Not yet: your code had not ended after {TIME_LIMIT_SECONDS:g} seconds. Is there a loop "
        "that never ends? Ask of each loop what ends it, and whether that can happen."
    )
    return message if up.stopped else f"{message} It still runs: restart the kernel to end it."


def call(solution: Solution, *arguments: object) -> object:
    """What the learner's function returns for copies of the arguments.

    It may change what it is given, and neither the check nor the next call is any the wiser.

    Raises:
        NotAttemptedError: it is still the stub.
        StoppedError: it raised an error.
        WrongError: it returned None, or `...`.
    """
    return call_with_originals(solution, *map(_copied, arguments))


def call_with_originals(solution: Solution, *arguments: object) -> object:
    """As `call`, for a check that asks whether the arguments were changed."""
    try:
        answer = solution(*arguments)
    except (WrongError, NotAttemptedError):  # A check's own, from a function that it handed over.
        raise
    except (Exception, SystemExit) as error:
        raise StoppedError(f"{type(error).__name__}: {error}") from error
    if answer is None or answer is ...:
        if _is_stub(solution):
            raise NotAttemptedError
        found = "None" if answer is None else "`...`"
        raise WrongError(
            f"it returned {found}: is there a `return` with your answer at the end, and on every "
            "other way out of the function?"
        )
    return answer


def _copied(value: object) -> object:
    """A copy of plain data; a model or a function is handed over as it is."""
    plain = (np.ndarray, dict, list, set, tuple)
    return copy.deepcopy(value) if isinstance(value, plain) else value


def _is_stub(solution: Solution) -> bool:
    """Whether the function does nothing: `...`, `pass` or `return ...`, and perhaps a docstring."""
    code = getattr(solution, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    return all(step.opname in STUB_OPERATIONS for step in dis.get_instructions(code))


def expect(holds: bool, message: str) -> None:
    """Goes on if a property holds.

    Raises:
        WrongError: it does not; the message names the misconception.
    """
    if not holds:
        raise WrongError(message)


def _kind(value: object) -> str:
    """A value's type, for a message: `an int`, `a list`."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
