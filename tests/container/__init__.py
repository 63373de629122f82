"""Building the container images and trying them; see `build_and_try`."""
