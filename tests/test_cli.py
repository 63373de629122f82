"""The command line, as somebody at a terminal meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from showtell_lib.captioner import Captioner
from showtell_lib.cli import main
from showtell_lib.photos import sample_photo
from showtell_lib.store import find_model

COMMANDS = (
    *"caption models download verify scene evaluate report embed study".split(),
    *"train export convert data serve batch doctor".split(),
)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three good photos and a text file."""
    folder = tmp_path_factory.mktemp("photos")
    cat = sample_photo("chelsea").as_image()
    cat.save(folder / "cat.jpg")
    cat.convert("L").save(folder / "grey cat.png")
    sample_photo("coffee").as_image().save(folder / "coffee.WEBP")
    (folder / "notes.txt").write_text("not a photo")
    return folder


def in_new_process(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return run.stdout


def only_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


@pytest.mark.parametrize(
    "code",
    [
        "import showtell_lib as st; st.Caption, st.Photo, st.search, st.open_photo",
        "from showtell_lib.cli import build_parser; build_parser().format_help()",
        "import showtell_lib.cli as c\ntry: c.main(['caption', '--help'])\nexcept SystemExit: pass",
        "import showtell_lib.cli as c; c.main(['caption', 'x.jpg', '--beam-width', '0'])",
        "import showtell_lib.cli as c; c.main(['models'])",
    ],
)
def test_no_tensorflow_before_it_is_needed(code: str) -> None:
    heavy = "{'tensorflow', 'keras', 'sklearn', 'matplotlib', 'ray', 'pyarrow'}"
    check = f"\nimport sys; print({heavy} & {{*sys.modules}})"
    assert in_new_process(code + check).splitlines()[-1] == "set()"


def test_a_command_imports_no_other_command() -> None:
    code = (
        "import sys\nfrom showtell_lib.cli import main\n"
        "try: main(['models', '--help'])\nexcept SystemExit: pass\n"
        "print(*sorted(m for m in sys.modules if m.startswith('showtell_lib.cli.')))"
    )
    expected = ["showtell_lib.cli." + name for name in ("arguments", "models", "output")]
    assert in_new_process(code).splitlines()[-1].split() == expected


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    out = capsys.readouterr().out
    assert "examples:\n" in out
    assert f"showtell {command}" in out.partition("examples:")[2]


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "showtell_lib", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith(
        "showtell_lib "
    )


def test_prints_ranked_captions(
    photos: Path, captioner: Captioner, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["caption", str(photos / "cat.jpg")]) == 0
    captured = capsys.readouterr()
    expected = ["Captions for image cat.jpg:"]
    for rank, caption in enumerate(captioner.caption(photos / "cat.jpg")):
        numbers = f"p={caption.probability:#.3g}, score {caption.score:.3f}"
        expected.append(f"  {rank}) {caption.text} ({numbers})")
    assert captured.out.splitlines() == expected
    assert captured.err == ""


def test_an_improbable_caption_has_three_digits_too(capsys: pytest.CaptureFixture[str]) -> None:
    from showtell_lib.cli.caption import print_captions

    caption = {"text": "a long one", "probability": 1.204e-9, "score": -2.05, "finished": True}
    print_captions("x.jpg", [caption])
    assert "a long one (p=1.20e-09, score -2.050)" in capsys.readouterr().out


def test_help_says_what_each_model_s_own_settings_are(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("caption", "batch"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        said = " ".join(capsys.readouterr().out.split())
        assert f"the model's own: {find_model('mini').beam_width} for mini" in said


def test_a_folder_and_a_glob_stand_for_their_photos(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["caption", str(photos), str(photos / "*.png"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [photo["name"] for photo in document["photos"]] == [
        "cat.jpg",
        "coffee.WEBP",
        "grey cat.png",
        "grey cat.png",
    ]


def test_json_says_everything(
    photos: Path, captioner: Captioner, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ["--beam-width", "2", "--length-penalty", "0.5", "--max-length", "6"]
    assert main(["caption", str(photos / "cat.jpg"), *settings, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["model"]["sha256"] == find_model("mini").sha256
    assert document["settings"] == {"beam_width": 2, "length_penalty": 0.5, "max_length": 6}
    expected = captioner.caption(photos / "cat.jpg", beam_width=2, length_penalty=0.5, max_length=6)
    for printed, caption in zip(document["photos"][0]["captions"], expected, strict=True):
        assert printed["text"] == caption.text
        assert printed["token_ids"] == list(caption.token_ids)
        assert printed["log_prob"] == pytest.approx(caption.log_prob)
        assert printed["score"] == pytest.approx(caption.score)
        assert printed["finished"] is caption.finished
        assert sum(word["log_prob"] for word in printed["words"]) == pytest.approx(caption.log_prob)


def test_bad_photos_do_not_stop_good_ones(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "nothing").mkdir()
    cut = (photos / "cat.jpg").read_bytes()[:5000]
    (tmp_path / "cut.jpg").write_bytes(cut)
    bad = ["empty.jpg", "text.jpg", "cut.jpg", "missing.jpg", "nothing", "*.gif"]
    names = [str(photos / "cat.jpg"), *(str(tmp_path / name) for name in bad)]
    assert main(["caption", *names, str(photos / "coffee.WEBP")]) == 2
    captured = capsys.readouterr()
    assert captured.out.count("Captions for image") == 2
    lines = captured.err.splitlines()
    assert len(lines) == len(bad)
    for name, line in zip(bad, lines, strict=True):
        assert line.startswith("showtell: ")
        assert name in line


def test_bad_photos_in_json(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "missing.jpg")
    assert main(["caption", missing, str(photos / "cat.jpg"), "--json"]) == 2
    bad, good = json.loads(capsys.readouterr().out)["photos"]
    assert "no such file" in bad["error"]
    assert good["captions"]


def test_only_bad_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["caption", str(tmp_path / "missing.jpg")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "missing.jpg: no such file" in only_line(captured.err)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "minni"], ["minni", "did you mean mini?"]),
        (["--model", "no/such/folder"], ["no/such/folder", "mini"]),
        (["--beam-width", "0"], ["--beam-width", "1 or more"]),
        (["--beam-width", "1000000"], ["beam_width", "1000000"]),
        (["--length-penalty", "-1"], ["length_penalty", "0"]),
        (["--length-penalty", "nan"], ["length_penalty"]),
        (["--max-length", "1"], ["--max-length", "2 or more"]),
    ],
)
def test_bad_settings_are_refused_before_any_work(
    arguments: list[str],
    words: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "showtell_lib.captioner.Captioner.__init__", lambda *_: pytest.fail("it ran")
    )
    assert main(["caption", "--sample", "chelsea", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    line = only_line(captured.err)
    assert all(word in line for word in words), line


@pytest.mark.parametrize(
    "arguments", [[], ["photo.jpg", "--sample", "coffee"], ["--sample", "nobody"]]
)
def test_nothing_to_caption(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["caption", *arguments]) == 2
    assert "chelsea" in (line := only_line(capsys.readouterr().err)) or "not both" in line


def test_a_photo_called_like_a_glob(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (40, 30), "green").save(tmp_path / "field [1].png")
    assert main(["caption", str(tmp_path / "field [1].png")]) == 0
    assert "Captions for image field [1].png:" in capsys.readouterr().out


def test_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    model, *others = json.loads(capsys.readouterr().out)
    assert model["name"] == "mini"
    assert model["sha256"] == find_model("mini").sha256
    assert model["origin"] == "bundled with showtell_lib"
    assert [other["name"] for other in others] == ["2m", "1m"]
    assert main(["models"]) == 0
    assert "the one in its model card" in capsys.readouterr().out


def test_a_reader_that_leaves_early() -> None:
    command = f"{sys.executable} -m showtell_lib caption --help | head -1"
    run = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert run.stderr == ""


def test_help_waits_neither_for_tensorflow_nor_for_numpy() -> None:
    code = (
        "import contextlib, sys\n"
        "from showtell_lib.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        "assert not {'tensorflow', 'numpy', 'PIL'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
