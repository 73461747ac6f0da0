"""The HTTP API: one group of routes is one file."""
