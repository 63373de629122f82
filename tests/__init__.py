"""Tests against independent truth."""
