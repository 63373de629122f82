"""Many photos: in order, in bounded memory, and a bad one does not stop the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from showtell_lib import streaming
from showtell_lib.captioner import Captioner
from showtell_lib.errors import PhotoError, SettingsError
from showtell_lib.photos import Photo, open_photo
from showtell_lib.scenes import Scene
from showtell_lib.search import BeamSettings
from showtell_lib.streaming import AHEAD, BATCH, stream


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    for seed in range(BATCH + 3):
        Scene.random(seed).draw().save(folder / f"{seed:02}.png")
    (folder / "05.png").write_bytes(b"not a photo")
    (folder / "17.png").write_bytes((folder / "16.png").read_bytes()[:300])
    return folder


def test_all_come_out_in_order_with_the_captions_they_have_alone(
    captioner: Captioner, folder: Path
) -> None:
    paths = sorted(folder.iterdir())
    results = list(captioner.caption_many(paths, progress=False))
    assert [result.photo for result in results] == paths
    assert [result.name for result in results] == [path.name for path in paths]
    for number, (path, result) in enumerate(zip(paths, results, strict=True)):
        if number in (5, 17):
            assert isinstance(result.error, PhotoError)
            assert path.name in str(result.error)
            assert result.captions == []
        elif number % 4 == 0:
            alone = captioner.caption(path)
            assert [c.token_ids for c in result.captions] == [c.token_ids for c in alone]


def test_thumbnails_are_kept_on_request(captioner: Captioner, folder: Path) -> None:
    paths = sorted(folder.iterdir())[4:7]
    plain = list(captioner.caption_many(paths, progress=False))
    shown = list(captioner.caption_many(paths, thumbnails=True, progress=False))
    assert [result.thumbnail for result in plain] == [b"", b"", b""]
    sizes = [open_photo(r.thumbnail).pixels.shape for r in (shown[0], shown[2])]
    assert sizes == [(224, 224, 3)] * 2
    assert shown[1].thumbnail == b""
    for one, other in zip(plain, shown, strict=True):
        assert [c.token_ids for c in one.captions] == [c.token_ids for c in other.captions]


def test_where_a_result_came_from(captioner: Captioner, tmp_path: Path) -> None:
    missing = tmp_path / "none.png"
    scene = open_photo(Scene.random(1).draw())
    photos = [missing, "ftp://a/b.png", scene, PhotoError("no such folder")]
    results = captioner.caption_many(photos, progress=False)
    assert [r.source for r in results] == [str(missing), "ftp://a/b.png", scene.name, ""]


def test_photos_are_drawn_only_a_few_batches_ahead(captioner: Captioner) -> None:
    drawn = 0

    def endless() -> Iterator[Photo]:
        nonlocal drawn
        picture = Scene.random(1).draw()
        while True:
            drawn += 1
            yield picture  # type: ignore[misc]

    results = stream(
        captioner,
        captioner.compiled,
        endless(),
        BeamSettings(1, max_length=5),
    )
    for _ in range(BATCH + 1):
        next(results)
    # Two batches were captioned; one and those ahead of it are ready.
    assert drawn == BATCH * (2 + 1 + AHEAD)
    results.close()  # type: ignore[attr-defined]


def test_only_bad_photos_and_none_at_all(captioner: Captioner, tmp_path: Path) -> None:
    results = list(captioner.caption_many([tmp_path / "none.jpg", PhotoError("x")], progress=False))
    assert [type(result.error) for result in results] == [PhotoError, PhotoError]
    assert list(captioner.caption_many([], progress=False)) == []


def test_settings_are_checked_before_any_photo_is_opened(captioner: Captioner) -> None:
    def explodes() -> Iterator[Path]:
        raise AssertionError("a photo was asked for")
        yield

    with pytest.raises(SettingsError, match="beam_width"):
        captioner.caption_many(explodes(), beam_width=0)


def test_an_unexpected_error_is_not_swallowed(
    captioner: Captioner, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> Photo:
        raise MemoryError

    monkeypatch.setattr(streaming, "opened_in_turn", broken)
    with pytest.raises(MemoryError):
        list(captioner.caption_many([folder / "00.png"], progress=False))
