"""Image embeddings: what is near what, and which region of a photo carries which word."""

from showtell_lib.embeddings.occlusion import covered, occlusion_map, word_log_probs
from showtell_lib.embeddings.similarity import cosine_similarity, pca_map, tsne_map
from showtell_lib.embeddings.stored import EmbeddedPhotos, embed_photos, load_embeddings

__all__ = [
    "EmbeddedPhotos",
    "cosine_similarity",
    "covered",
    "embed_photos",
    "load_embeddings",
    "occlusion_map",
    "pca_map",
    "tsne_map",
    "word_log_probs",
]
