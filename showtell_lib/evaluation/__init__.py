"""Measuring a captioner: on photos, on drawn scenes, and search against search."""
