"""Observations into tracks."""
