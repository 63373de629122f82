"""`showtell doctor`: what it says of machines that lack something, and that each has a remedy."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from showtell_lib import doctor, store
from showtell_lib.cli import main
from showtell_lib.doctor import OK, PROBLEM, WARN, Attempt, Finding, Machine, facts
from showtell_lib.store import ModelFiles, ModelRow, Provenance

REPOSITORY = Path(__file__).parents[1]
CAPTION = {"text": "a cat", "finished": True, "probability": 0.1}
GOOD = {
    "python": (3, 11, 7),
    "memory": (5.0, 8.0),
    "disk": 20.0,
    "packages": {
        **{name: f"{newest}.1" for name, (_, newest) in doctor.TESTED.items()},
        **{"fastapi": "0.115.0", "ray": "2.40.0"},
    },
    "browser": "firefox",
}


def captions(**changes: Any) -> Attempt:
    photo = {"photos": [{"name": "chelsea.png", "captions": [CAPTION | changes]}]}
    return Attempt(0, json.dumps(photo), "")


def examined(attempt: Attempt | None = None, **changes: Any) -> dict[str, Finding]:
    machine = Machine(**{**GOOD, **changes})
    findings = doctor.examine(machine, lambda: attempt or captions())
    return {finding.what: finding for finding in findings}


def without(package: str, version: str | None = None) -> dict[str, str]:
    packages = {name: v for name, v in GOOD["packages"].items() if name != package}  # type: ignore[attr-defined]
    return packages | ({package: version} if version else {})


def test_a_good_machine_is_ready() -> None:
    findings = examined()
    assert {finding.state for finding in findings.values()} == {OK}
    assert doctor.is_ready([*findings.values()])


@pytest.mark.parametrize(
    ("what", "facts", "state", "words"),
    [
        ("Python", {"python": (3, 8, 10)}, PROBLEM, ["3.8.10", "too old", "install Python 3.13"]),
        ("Python", {"python": (3, 15, 0)}, WARN, ["3.15.0", "newer", "install Python 3.13"]),
        ("memory", {"memory": (0.6, 2.0)}, PROBLEM, ["0.6 GB free of 2.0 GB", "close", "Colab"]),
        ("memory", {"memory": (1.4, 4.0)}, WARN, ["1.4 GB", "one notebook at a time"]),
        ("memory", {"memory": None}, WARN, ["cannot be read", "2 GB"]),
        ("disk", {"disk": 0.02}, PROBLEM, ["0.0 GB free", "delete"]),
        ("disk", {"disk": 0.3}, WARN, ["0.3 GB free", "SHOWTELL_HOME"]),
        ("numpy", {"packages": without("numpy")}, PROBLEM, ["not installed", "numpy>=1.26"]),
        (
            "tensorflow",
            {"packages": without("tensorflow", "2.9.3")},
            PROBLEM,
            ["2.9.3, older than 2.16", "pip install", "tensorflow>=2.16"],
        ),
        (
            "jupyterlab",
            {"packages": without("jupyterlab", "5.0.0rc1")},
            WARN,
            ["5.0.0rc1", "newer", "should something fail", '"jupyterlab<4.7"'],
        ),
        ("ray", {"packages": without("ray")}, WARN, ["notebook 11 will not run", "[scale]"]),
        ("fastapi", {"packages": without("fastapi")}, WARN, ["notebook 10", "[serve]"]),
        ("browser", {"browser": None}, WARN, ["none", "Firefox", "address"]),
        ("browser", {"browser": None, "display": False}, WARN, ["no display", "ssh -L 8888"]),
        ("browser", {"browser": "/usr/bin/w3m"}, WARN, ["w3m", "text only", "Firefox"]),
    ],
)
def test_each_lack_is_named_with_its_remedy(
    what: str, facts: dict[str, Any], state: str, words: list[str]
) -> None:
    findings = examined(**facts)
    assert findings[what].state == state
    said = f"{findings[what].found} {findings[what].remedy}"
    assert all(word in said for word in words), said
    others = [finding.state for name, finding in findings.items() if name != what]
    assert set(others) == {OK}
    assert doctor.is_ready([*findings.values()]) is (state != PROBLEM)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (Attempt(-4, "", ""), ["signal 4", "AVX", "Colab"]),
        (Attempt(-9, "", ""), ["signal 9", "too little memory"]),
        (Attempt(None, "", ""), ["120 seconds", "slow"]),
        (Attempt(2, "", "noise\nshowtell: model 'mini': gone"), ["'mini': gone", "make clean lab"]),
        (Attempt(1, "", ""), ["did not say why", "make clean lab"]),
        (captions(finished=False), ["no finished caption", "make clean lab"]),
        (captions(text=""), ["no finished caption"]),
        (captions(probability=float("nan")), ["no finished caption"]),
    ],
)
def test_a_captioner_that_fails(attempt: Attempt, words: list[str]) -> None:
    found = examined(attempt)["captioner"]
    assert found.state == PROBLEM
    assert all(word in f"{found.found} {found.remedy}" for word in words), found


def fake_model(verification: str, changed: bool) -> ModelRow:
    files = ModelFiles("2m", Path("show-and-tell.pb"), Path("word_counts.txt"))
    vars(files)["provenance"] = Provenance("downloaded", verification, changed)
    return ModelRow("2m", "full size", files, 149_000_000)


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        (ModelRow("2m", "full size", None, 149_000_000), OK, "not here; only if you want it"),
        (fake_model("changed", True), PROBLEM, "showtell download 2m --force"),
        (fake_model(store.NOT_VERIFIED, False), WARN, "showtell verify 2m"),
        (fake_model("verified 2026-01-31", False), OK, "verified 2026-01-31"),
    ],
)
def test_models(row: ModelRow, state: str, words: str) -> None:
    found = doctor.judge_model(row)
    assert found.state == state
    assert words in f"{found.found} {found.remedy}"


def test_a_container_has_the_memory_it_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("psutil", reason="needs psutil, which comes with JupyterLab")
    limit = tmp_path / "memory.max"
    limit.write_text("700000000\n")
    monkeypatch.setattr(facts, "CGROUP_LIMIT", limit)
    memory = doctor.look().memory
    assert memory is not None
    assert memory[1] == 0.7
    assert memory[0] <= 0.7
    limit.write_text("max\n")
    machine_memory = doctor.look().memory
    assert machine_memory is not None
    assert machine_memory[1] > 0.7


def test_disk_is_that_of_a_folder_yet_to_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SHOWTELL_HOME", str(tmp_path / "not" / "there" / "yet"))
    assert doctor.look().disk > 0
    assert list(tmp_path.iterdir()) == []


def test_a_captioner_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "SECONDS_TO_CAPTION", 0.01)
    assert doctor.caption_sample().code is None


def test_as_it_is_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(facts, "SECONDS_TO_CAPTION", 3600)  # How busy it is here is no matter.
    code = main(["doctor", "--json"])
    document = json.loads(capsys.readouterr().out)
    rows = {row["what"]: row for row in document["findings"]}
    assert code == (0 if document["ready"] else 1)
    assert rows["captioner"]["state"] == rows["model mini"]["state"] == OK
    assert all(bool(row["remedy"]) is (row["state"] != OK) for row in rows.values())


@pytest.mark.parametrize(
    ("states", "code", "verdict"),
    [
        ([OK, OK], 0, "Ready."),
        ([OK, WARN], 0, "Ready, with 1 to know about."),
        ([PROBLEM, WARN], 1, "Not ready: 1 to repair; each line with an arrow says how."),
    ],
)
def test_the_last_line_and_the_exit_code(
    states: list[str],
    code: int,
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    findings = [
        Finding("thing", state, "found", "" if state == OK else "do it") for state in states
    ]
    monkeypatch.setattr(doctor, "examine", lambda: findings)
    assert main(["doctor"]) == code
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == verdict
    assert out.count("-> do it") == len(states) - states.count(OK)


def test_it_takes_no_tensorflow_into_its_own_process() -> None:
    code = "from showtell_lib import doctor; doctor.look(); import sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"tensorflow", "matplotlib", "jupyterlab"} & {*run.stdout.split()}


def test_the_oldest_versions_are_those_of_the_requirements() -> None:
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    required = dict(m.groups() for line in lines if (m := re.match(r"([\w-]+)>=([\d.]+)", line)))
    for name, (oldest, _) in doctor.TESTED.items():
        assert required[name] == oldest, name


def test_the_versions_in_a_line() -> None:
    said = doctor.environment_line(Machine(**GOOD))  # type: ignore[arg-type]
    assert said.startswith("Python 3.11.7, tensorflow 2.")
    assert said.endswith("all within what was tested.")
    old = Machine(**{**GOOD, "packages": without("ipywidgets", "7.6.5")})  # type: ignore[arg-type]
    assert "Not tested with such a version of ipywidgets:" in doctor.environment_line(old)
