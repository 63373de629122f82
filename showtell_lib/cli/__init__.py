"""The command line: one module per command, each a thin layer over the library."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

import showtell_lib
from showtell_lib.cli.arguments import Parser
from showtell_lib.cli.output import Output, print_error, reason_of, usable_streams
from showtell_lib.errors import ShowTellError

# Each is a module of this package; `showtell --help` lists them in this order.
COMMANDS = (
    "caption models download verify scene evaluate report embed study train export convert data "
    "serve batch doctor"
).split()
BAD_INPUT = 2
INTERRUPTED = 130

EPILOG = """\
examples:
  showtell caption photo.jpg
  showtell caption --sample chelsea
  showtell models
  showtell download 2m
  showtell COMMAND --help
"""


def build_parser(asked: str = "") -> argparse.ArgumentParser:
    """The parser of `showtell`.

    Args:
        asked: the command that the parser knows; it knows all commands if this is none of them.
    """
    parser = Parser(
        prog="showtell",
        description="Caption photos with Show and Tell models; train, measure and export your own.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "--version", action="version", version=f"showtell_lib {showtell_lib.__version__}"
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in [asked] if asked in COMMANDS else COMMANDS:
        import_module(f"showtell_lib.cli.{command}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: what follows `showtell` on the command line; None takes those of this process.

    Returns:
        The exit code: 0 done, 1 `verify`, `report` or `doctor` found something wrong, 2 bad input
        (one line on stderr says what), 130 interrupted.
    """
    with usable_streams() as (out, _):
        if out is None:
            print_error("standard output is closed; send it to a file, or to /dev/null")
            return BAD_INPUT
        try:
            return _exit_code(out, _run(sys.argv[1:] if arguments is None else arguments))
        except SystemExit:  # of --help and --version
            if _exit_code(out, 0):
                raise SystemExit(BAD_INPUT) from None
            raise


def _run(arguments: Sequence[str]) -> int:
    """Runs one command; an error that the user can mend is printed in one line."""
    try:
        args = build_parser(*arguments[:1]).parse_args(arguments)
        return int(args.run(args))
    except ShowTellError as error:
        print_error(error)
    except OSError as error:
        print_error(reason_of(error))
    except MemoryError:
        print_error("not enough memory; close other programs, or give the command less at a time")
    except KeyboardInterrupt:
        print_error("interrupted")
        return INTERRUPTED
    return BAD_INPUT


def _exit_code(out: Output, code: int) -> int:
    """The exit code after everything is printed. A reader that stops early (head) is no error."""
    out.flush()
    if out.failure is None or isinstance(out.failure, BrokenPipeError):
        return code
    print_error(f"cannot print to standard output: {reason_of(out.failure)}")
    return BAD_INPUT
