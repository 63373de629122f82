"""The parts of the web site that `notebooks/pages.py` makes."""
