"""Argument types that the commands share, and a parser whose errors are one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from showtell_lib.errors import SettingsError
from showtell_lib.files import check_output_file, check_output_folder, user_path

if TYPE_CHECKING:
    # The object that a command adds its parser to; only type checkers need this type.
    Subparsers: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = object


class Parser(argparse.ArgumentParser):
    """A parser that raises an exception of this library, and that keeps the lines of its epilog."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        """Raises what is wrong with the arguments.

        Raises:
            SettingsError: always.
        """
        raise SettingsError(f"{message}; see `{self.prog} --help`")


def count(lowest: int = 1, highest: int | None = None) -> Callable[[str], int]:
    """The type of an argument that counts something: a whole number within bounds."""
    bounds = f"{lowest} or more" if highest is None else f"from {lowest} to {highest}"

    def counted(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or number < lowest or (highest is not None and number > highest):
            raise argparse.ArgumentTypeError(f"must be a whole number, {bounds}, not {text!r}")
        return number

    return counted


def output_file(text: str) -> Path:
    """The type of an argument that names a file to write.

    Raises:
        DataError: no file can be written there.
    """
    path = user_path(text)
    check_output_file(path)
    return path


def output_folder(text: str) -> Path:
    """The type of an argument that names a folder to write into, which is made if need be.

    Raises:
        DataError: the folder cannot be made, or not be written to.
    """
    path = user_path(text)
    check_output_folder(path)
    return path
