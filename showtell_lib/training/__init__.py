"""Training a Show and Tell captioner: photos and captions in, weights out."""
