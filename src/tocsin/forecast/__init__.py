"""Tracks and zones into threats: who is in danger, how likely, and when."""
