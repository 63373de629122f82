"""Image embeddings and feature maps, and what `embeddings` computes from them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from showtell_lib import embeddings as em
from showtell_lib.captioner import Captioner, load
from showtell_lib.cli import main
from showtell_lib.embeddings.occlusion import LARGEST_SIDE
from showtell_lib.embeddings.stored import BUNDLED_FILE
from showtell_lib.errors import DataError, ModelError, SettingsError
from showtell_lib.graph.parts import embedding_tensor
from showtell_lib.lstm import lstm_gates
from showtell_lib.photos import sample_photo
from showtell_lib.store import find_model
from tests import toy_models
from tests.tiny_dataset import make_dataset
from tests.tiny_graph import tiny_graph, write_model

NAMES = ("coffee", "chelsea", "astronaut")
SIZES = {
    "mini": [(112, 112), (56, 56), (28, 28), (14, 14), (7, 7)],
    "tiny": [(4, 4)],
    "full_size_model": [(149, 149), (147, 147), (73, 73), (71, 71), (35, 35), (17, 17), (8, 8)],
}
SIZES["converted_model"] = SIZES["full_size_model"]


@pytest.fixture(scope="module", params=list(SIZES))
def named(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Captioner]:
    if request.param == "mini":
        return "mini", load()
    if request.param == "tiny":
        return "tiny", load(write_model(tmp_path_factory.mktemp("tiny")))
    return request.param, load(request.getfixturevalue(request.param))


def test_the_lstm_makes_the_state_from_the_embedding(named: tuple[str, Captioner]) -> None:
    captioner = named[1]
    photos = [sample_photo(name) for name in NAMES]
    decoder = captioner.numpy_decoder
    kernel = decoder.weights["lstm/basic_lstm_cell/kernel"]
    bias = decoder.weights["lstm/basic_lstm_cell/bias"]
    embeddings = captioner.embed(photos)
    assert embeddings.shape == (len(NAMES), len(kernel) - captioner.units)
    assert embeddings.dtype == np.float32
    zeros = np.zeros((len(NAMES), 2 * captioner.units), np.float32)
    gates = lstm_gates(embeddings, zeros, kernel, bias, decoder.forget_bias)
    np.testing.assert_allclose(gates.state, captioner.encode_many(photos), atol=1e-5)


def test_no_photo_has_no_embedding(named: tuple[str, Captioner]) -> None:
    assert named[1].embed([]).shape == (0, named[1].units)


def test_a_map_for_each_size(named: tuple[str, Captioner]) -> None:
    name, captioner = named
    maps = captioner.feature_maps(sample_photo("chelsea"))
    assert [values.shape[:2] for _, values in maps] == SIZES[name]
    assert all(values.dtype == np.float32 and values.ndim == 3 for _, values in maps)


def test_the_last_map_is_what_the_embedding_is_made_of(named: tuple[str, Captioner]) -> None:
    """Mean over the map, then one product: the end of every Show and Tell encoder."""
    _, captioner = named
    photo = sample_photo("coffee")
    _, last = captioner.feature_maps(photo)[-1]
    decoder = captioner.numpy_decoder
    found = last.mean(axis=(0, 1)) @ decoder.weights["image_embedding/weights"]
    found = found + decoder.weights.get("image_embedding/biases", np.float32(0))
    np.testing.assert_allclose(found, captioner.embed([photo])[0], atol=1e-4)


def test_another_first_step_is_told() -> None:
    graph = tiny_graph()
    nodes = {node.name: node for node in graph.node}
    zeros = next(n for n in graph.node if n.op == "ConcatV2" and "lstm/zeros" in n.input)
    nodes[zeros.name].op = "Identity"
    with pytest.raises(ModelError, match="first input comes from a Identity"):
        embedding_tensor(graph)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(40, 6))


def cosine(left: np.ndarray, right: np.ndarray) -> float:
    product = sum(float(a) * float(b) for a, b in zip(left, right, strict=True))
    return product / (math.hypot(*left) * math.hypot(*right))


def test_cosine_similarity(vectors: np.ndarray) -> None:
    found = em.cosine_similarity(vectors[:3], vectors)
    expected = [[cosine(a, b) for b in vectors] for a in vectors[:3]]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert em.cosine_similarity(np.zeros((1, 6)), vectors).tolist() == [[0.0] * 40]
    np.testing.assert_allclose(em.cosine_similarity(7 * vectors[:3], vectors), found)


def test_pca_is_the_largest_spread(vectors: np.ndarray) -> None:
    centred = vectors - vectors.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred)
    expected = centred @ directions[:, np.argsort(-variances)[:2]]
    found = em.pca_map(vectors)
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-9)


def test_tsne_keeps_groups_together() -> None:
    random = np.random.default_rng(0)
    centres = np.repeat(np.eye(3, 8), 12, axis=0)
    points = em.tsne_map(centres + random.normal(scale=0.05, size=centres.shape), perplexity=5)
    assert points.shape == (36, 2)
    distances = np.linalg.norm(points[:, np.newaxis] - points, axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 12 == np.arange(36) // 12).all()


def test_tsne_is_the_same_for_the_same_seed(vectors: np.ndarray) -> None:
    first, second = (em.tsne_map(vectors, perplexity=5, seed=2) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_too_few_for_a_map(vectors: np.ndarray) -> None:
    with pytest.raises(SettingsError, match="perplexity is 40"):
        em.tsne_map(vectors, perplexity=40)
    with pytest.raises(SettingsError, match="2 embeddings make no map"):
        em.pca_map(vectors[:2])


def test_word_log_probs_are_the_tables() -> None:
    model = toy_models.random_model(4)
    tokens = (0, 2, 3, 1)
    states = np.array([[0, 0], [1, 0]], np.float32)
    found = em.word_log_probs(model, states, tokens)  # type: ignore[arg-type]
    assert found.shape == (2, 3)
    assert found[0].sum() == pytest.approx(toy_models.log_prob_of(model, tokens), abs=1e-5)
    assert found[1, 0] == pytest.approx(model.tables[1, 0, 2])


def test_word_log_probs_are_the_captions(captioner: Captioner) -> None:
    best = captioner.caption(sample_photo("coffee"))[0]
    state = captioner.encode(sample_photo("coffee"))
    found = em.word_log_probs(captioner, state, best.token_ids)[0]
    np.testing.assert_allclose(found, [log_prob for _, log_prob in best.words], atol=1e-4)


def test_occlusion_map_square_by_square(captioner: Captioner) -> None:
    photo = sample_photo("coffee")
    pixels = np.asarray(photo.thumbnail(LARGEST_SIDE))
    best = captioner.caption(pixels)[0]
    found = em.occlusion_map(captioner, photo, best.token_ids, squares=3)
    assert found.shape == (len(best.words), 3, 3)
    height, width = pixels.shape[:2]
    for row, column in [(0, 0), (1, 2), (2, 1)]:
        picture = pixels.copy()
        top, bottom = row * height // 3, (row + 1) * height // 3
        left, right = column * width // 3, (column + 1) * width // 3
        picture[top:bottom, left:right] = [round(pixels[..., c].mean()) for c in range(3)]
        state = captioner.encode(picture)
        for word, (token, following) in enumerate(
            zip(best.token_ids[:-1], best.token_ids[1:], strict=True)
        ):
            log_probs, state = captioner.step([token], state)
            fall = best.words[word][1] - log_probs[0, following]
            assert found[word, row, column] == pytest.approx(fall, abs=1e-3)


def test_a_plain_picture_has_nothing_to_cover(captioner: Captioner) -> None:
    plain = np.full((60, 90, 3), 120, np.uint8)
    tokens = captioner.caption(plain)[0].token_ids
    np.testing.assert_allclose(em.occlusion_map(captioner, plain, tokens, squares=2), 0, atol=1e-4)


@pytest.mark.parametrize("squares", [0, 61])
def test_a_grid_that_does_not_fit(captioner: Captioner, squares: int) -> None:
    with pytest.raises(SettingsError, match=f"squares is {squares}; it must be 1 to 60"):
        em.occlusion_map(captioner, np.zeros((60, 90, 3), np.uint8), [0, 1], squares=squares)


def test_covered_pictures_cover_all() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (10, 13, 3)).astype(np.uint8)
    pictures = em.covered(pixels, 4)
    colour = np.round(pixels.mean(axis=(0, 1))).astype(np.uint8)
    changed = [(picture != pixels).any(axis=2) for picture in pictures]
    assert len(pictures) == 16
    assert (np.sum(changed, axis=0) <= 1).all()
    untouched = np.sum(changed, axis=0) == 0
    assert (pixels[untouched] == colour).all()


def test_the_bundled_embeddings_are_of_the_bundled_model() -> None:
    embedded = em.load_embeddings()
    assert len(embedded) == len(set(embedded.names)) == 1000
    assert embedded.embeddings.shape == (1000, 512)
    assert embedded.embeddings.dtype == np.float32
    assert np.isfinite(embedded.embeddings).all()
    assert all(embedded.captions)
    assert embedded.model == find_model("mini").sha256, "make it again: showtell embed"
    assert (find_model("mini").graph.parent / BUNDLED_FILE).stat().st_size < 1.5e6


@pytest.fixture
def dataset(tmp_path: Path) -> list[str]:
    """Options that name a tiny dataset."""
    folder = make_dataset(tmp_path / "tiny")
    names = {"--photos": "images", "--captions": "captions.csv", "--splits": "."}
    return [part for option, name in names.items() for part in (option, str(folder / name))]


def test_the_command_writes_what_the_model_sees(
    dataset: list[str], captioner: Captioner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "e.npz"
    assert main(["embed", *dataset, "--split", "dev", "--limit", "1", "--out", str(out)]) == 0
    assert "1 photo, 512 numbers each" in capsys.readouterr().out
    name = (tmp_path / "tiny" / "dev.txt").read_text().split()[0]
    photo = tmp_path / "tiny" / "images" / name
    embedded = em.load_embeddings(out)
    assert embedded.names == (name,)
    assert embedded.captions == (captioner.caption(photo)[0].text,)
    np.testing.assert_allclose(embedded.embeddings, captioner.embed([photo]), rtol=1e-3, atol=1e-3)


def test_the_command_takes_a_whole_folder(dataset: list[str], tmp_path: Path) -> None:
    assert main(["embed", *dataset[:2], "--out", str(tmp_path / "all.npz")]) == 0
    assert len(em.load_embeddings(tmp_path / "all.npz")) == 12


def test_the_command_passes_over_a_bad_photo_and_says_which(
    dataset: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = Path(dataset[1])
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    assert main(["embed", *dataset[:2], "--out", str(tmp_path / "all.npz")]) == 0
    printed, said = capsys.readouterr()
    assert "12 photos" in printed
    assert "1 bad passed over" in printed
    assert "broken.jpg" in said
    embedded = em.load_embeddings(tmp_path / "all.npz")
    assert set(embedded.names) == {path.name for path in photos.iterdir()} - {"broken.jpg"}
    for path in photos.iterdir():
        path.write_bytes(b"\xff\xd8\xff no photo")
    assert main(["embed", *dataset[:2], "--out", str(tmp_path / "none.npz")]) == 2
    assert "no photo in" in capsys.readouterr().err
    assert not (tmp_path / "none.npz").exists()


@pytest.mark.parametrize(
    ("drop", "message"),
    [(slice(2, 4), "--captions and --splits together"), (slice(4, 6), "together, or neither")],
)
def test_half_a_dataset(
    dataset: list[str], drop: slice, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del dataset[drop]
    assert main(["embed", *dataset, "--out", "e.npz"]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--photos", str(tmp_path), "--out", "e.npz"]) == 2
    assert "no photos in this folder" in capsys.readouterr().err


def test_a_file_that_holds_something_else(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with pytest.raises(DataError, match="no embeddings in it"):
        em.load_embeddings(path)
    path.write_bytes(b"hello")
    with pytest.raises(DataError, match="no embeddings in it"):
        em.load_embeddings(path)
    path.write_bytes(b"PK\x03\x04" + bytes(40))
    with pytest.raises(DataError, match="no embeddings in it"):
        em.load_embeddings(path)
    np.savez(path, names=np.array(["a"]))
    with pytest.raises(DataError, match="no embeddings in it"):
        em.load_embeddings(path)
    em.EmbeddedPhotos(("a", "b"), np.zeros((1, 4)), ("x",), "").save(path)
    with pytest.raises(DataError, match="not as many"):
        em.load_embeddings(path)
