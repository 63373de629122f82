"""The checks of notebook 10: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import takewhile
from typing import Any

import pytest

from showtell_lib.checks import notebook_10
from tests.notebook_source import solutions, stub

SOLUTIONS = solutions("10")
NAMES = ["take_group", "send_patiently"]


def _most_common(waiting: list[Any], most: int) -> tuple[list[Any], list[Any]]:
    common = Counter(settings for _, settings in waiting).most_common(1)[0][0]
    group = [one for one in waiting if one[1] == common][:most]
    return group, [one for one in waiting if one not in group]


def _leading_run(waiting: list[Any], most: int) -> tuple[list[Any], list[Any]]:
    run = list(takewhile(lambda one: one[1] == waiting[0][1], waiting))[:most]
    return run, waiting[len(run) :]


def _alike(waiting: list[Any]) -> list[Any]:
    return [one for one in waiting if one[1] == waiting[0][1]]


GROUPS: dict[str, Callable[..., Any]] = {
    "different settings are in one group": lambda w, most: (w[:most], w[most:]),
    "not led by the request that waits longest": _most_common,
    "more in the group than fit": lambda w, most: (
        _alike(w),
        [one for one in w if one[1] != w[0][1]],
    ),
    "look past it": _leading_run,
    "a request got lost": lambda w, most: (
        _alike(w)[:most],
        [one for one in w if one[1] != w[0][1]],
    ),
    "still among those that wait": lambda w, most: (_alike(w)[:most], w),
    "changed their order": lambda w, most: (
        _alike(w)[:most],
        [one for one in w if one not in _alike(w)[:most]][::-1],
    ),
    "2 things, the group and those that go on waiting": lambda w, most: _alike(w)[:most],
}


def _client(
    again: tuple[int, ...] = (429, 503),
    *,
    wait: Callable[[Any], float | None] = lambda response: response.retry_after,
    more: int = 0,
    last: bool = False,
) -> Callable[..., Any]:
    """A client that is wrong in one way."""

    def attempt(send: Any, sleep: Any, tries: int) -> Any:
        response = send()
        for _ in range(tries - 1 + more):
            if response.status not in again:
                return response
            seconds = wait(response)
            if seconds is not None:
                sleep(seconds)
            response = send()
        if last:
            sleep(response.retry_after)
        return response

    return attempt


def _stops_with_nothing(send: Any, sleep: Any, tries: int) -> Any:
    response = _client()(send, sleep, tries)
    return response if response.status == 200 else notebook_10.Response(500)


def _any_tries(send: Any, sleep: Any, tries: int) -> Any:
    return _client()(send, sleep, 4)


@pytest.mark.parametrize("form", [list, tuple, iter])
def test_a_group_is_taken_in_any_form(form: Callable[..., Any]) -> None:
    def attempt(waiting: list[Any], most: int) -> Any:
        return form(map(tuple, SOLUTIONS["take_group"](waiting, most)))

    result = notebook_10.take_group(attempt)
    assert result.passed, result.message


CLIENTS: dict[str, Callable[..., Any]] = {
    "with tries=1 it sent 4 requests": _any_tries,
    "again after 404": _client((404, 429, 503)),
    "again after 408": _client((408, 429, 503)),
    "again after 500": _client((500, 429, 503)),
    "the first answer was 200": _client((200, 429, 503)),
    "again after 422": _client((422, 429, 503)),
    "gives up at 429": _client((503,)),
    "gives up at 503": _client((429,)),
    "does not wait between two tries": _client(wait=lambda response: None),
    "does not wait as long as the service asks": _client(wait=lambda response: 1.0),
    "the first one counts too": _client(more=1),
    "after the last try too": _client(last=True),
    "tries for ever": _client(more=1000),
    "return the response itself": lambda send, sleep, tries: send().status,
    "return the last response": _stops_with_nothing,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_10, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_10, name)(stub("10", name))
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", GROUPS)
def test_what_is_wrong_with_a_group_is_named(message: str) -> None:
    result = notebook_10.take_group(GROUPS[message])
    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize("message", CLIENTS)
def test_what_is_wrong_with_a_client_is_named(message: str) -> None:
    result = notebook_10.send_patiently(CLIENTS[message])
    assert not result.passed
    assert message in result.message


def test_the_solution_groups_as_the_service_does() -> None:
    pytest.importorskip("fastapi_offline", reason="needs showtell_lib[serve]")
    from showtell_lib.serve.batching import take_group
    from tests.test_serve import Waiting

    for kinds in ("a", "ab", "aabba", "bababab", "aaaaaa"):
        pairs = list(enumerate(kinds))
        theirs = take_group([Waiting(*pair) for pair in pairs], 3)
        ours = SOLUTIONS["take_group"](pairs, 3)
        for part, own in zip(theirs, ours, strict=True):
            assert [(one.number, one.settings) for one in part] == own
