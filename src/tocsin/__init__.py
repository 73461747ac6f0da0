"""Tocsin warns civilians of air raids: sightings in; tracks, forecasts and warnings out; and an honest score."""

from tocsin.compiled import use as _use

__version__ = "0.1.0"

# Before anything imports numba: every way into the program comes past here.
_use()
