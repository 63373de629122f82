"""Image embeddings: what is near what, and which region of a photo carries which word."""

from showtell_lib.embeddings.channels import distinctive_channels
from showtell_lib.embeddings.influence import forced_log_probs, photo_influence
from showtell_lib.embeddings.occlusion import (
    content_words,
    covered,
    occlusion_map,
    word_log_probs,
)
from showtell_lib.embeddings.similarity import cosine_similarity, pca_map, tsne_map
from showtell_lib.embeddings.stored import EmbeddedPhotos, embed_photos, load_embeddings

__all__ = [
    "EmbeddedPhotos",
    "content_words",
    "cosine_similarity",
    "covered",
    "distinctive_channels",
    "embed_photos",
    "forced_log_probs",
    "load_embeddings",
    "occlusion_map",
    "pca_map",
    "photo_influence",
    "tsne_map",
    "word_log_probs",
]
