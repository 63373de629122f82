"""The command line where the world outside does not play along: each error one line, exit code 2.

What only a process of its own can meet (a closed stream, a system that cannot be written to) is
tried in one, with commands that need no TensorFlow wherever that is the same.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from showtell_lib import store
from showtell_lib.captioner import load
from showtell_lib.cli import build_parser, main
from showtell_lib.cli.output import printable
from showtell_lib.errors import DataError, ModelError, SettingsError
from showtell_lib.evaluation.photos import encode_photos
from showtell_lib.evaluation.scenes import fresh_scenes
from showtell_lib.files import user_path, written
from showtell_lib.photos import sample_photo
from showtell_lib.quiet import import_keras
from showtell_lib.training.options import TrainingOptions
from tests.tiny_dataset import make_dataset

FULL = Path("/dev/full")
SHOWTELL = f"{sys.executable} -m showtell_lib"
needs_a_full_disk = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, as on Linux")


def in_shell(command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in an empty folder."""
    environment = {**os.environ, **settings}
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, env=environment, cwd=folder
        )


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    assert line.startswith("showtell: ")
    return line


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "cat.jpg"
    sample_photo("chelsea").thumbnail(96).save(path)
    return path


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "showtell_lib.captioner.Captioner.__init__", lambda *_: pytest.fail("it went to work")
    )


# Standard streams.


@needs_a_full_disk
@pytest.mark.parametrize("command", ["models", "--help", "scene --print-json"])
def test_a_full_disk(command: str) -> None:
    run = in_shell(f"{SHOWTELL} {command} > /dev/full")
    assert run.returncode == 2
    assert "cannot print to standard output: No space left" in only_line(run.stderr)


def test_closed_standard_output_is_told_before_any_work() -> None:
    run = in_shell(f"{SHOWTELL} caption --sample chelsea >&-")
    assert run.returncode == 2
    assert "standard output is closed" in only_line(run.stderr)


@pytest.mark.parametrize("error", ["2>&-", "2>/dev/full", "2>&- <&-"])
def test_standard_error_is_not_needed(error: str) -> None:
    run = in_shell(f"{SHOWTELL} scene --print-json {error}")
    assert (run.returncode, json.loads(run.stdout)["seed"]) == (0, 0)
    assert in_shell(f"{SHOWTELL} scene --size 0 {error}").returncode == 2


@needs_a_full_disk
def test_work_is_not_lost_to_its_printing(
    cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "captions.csv"
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(["caption", str(cat), "--csv", str(out)]) == 2
        monkeypatch.undo()
    assert "No space left" in only_line(capsys.readouterr().err)
    (row,) = csv.DictReader(out.open(encoding="utf-8"))
    assert row["caption"]


def test_a_file_that_cannot_be_written_keeps_nothing_else_back(
    cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pathlib.Path.write_text", refused_for("captions.csv"))
    files = {name: tmp_path / name for name in ("captions.csv", "page.html")}
    arguments = ["--csv", str(files["captions.csv"]), "--gallery", str(files["page.html"])]
    assert main(["caption", str(cat), "--json", *arguments]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["photos"][0]["captions"]
    assert "captions.csv (No space left on device)" in only_line(captured.err)
    assert "data:image/jpeg" in files["page.html"].read_text(encoding="utf-8")


def refused_for(name: str) -> object:
    write_text = Path.write_text

    def refused(path: Path, *arguments: object, **options: object) -> object:
        if path.name.startswith(name):
            raise OSError(28, "No space left on device", str(path))
        return write_text(path, *arguments, **options)  # type: ignore[arg-type]

    return refused


# Letters.


@pytest.mark.parametrize("errors", ["strict", "replace"])
@pytest.mark.parametrize("as_json", [True, False])
def test_letters_that_the_terminal_lacks(
    cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: str, as_json: bool
) -> None:
    shutil.copy(cat, tmp_path / "日本 \N{CAT FACE}é.jpg")
    printed = io.BytesIO()
    stream = io.TextIOWrapper(printed, encoding="cp1252", errors=errors)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["caption", str(tmp_path), *(["--json"] if as_json else [])]) == 0
    text = printed.getvalue().decode("cp1252")
    if as_json:
        assert json.loads(text)["photos"][0]["name"] == "日本 \N{CAT FACE}é.jpg"
    else:
        escaped = {"strict": r"\u65e5\u672c \U0001f431é.jpg", "replace": "?? ?é.jpg"}[errors]
        assert text.startswith(f"Captions for image {escaped}:\n  0) ")
    assert stream.errors == errors


def test_a_name_of_any_bytes_is_captioned_and_written_down(
    cat: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bytes_of_name = os.fsencode(tmp_path) + b"/caf\xe9\n\x1b[31m.jpg"
    try:
        Path(os.fsdecode(bytes_of_name)).write_bytes(cat.read_bytes())
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    table, page = tmp_path / "captions.csv", tmp_path / "page.html"
    files = ["--csv", str(table), "--gallery", str(page)]
    assert main(["caption", str(tmp_path), *files]) == 0
    assert capsys.readouterr().out.startswith(r"Captions for image caf\udce9\n\x1b[31m.jpg:")
    assert r"caf\udce9" in table.read_text(encoding="utf-8")
    assert r"caf\udce9" in page.read_text(encoding="utf-8")
    assert main(["caption", str(tmp_path), "--json"]) == 0
    (photo,) = json.loads(capsys.readouterr().out)["photos"]
    assert os.fsencode(photo["photo"]) == bytes_of_name


@pytest.mark.parametrize(
    "name", ["x" * 9000, "data:image/jpeg;base64," + "AAAA" * 3000, "~nobody/x.jpg", "a\nb.jpg"]
)
def test_a_name_that_no_file_has_is_one_short_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["caption", name]) == 2
    line = only_line(capsys.readouterr().err)
    assert printable(name[:20]) in line
    assert len(line) < 200


def test_a_tilde_is_a_home_or_a_letter(
    cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_path("~/cat.jpg") == tmp_path / "cat.jpg"
    monkeypatch.chdir(tmp_path)
    shutil.copy(cat, "~WRD0001.jpg")
    assert main(["caption", "~WRD0001.jpg"]) == 0
    assert "Captions for image ~WRD0001.jpg:" in capsys.readouterr().out


# A machine that grants little.


@pytest.fixture
def unshare() -> str:
    """The command of util-linux that runs another one with less of the system."""
    found = shutil.which("unshare")
    if not found or subprocess.run([found, "-Urm", "true"], capture_output=True).returncode:
        pytest.skip("needs unshare of util-linux, and the right to use it")
    return found


def test_a_user_without_a_name_or_home(unshare: str) -> None:
    nobody = f"{unshare} -U --map-user=12345 --map-group=12345 env -u HOME"
    settings = {"XDG_CACHE_HOME": "", "SHOWTELL_HOME": ""}
    run = in_shell(f"{nobody} {SHOWTELL} models", **settings)
    assert run.returncode == 0, run.stderr
    assert "not here yet: showtell download 2m" in run.stdout
    run = in_shell(f"{nobody} {SHOWTELL} download 2m --url http://127.0.0.1:9/", **settings)
    assert run.returncode == 2
    assert "set SHOWTELL_HOME" in only_line(run.stderr)
    loads = f"{sys.executable} -c 'from showtell_lib import quiet; quiet.import_tensorflow()'"
    run = in_shell(f"{nobody} {loads} && ls -A")
    assert (run.returncode, run.stdout) == (0, ""), run.stderr


def test_a_system_that_nothing_can_be_written_to(unshare: str, cat: Path) -> None:
    """TensorFlow needs a temporary folder; what does without one works."""
    read_only = (
        "for m in $(awk '{print $5}' /proc/self/mountinfo); do mount -o remount,bind,ro $m; done"
    )
    check = f"touch {cat.parent}/x && exit 77; cd {cat.parent}"
    caption = f"env -u TMPDIR {SHOWTELL} caption {cat}"
    script = f"{{ {read_only}; {check}; }} 2>/dev/null; {SHOWTELL} models >/dev/null && {caption}"
    run = subprocess.run([unshare, "-Urm", "sh", "-c", script], capture_output=True, text=True)
    if run.returncode == 77:
        pytest.skip("this system cannot be made read-only")
    assert run.returncode == 2
    line = only_line(run.stderr)
    assert "No usable temporary directory" in line
    assert "set TMPDIR" in line


def test_captions_with_standard_error_closed_and_no_home(cat: Path) -> None:
    run = in_shell(f"env -u HOME {SHOWTELL} caption {cat} 2>&-")
    assert run.returncode == 0
    assert run.stdout.startswith("Captions for image cat.jpg:\n  0) ")


def test_no_home_is_no_error_as_long_as_none_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home(_: str) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("SHOWTELL_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_cache_path", no_home)
    assert not store.is_here("2m")
    assert store.is_here("mini")
    with pytest.raises(ModelError, match="set SHOWTELL_HOME"):
        store.cache_folder()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(30, "Read-only file system", "a.csv"), "a.csv: Read-only file system; choose"),
        (FileNotFoundError(2, "No usable temporary directory found"), "found; set TMPDIR"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    error: BaseException,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse() -> None:
        raise error

    monkeypatch.setattr("showtell_lib.store.models", refuse)
    assert main(["models"]) == 2
    assert words in only_line(capsys.readouterr().err)


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    try:
        os.mkfifo(pipe)
    except (AttributeError, OSError):
        pytest.skip("needs named pipes")
    with written(pipe) as part:
        assert part == pipe
    assert pipe.is_fifo()


# Keras.


def test_keras_as_our_networks_need_it_whatever_it_is_told(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    told = {"backend": "torch", "floatx": "float64", "image_data_format": "channels_first"}
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps({**told, "epsilon": 1e-7}))
    code = (
        "import os; from showtell_lib.quiet import import_keras; c = import_keras().config; "
        "print(c.backend(), c.floatx(), c.image_data_format(), os.environ['KERAS_BACKEND'])"
    )
    settings = {"HOME": str(tmp_path), "KERAS_HOME": str(tmp_path / ".keras")}
    run = in_shell(f'{sys.executable} -c "{code}"', KERAS_BACKEND="jax", **settings)
    assert run.stdout == "tensorflow float32 channels_last jax\n", run.stderr


def test_keras_comes_when_it_is_asked_for() -> None:
    """It brings half of the scientific Python with it; TensorFlow alone waits for it, too.

    Garbage is looked for afterwards as before, in all that there is, but no more at the exit.
    """
    code = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 10 * len(gc.get_objects())))
from showtell_lib.quiet import import_tensorflow
tf = import_tensorflow()
print(gc.isenabled(), gc.get_freeze_count())
print(sorted({"keras", "matplotlib", "pandas", "sklearn"} & set(sys.modules)))
from tensorflow.keras.layers import Dense
import keras
print(Dense is keras.layers.Dense is tf.keras.layers.Dense)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("True 0\n[]\nTrue\nTrue\n", "")


@pytest.fixture
def keras_in_float64() -> Iterator[None]:
    keras = import_keras()
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


@pytest.mark.usefixtures("keras_in_float64")
def test_keras_that_somebody_else_has_set_is_told() -> None:
    with pytest.raises(SettingsError, match="floatx float64, but needs float32"):
        import_keras()


# Counts.


def counts_of_commands() -> list[tuple[str, argparse.Action]]:
    """Every option that takes a whole number, by its command; a seed is not a count."""
    (commands,) = (a for a in build_parser()._actions if isinstance(a.choices, dict))
    return [
        (name, action)
        for name, parser in commands.choices.items()  # type: ignore[union-attr]
        for action in parser._actions
        if action.option_strings and action.type and action.dest != "seed" and takes_whole(action)
    ]


def takes_whole(action: argparse.Action) -> bool:
    try:
        return type(action.type("7")) is int  # type: ignore[operator]
    except (argparse.ArgumentTypeError, ValueError):
        return False


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("command", "option"), [(name, a.option_strings[0]) for name, a in counts_of_commands()]
)
@pytest.mark.parametrize("value", ["-1", "2.5", "many"])
def test_every_count_of_every_command_is_checked(
    command: str, option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, f"{option}={value}"]) == 2
    line = only_line(capsys.readouterr().err)
    assert f"argument {option}: must be a whole number" in line
    assert f"see `showtell {command} --help`" in line


def test_the_counts_are_found() -> None:
    options = {(name, action.option_strings[0]) for name, action in counts_of_commands()}
    wanted = {("evaluate", "--limit"), ("batch", "--workers"), ("train", "--views")}
    assert wanted <= options
    assert len(options) > 25


@pytest.mark.parametrize(
    "arguments",
    [
        "evaluate --limit=0",
        "embed --limit=0",
        "caption --beam-width=0",
        "evaluate --beam-width 3 0",
        "caption --max-length=1",
        "batch in out --workers=0",
        "train --views=0",
        "train --batch-size=0",
        "report --scenes=3",
        "serve --port=65536",
        "scene --sheet=0",
    ],
)
def test_too_few_are_refused(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 2
    assert "must be a whole number" in only_line(capsys.readouterr().err)


@pytest.mark.parametrize("name", ["units", "batch_size", "views", "dev_photos", "photos_per_step"])
def test_so_are_they_in_python(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be 1 or more, not 0"):
        TrainingOptions(**{name: 0})


@pytest.mark.parametrize("limit", [0, -1])
def test_so_are_scenes_in_python(limit: int) -> None:
    with pytest.raises(SettingsError, match="limit must be"):
        fresh_scenes(limit)


def test_no_photos_cannot_be_encoded_in_python() -> None:
    with pytest.raises(DataError, match="no photos to encode"):
        encode_photos(load(), [])


# Nothing is written, and no work done, before the input is known to be good.


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        ("caption --sample chelsea", "--csv"),
        ("caption --sample chelsea", "--gallery"),
        ("embed --photos .", "--out"),
        ("evaluate --on scenes", "--captions-out"),
        ("scene", "--out"),
    ],
)
@pytest.mark.parametrize(
    ("place", "words"),
    [("folder", "it is a folder"), ("nowhere/file", "there is no folder"), ("file/x", "no folder")],
)
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    arguments: str,
    option: str,
    place: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    assert main([*arguments.split(), option, str(tmp_path / place)]) == 2
    line = only_line(capsys.readouterr().err)
    assert str(tmp_path / place) in line
    assert words in line


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize("command", ["report --out", "export run", "convert checkpoint words"])
def test_a_folder_that_cannot_be_made_is_told_before_the_work(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main([*command.split(), str(tmp_path / "file" / "model")]) == 2
    assert f"{tmp_path / 'file'} is not a folder" in only_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--photos": "nowhere"}, "nowhere"),
        ({"--encoder": "vgg"}, "no encoder called 'vgg'"),
        ({"--encoder-weights": "nowhere.h5"}, "nowhere.h5: no such file"),
        ({"--start-from": "nowhere"}, "nowhere"),
        ({"--splits": "empty"}, "the train split in empty names none"),
    ],
)
def test_a_run_that_cannot_begin_leaves_nothing(
    changes: dict[str, str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    make_dataset(Path("data"))
    Path("empty").mkdir()
    for split in ("train", "dev", "test"):
        Path("empty", f"{split}.txt").touch()
    options = {
        **{"--photos": "data/images", "--captions": "data/captions.csv", "--splits": "data"},
        **{"--out": "run", "--encoder-weights": "none", "--scenes": "2"},
        **changes,
    }
    assert main(["train", *(part for option in options.items() for part in option)]) == 2
    assert words in only_line(capsys.readouterr().err)
    assert not Path("run").exists()


def test_a_split_is_not_empty_and_names_a_photo_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_dataset(tmp_path / "data")
    names = (data / "test.txt").read_text().split()
    (data / "test.txt").write_text("".join(f"{name}\n" * 5 for name in names))
    dataset = ["--photos", str(data / "images"), "--captions", str(data / "captions.csv")]
    dataset += ["--splits", str(data)]
    assert main(["evaluate", *dataset, "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["photos"] == len(names)
    (data / "test.txt").write_text("\n")
    for command in (["evaluate"], ["embed", "--out", str(tmp_path / "x.npz")]):
        assert main([*command, *dataset]) == 2
        assert f"the test split in {data} names none" in only_line(capsys.readouterr().err)
