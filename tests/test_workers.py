"""The tests in several processes: they share what takes long to make, and end together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings

from tests.examples import examples
from tests.workers import LONGEST_FIRST, TOGETHER, FilesTogether, longest_first, made_once

REPOSITORY = Path(__file__).parents[1]


def test_who_asks_at_once_gets_the_one_that_was_made(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "large").write_text("weights")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: made_once(tmp_path / "model", make), range(8)))
    assert found == [tmp_path / "model"] * 8
    assert len(made) == 1
    assert (tmp_path / "model" / "large").read_text() == "weights"


def test_what_failed_half_way_is_made_anew(tmp_path: Path) -> None:
    def break_off(folder: Path) -> None:
        (folder / "half").touch()
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        made_once(tmp_path / "model", break_off)
    made = made_once(tmp_path / "model", lambda folder: (folder / "whole").touch())
    assert [path.name for path in made.iterdir()] == ["whole"]


def test_the_longest_files_come_first_and_keep_their_tests_in_order() -> None:
    class Item:
        def __init__(self, name: str, number: int) -> None:
            self.path, self.number = REPOSITORY / "tests" / name, number

    first, second = LONGEST_FIRST[:2]
    items = [Item(name, i) for i, name in enumerate(("test_short.py", second, first, second))]
    longest_first(items)  # type: ignore[arg-type]
    assert [item.number for item in items] == [2, 1, 3, 0]


def test_the_longest_files_are_there() -> None:
    there = {path.name for folder in ("tests", "notebooks") for path in _files(folder)}
    assert there.issuperset(LONGEST_FIRST)
    assert there.issuperset(name for names in TOGETHER.values() for name in names)


def test_one_worker_runs_all_of_a_group_and_another_file_is_for_any() -> None:
    of = FilesTogether._split_scope
    scheduler = FilesTogether.__new__(FilesTogether)
    for group, names in TOGETHER.items():
        files = [path for path in _files("tests") + _files("notebooks") if path.name in names]
        assert len(files) == len(names)
        assert {of(scheduler, f"{file}::test_a[x/y.py::z]") for file in files} == {group}
    assert of(scheduler, "tests/test_serve.py::test_b") == "tests/test_serve.py"


@pytest.mark.parametrize(("profile", "tried"), [("quick", 15), ("thorough", 150)])
def test_a_thorough_run_tries_ten_times_as_many_examples(profile: str, tried: int) -> None:
    chosen = settings.get_current_profile_name()
    settings.load_profile(profile)
    try:
        assert examples(15).max_examples == tried
    finally:
        settings.load_profile(chosen)


def _files(folder: str) -> list[Path]:
    return [*(REPOSITORY / folder).rglob("test_*.py"), *(REPOSITORY / folder).glob("*.ipynb")]
