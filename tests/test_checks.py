"""What all exercise checks do: copies handed over, stubs known, answers read, loops ended."""

from __future__ import annotations

import _thread
import importlib
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib import checks
from showtell_lib.checks import result
from showtell_lib.checks.answers import number, parts, truth, whole, wholes
from showtell_lib.checks.result import WrongError, call, call_with_originals, expect, run_check
from tests.notebook_source import NOTEBOOKS

MODULES = sorted(Path(checks.__file__).parent.glob("notebook_*.py"))
# Every check there is, by its module and name.
CHECKS = [
    (module.stem, name)
    for module in MODULES
    for name, function in vars(
        importlib.import_module(f"showtell_lib.checks.{module.stem}")
    ).items()
    if "Attempt" in getattr(function, "__annotations__", {}).values() and not name.startswith("_")
    if name != "run_check"
]
CALLED = re.compile(r"(notebook_\d\d)\.(\w+)\(")
ODD_ANSWERS: list[Any] = [
    0,
    1.5,
    float("nan"),
    True,
    "text",
    [],
    (),
    {},
    [None],
    [[1], [2, 3]],
    [1, 2],
    (1, "a"),
    np.zeros(0),
    np.array([[1.0, 2.0]]),
    np.array(3),
    {1, 2},
    {"a": 1},
    object(),
    range(3),
    len,
]


def check_of(module: str, name: str) -> Callable[[Any], checks.Result]:
    found: Callable[[Any], checks.Result] = getattr(
        importlib.import_module(f"showtell_lib.checks.{module}"), name
    )
    return found


def nothing(solution: Any) -> None:
    """A check that calls the function and finds everything right."""
    call(solution, 1)


def test_every_notebook_has_checks() -> None:
    assert {module for module, _ in CHECKS} == {f"notebook_{n:02}" for n in range(1, 13)}


@pytest.mark.parametrize(("module", "name"), CHECKS)
def test_odd_answers_get_a_sentence_and_never_an_error_of_the_check(module: str, name: str) -> None:
    for answer in ODD_ANSWERS:
        found = check_of(module, name)(lambda *arguments, answer=answer: answer)
        assert not found.passed
        assert found.attempted
        assert found.message.startswith("Not yet: "), answer


@pytest.mark.parametrize(("module", "name"), CHECKS)
def test_a_forgotten_return_is_named(module: str, name: str) -> None:
    def forgotten(*arguments: Any) -> Any:
        _ = [*arguments]

    found = check_of(module, name)(forgotten)
    assert found.attempted
    assert "it returned None: is there a `return`" in found.message


def stub_with_dots() -> Any: ...


def stub_with_docstring() -> Any:
    """What it should do."""
    return ...


def stub_that_passes() -> Any:
    pass


@pytest.mark.parametrize(
    "stub",
    [None, ..., lambda: ..., lambda: None, stub_with_dots, stub_with_docstring, stub_that_passes],
)
def test_an_untouched_stub_is_not_attempted_yet(stub: Any) -> None:
    found = run_check(stub, lambda solution: expect(call(solution) is None, "never"), "")
    assert (found.attempted, found.message) == (False, "not attempted yet")


def bare_return(*arguments: Any) -> Any:
    if len(arguments) < 9:
        return
    return 1


def dots_left_over(*arguments: Any) -> Any:
    _ = len(arguments)
    return ...


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (bare_return, "it returned None"),
        (dots_left_over, "it returned `...`"),
        (partial(print, end=""), "it returned None"),
        (3, "give the check your function itself, by its name alone, not an int."),
        (lambda *arguments: 1 / 0, "Your code stopped with ZeroDivisionError: division by zero"),
        (lambda *arguments: exit(1), "Your code stopped with SystemExit"),
    ],
)
def test_an_attempt_is_told_what_it_did(attempt: Any, message: str) -> None:
    found = run_check(attempt, nothing, "")
    assert found.attempted
    assert not found.passed
    assert message in found.message


def test_arguments_are_copies() -> None:
    given = ([[1, 2], [3]], np.zeros(3), {"a": [1]}, {1})

    def spoils(rows: Any, array: Any, table: Any, numbers: Any) -> Any:
        rows[0].clear()
        array += 1
        table["a"].append(2)
        numbers.add(2)
        return 1

    assert call(spoils, *given) == 1
    assert given[0] == [[1, 2], [3]]
    assert given[1].tolist() == [0, 0, 0]
    assert given[2:] == ({"a": [1]}, {1})


def test_a_check_may_look_whether_its_arguments_were_changed() -> None:
    given = [1]
    call_with_originals(lambda numbers: numbers.append(2) or 1, given)
    assert given == [1, 2]


@pytest.mark.parametrize("value", [2, 2.0, np.float32(2), np.int64(2), np.array([[2]]), [2], (2,)])
def test_a_number_is_taken_in_any_form(value: Any) -> None:
    assert number(value) == 2
    assert whole(value) == 2


@pytest.mark.parametrize("value", [True, 1, np.True_, np.array(True), [True]])
def test_a_truth_is_taken_in_any_form(value: Any) -> None:
    assert truth(value) is True


@pytest.mark.parametrize("value", [(1, 2), [1, 2], np.array([1, 2]), iter([1, 2])])
def test_parts_are_taken_in_any_form(value: Any) -> None:
    assert list(map(number, parts(value, ["one", "two"]))) == [1, 2]


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: number("4"), "the answer should be one number, not '4'."),
        (lambda: number([1, 2]), r"the answer should be one number, but has the shape \[2\]."),
        (lambda: number([[1], [2, 3]]), r"should be one number, not \[\[1\], \[2, 3\]\]."),
        (lambda: truth(0.5), "the answer should be True or False, not 0.5."),
        (lambda: whole(2.5), "the answer should be a whole number, not 2.5."),
        (lambda: whole(float("inf")), "the answer should be a whole number, not inf."),
        (lambda: parts(True, ["this", "that"]), "should be 2 things, this and that, not True."),
        (lambda: wholes("12", "the ids"), "the ids should be a list, not '12'."),
        (lambda: wholes(["a"], "the ids"), "each of the ids should be one number, not 'a'."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(read: Any, message: str) -> None:
    with pytest.raises(WrongError, match=message):
        read()


def loops(*arguments: Any) -> Any:
    while True:
        pass


def loops_in_numpy(*arguments: Any) -> Any:
    matrix = np.eye(40)
    while True:
        matrix = matrix @ matrix


def loops_and_catches_errors(*arguments: Any) -> Any:
    while True:
        try:
            time.sleep(0.001)
        except Exception:
            continue


def sleeps(*arguments: Any) -> Any:
    while True:
        time.sleep(0.01)


@pytest.mark.parametrize("attempt", [loops, loops_in_numpy, loops_and_catches_errors, sleeps])
def test_an_endless_loop_ends_with_a_message(attempt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "TIME_LIMIT_SECONDS", 0.2)
    before = threading.active_count()
    found = run_check(attempt, nothing, "")
    assert "your code had not ended after 0.2 seconds. Is there a loop" in found.message
    assert "It still runs" not in found.message
    wait_until(lambda: threading.active_count() <= before)


def test_code_that_cannot_be_ended_is_said_to_run_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "TIME_LIMIT_SECONDS", 0.1)
    monkeypatch.setattr("showtell_lib.checks.time_limit.GRACE_SECONDS", 0.2)
    release = threading.Event()
    try:
        found = run_check(lambda *arguments: release.wait(), nothing, "")
        assert "It still runs: restart the kernel to end it." in found.message
    finally:
        release.set()


@pytest.fixture
def as_a_kernel_does() -> Iterator[None]:
    """Takes interrupts, also where they were ignored when the tests were started."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_gives_one_line_and_ends_the_code(as_a_kernel_does: None) -> None:
    begun, before = threading.Event(), threading.active_count()

    def interrupted(*arguments: Any) -> Any:
        begun.set()
        loops()

    def interrupt() -> None:
        begun.wait()
        _thread.interrupt_main()  # As Jupyter's stop button does on Windows.

    thread = threading.Thread(target=interrupt)
    thread.start()
    found = run_check(interrupted, nothing, "")
    thread.join()
    assert found.message == "Not yet: you interrupted the check before your code had ended."
    wait_until(lambda: threading.active_count() <= before)


def test_errors_that_numpy_should_raise_are_raised_in_the_learners_code_too() -> None:
    with np.errstate(divide="raise"):
        found = run_check(lambda *arguments: np.ones(1) / 0, nothing, "")
    assert "stopped with FloatingPointError" in found.message


def test_no_notebook_calls_a_check_that_is_not_there() -> None:
    sources = [path.read_text(encoding="utf-8") for path in NOTEBOOKS.glob("*.ipynb")]
    called = {found for source in sources for found in CALLED.findall(source)}
    assert called
    assert called <= set(CHECKS)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert holds()
