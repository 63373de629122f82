"""Checks for the exercises of notebook 10, serving captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from showtell_lib.checks.answers import items, parts
from showtell_lib.checks.result import (
    Attempt,
    Result,
    Solution,
    WrongError,
    call,
    expect,
    run_check,
)

# A loop that has not ended by then never will.
MANY = 50
TRIES = 4
_SAME_BYTES = "That says the request itself is wrong: the same bytes will be refused every time."
# Statuses after which another try is no use, and why.
NO_USE = {
    422: _SAME_BYTES,
    413: _SAME_BYTES,
    415: _SAME_BYTES,
    400: _SAME_BYTES,
    404: "That says there is nothing at this address, now or later.",
    408: "That says the photo came too slowly; it will be as slow the next time.",
    500: "That says the service has a fault, not that it is busy: the same photo meets it again.",
}


def take_group(attempt: Attempt) -> Result:
    """Checks a function that chooses the requests which share the next call.

    Args:
        attempt: takes requests as pairs (photo, settings), in the order in which they came, and
            how many fit; returns the group and those that go on waiting, both lists in order.
    """
    praise = "Nobody is left behind, and every call is as full as it can be."
    return run_check(attempt, _check_group, praise)


def _check_group(solution: Solution) -> None:
    def taken(kinds: str, most: int) -> tuple[str, str]:
        """The numbers of the photos, as text."""
        waiting = [(number, kind) for number, kind in enumerate(kinds)]
        names = ["the group", "those that go on waiting"]
        found = parts(call(solution, waiting, most), names)
        group, others = map(_numbers_of, found, names)
        return group, others

    expect(
        taken("ab", 4)[0] != "01",
        "requests with different settings are in one group; the compiled search takes one beam "
        "width and one length penalty for a whole call.",
    )
    expect(
        taken("abbb", 4)[0] == "0",
        "the group is not led by the request that waits longest. Settings that few ask for would "
        "wait for ever, as long as others keep coming.",
    )
    expect(len(taken("aaaaa", 3)[0]) <= 3, "there are more in the group than fit.")
    expect(
        taken("aba", 4)[0] != "0",
        "one with other settings stands between two that are alike: look past it, the second may "
        "come along.",
    )
    _expect_others(taken)
    expect(
        taken("abaabba", 3) == ("023", "1456"),
        "of requests with the settings a, b, a, a, b, b, a, where 3 fit, the group should be "
        "numbers 0, 2 and 3, and 1, 4, 5 and 6 should wait, in this order.",
    )
    expect(taken("a", 1) == ("0", ""), "of a single request the group is that one.")


def _numbers_of(requests: object, what: str) -> str:
    """The numbers of the photos of some requests, as text."""
    names = ["a photo", "its settings"]
    pairs = [parts(one, names, f"each of {what}") for one in items(requests, what)]
    return "".join(str(photo) for photo, _ in pairs)


def _expect_others(taken: Callable[[str, int], tuple[str, str]]) -> None:
    group, others = taken("aaab", 2)
    expect(
        len(group) + len(others) >= 4,
        "a request got lost: those that are not in the group go on waiting, also those with the "
        "same settings for which there was no room.",
    )
    expect(len(group) + len(others) == 4, "a request of the group is still among those that wait.")
    expect(others == "23", "those that wait have changed their order.")


@dataclass(frozen=True)
class Response:
    """What a service answered.

    Attributes:
        status: the HTTP status.
        retry_after: seconds that the service asks to wait, if it does.
    """

    status: int
    retry_after: float = 0.0


@dataclass
class _Service:
    """Answers with these statuses, one after another, and with the last one from then on."""

    statuses: Sequence[int]
    tries: int
    sent: int = 0
    slept: list[float] = field(default_factory=list)

    def send(self) -> Response:
        self.sent += 1
        if self.sent > MANY:
            raise WrongError(
                f"it tries for ever. Give up after `tries` requests, {self.tries} here, and return "
                "the last answer."
            )
        status = self.statuses[min(self.sent, len(self.statuses)) - 1]
        return Response(status, 0.5 * self.sent if status in (429, 503) else 0.0)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def send_patiently(attempt: Attempt) -> Result:
    """Checks a client that tries again where that can help.

    Args:
        attempt: takes `send` (no arguments, returns a `Response`), `sleep` (takes seconds) and
            `tries`, the most requests to send; returns the last response.
    """
    praise = "It waits as long as it is asked to, and knows when trying again is no use."
    return run_check(attempt, _check_patience, praise)


def _check_patience(solution: Solution) -> None:
    def tried(*statuses: int, tries: int = TRIES) -> tuple[int, _Service]:
        service = _Service(statuses, tries)
        answer = call(solution, service.send, service.sleep, tries)
        if not isinstance(answer, Response):
            raise WrongError("return the response itself, the last one that came.")
        return answer.status, service

    status, service = tried(200)
    expect(service.sent == 1, "the first answer was 200, and yet it sent the photo again.")
    for bad, why in NO_USE.items():
        _, service = tried(bad)
        expect(service.sent == 1, f"it sends the photo again after {bad}. {why}")
    for busy in (429, 503):
        status, service = tried(busy, busy, 200)
        expect(
            status == 200,
            f"it gives up at {busy}, which says that the service is busy: the same request may "
            "succeed in a moment.",
        )
    _expect_waits(service.slept)
    for tries in (TRIES, 1, 7):
        status, service = tried(429, tries=tries)
        expect(
            service.sent == tries,
            f"with tries={tries} it sent {service.sent} requests; the first one counts too.",
        )
        expect(
            len(service.slept) < tries, "it waits after the last try too, with nothing to wait for."
        )
        expect(status == 429, "when all tries are used up, return the last response.")


def _expect_waits(slept: Sequence[float]) -> None:
    expect(
        len(slept) == 2,
        "it does not wait between two tries. A thousand clients that try again at once keep a busy "
        "service busy.",
    )
    expect(
        list(slept) == [0.5, 1.0],
        "it does not wait as long as the service asks: `response.retry_after` says how long, and "
        "may be another number each time.",
    )
