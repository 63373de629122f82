"""Running the notebooks as Colab would; see `run_in_colab`."""
