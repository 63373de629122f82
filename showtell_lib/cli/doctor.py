"""`showtell doctor`: is this machine ready for the notebooks?"""

from __future__ import annotations

import argparse
import dataclasses

from showtell_lib.cli.arguments import Subparsers
from showtell_lib.cli.output import print_json, print_line

EPILOG = """\
examples:
  showtell doctor
  showtell doctor --json

exit code: 0 if the notebooks will run (a warning names one that will not), 1 if there is a problem
"""


def add_parser(subparsers: Subparsers) -> None:
    """Adds the command to `showtell`."""
    parser = subparsers.add_parser(
        "doctor",
        help="check that this machine is ready for the notebooks",
        description="Look at Python, memory, disk, packages, models and browser, and caption a "
        "sample photo. It needs no network and changes nothing.",
        epilog=EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints each finding with its remedy; the exit code says whether there is a problem."""
    from showtell_lib import doctor

    findings = doctor.examine()
    ready = doctor.is_ready(findings)
    if args.json:
        rows = [dataclasses.asdict(finding) for finding in findings]
        print_json({"ready": ready, "findings": rows})
        return 0 if ready else 1
    for finding in findings:
        print_line(f"{finding.state:8} {finding.what:13} {finding.found}")
        if finding.remedy:
            print_line(f"{'':8} {'':13} -> {finding.remedy}")
    print(_verdict([finding.state for finding in findings]))
    return 0 if ready else 1


def _verdict(states: list[str]) -> str:
    """The last line: ready or not, and how much there is to do."""
    problems, warnings = states.count("problem"), states.count("warn")
    if problems:
        return f"Not ready: {problems} to repair; each line with an arrow says how."
    return f"Ready, with {warnings} to know about." if warnings else "Ready."
