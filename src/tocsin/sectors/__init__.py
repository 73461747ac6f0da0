"""Sectors: which zones of a country each engine speaks for, and how zones go from one to another."""
