"""Tocsin warns civilians of air raids: sightings in; tracks, forecasts and warnings out; and an honest score."""

__version__ = "0.1.0"
