"""Tocsin warns civilians of air raids: sightings in; tracks, forecasts and warnings out; and an honest score."""

import os as _os

from tocsin.compiled import use as _use

__version__ = "0.1.0"

# Before anything imports numba or NumPy: every way into the program comes past here.
_use()
# Matrices here are small: on a busy machine threads wait for each other many times longer than one takes for all of it.
# And their number may show in the last digits, but two machines must say the same.
_os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
