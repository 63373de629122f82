"""What is near what: cosines between embeddings, and maps of them in two dimensions."""

from __future__ import annotations

import numpy as np

from showtell_lib.errors import SettingsError


def cosine_similarity(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The cosine of the angle between embeddings: 1 the same direction, 0 at right angles.

    Args:
        left: [N, units].
        right: [M, units].

    Returns:
        float64 [N, M]; 0 for an embedding of zeros, which has no direction.
    """
    return np.asarray(_unit_length(left) @ _unit_length(right).T)


def _unit_length(embeddings: np.ndarray) -> np.ndarray:
    embeddings = np.asarray(embeddings, np.float64)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.asarray(embeddings / np.where(lengths == 0, 1, lengths))


def pca_map(embeddings: np.ndarray) -> np.ndarray:
    """The two directions along which embeddings differ most: points float64 [N, 2]."""
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    # One thread is quick enough, does not compete with others, and always sums in one order.
    with threadpool_limits(1):
        return np.asarray(PCA(2, svd_solver="full").fit_transform(_checked(embeddings)))


def tsne_map(embeddings: np.ndarray, *, perplexity: float = 30.0, seed: int = 0) -> np.ndarray:
    """A map that keeps neighbours together (t-SNE, by cosine): points float32 [N, 2].

    Args:
        embeddings: [N, units].
        perplexity: about how many neighbours each should keep; less than N.
        seed: decides where the points start.

    Raises:
        SettingsError: there are too few embeddings for the perplexity.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if not 0 < perplexity < len(_checked(embeddings)):
        raise SettingsError(f"perplexity is {perplexity}; it must be less than {len(embeddings)}")
    # Distances of unit vectors rank as cosines do, and are quicker to search.
    model = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    with threadpool_limits(1):
        return np.asarray(model.fit_transform(_unit_length(embeddings).astype(np.float32)))


def _checked(embeddings: np.ndarray) -> np.ndarray:
    if len(embeddings) < 3:
        raise SettingsError(f"{len(embeddings)} embeddings make no map; give 3 or more")
    return np.asarray(embeddings, np.float64)
