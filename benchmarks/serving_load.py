"""What `locust` runs for `serving.py`: clients that send photos and compare the answers.

A folder, named by `SHOWTELL_LOAD`, holds the photos and `plan.json`: how many requests to send,
and which captions belong to which photo. What came of it is written to `load.json` there.
"""

from __future__ import annotations

import itertools
import json
import os
import time
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant, events, task
from locust.exception import StopUser

FOLDER = Path(os.environ["SHOWTELL_LOAD"])
PLAN = json.loads((FOLDER / "plan.json").read_text(encoding="utf-8"))
PHOTOS = [(FOLDER / name).read_bytes() for name in PLAN["captions"]]
EXPECTED = list(PLAN["captions"].values())
TOLERANCE = 1e-4
ANSWERED: list[float] = []
NUMBERS = itertools.count()


class Client(FastHttpUser):
    """Sends the next photo as soon as it has the answer to the last."""

    wait_time = constant(0)

    @task
    def caption(self) -> None:
        """One request; the last one ends the run."""
        number = next(NUMBERS)
        if number >= PLAN["requests"]:
            raise StopUser
        at = number % len(PHOTOS)
        headers = {"Content-Type": "image/jpeg"}
        with self.client.post(
            "/v1/captions", data=PHOTOS[at], headers=headers, catch_response=True
        ) as response:
            if response.status_code == 200 and not same(response.json(), EXPECTED[at]):
                response.failure("another caption than the library's")
        ANSWERED.append(time.perf_counter())
        if len(ANSWERED) == PLAN["requests"]:
            # In a greenlet of its own: it ends this one.
            gevent.spawn(self.environment.runner.quit)


def same(answer: Any, expected: Any) -> bool:
    """Whether the captions are those that were expected, with their log-probabilities."""
    found = [(caption["text"], caption["log_prob"]) for caption in answer["captions"]]
    return [text for text, _ in found] == [text for text, _ in expected] and all(
        abs(one - other) < TOLERANCE for (_, one), (_, other) in zip(found, expected, strict=True)
    )


@events.test_start.add_listener
def begin(**_: Any) -> None:
    """Starts the clock."""
    PLAN["begin"] = time.perf_counter()


@events.quitting.add_listener
def write(environment: Any, **_: Any) -> None:
    """What came of it."""
    total = environment.stats.total
    found = {
        "requests": total.num_requests,
        "failures": total.num_failures,
        "requests_per_second": len(ANSWERED) / (max(ANSWERED) - PLAN["begin"]),
        "p50_milliseconds": total.get_response_time_percentile(0.5),
        "p99_milliseconds": total.get_response_time_percentile(0.99),
    }
    (FOLDER / "load.json").write_text(json.dumps(found), encoding="utf-8")
