"""The command line: thin faces over the library, one module a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import showtell_lib
from showtell_lib.cli import (
    batch,
    caption,
    convert,
    data,
    doctor,
    download,
    embed,
    evaluate,
    export,
    models,
    report,
    scene,
    serve,
    study,
    train,
    verify,
)
from showtell_lib.errors import ShowTellError

COMMANDS = (
    *(caption, models, download, verify, scene, evaluate, report, embed, study),
    *(train, export, convert, data, serve, batch, doctor),
)
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


def build_parser() -> argparse.ArgumentParser:
    """The parser of `showtell`, with every command."""
    parser = argparse.ArgumentParser(
        prog="showtell",
        description="Caption photos with Show and Tell models; train, measure and export your own.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"showtell_lib {showtell_lib.__version__}"
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: what follows the command's name; those of this process if None.

    Returns:
        The exit code: 0 done, 1 `verify` or `doctor` found something wrong, 2 bad input (one line
        on stderr says what), 130 interrupted.
    """
    try:
        args = build_parser().parse_args(arguments)
        code: int = args.run(args)
        sys.stdout.flush()
    except ShowTellError as error:
        print(f"showtell: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("showtell: interrupted", file=sys.stderr)
        return INTERRUPTED
    return code
