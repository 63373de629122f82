"""Is this machine ready for the notebooks? Facts are gathered first, then judged, one by one.

The check needs no network and does not import TensorFlow.
"""

from __future__ import annotations

from collections.abc import Callable

from showtell_lib import store
from showtell_lib.doctor.facts import Attempt, Machine, caption_sample, look
from showtell_lib.doctor.findings import OK, PROBLEM, WARN, Finding
from showtell_lib.doctor.judgements import (
    judge_browser,
    judge_captioner,
    judge_disk,
    judge_memory,
    judge_model,
)
from showtell_lib.doctor.versions import (
    FOR_ONE_NOTEBOOK,
    LISTED,
    TESTED,
    TESTED_PYTHON,
    judge_extra,
    judge_package,
    judge_python,
)

__all__ = [
    "OK",
    "PROBLEM",
    "TESTED",
    "TESTED_PYTHON",
    "WARN",
    "Attempt",
    "Finding",
    "Machine",
    "caption_sample",
    "environment_line",
    "examine",
    "is_ready",
    "judge_model",
    "look",
]


def examine(
    machine: Machine | None = None, attempt: Callable[[], Attempt] | None = None
) -> list[Finding]:
    """Checks everything that a workshop needs.

    Args:
        machine: the facts; of this machine if None.
        attempt: captions a sample photo; the real captioner does if None.
    """
    machine = machine or look()
    findings = [
        judge_python(machine.python),
        judge_memory(machine.memory),
        judge_disk(machine.disk),
        *(judge_package(name, machine.packages.get(name), *TESTED[name]) for name in TESTED),
        *(judge_extra(name, machine.packages.get(name)) for name in FOR_ONE_NOTEBOOK),
    ]
    findings.append(judge_captioner((attempt or caption_sample)()))
    findings += [judge_model(row) for row in store.models()]
    findings.append(judge_browser(machine.browser, machine.display))
    return findings


def is_ready(findings: list[Finding]) -> bool:
    """Whether the workshop can begin: no problem among the findings."""
    return all(finding.state != PROBLEM for finding in findings)


def environment_line(machine: Machine | None = None) -> str:
    """The versions that matter, in a line that also tells which of them were not tested.

    Args:
        machine: the facts; of this machine if None.
    """
    machine = machine or look()
    judged = [judge_python(machine.python)]
    judged += [judge_package(name, machine.packages.get(name), *LISTED[name]) for name in LISTED]
    versions = ", ".join(f"{finding.what} {finding.found}" for finding in judged)
    if all(finding.state == OK for finding in judged):
        return f"{versions}: all within what was tested."
    untested = [finding.what for finding in judged if finding.state != OK]
    return (
        f"{versions}. Not tested with such a version of {' and '.join(untested)}: most likely all "
        "works; if something does not, this may be why."
    )
