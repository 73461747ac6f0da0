"""How often a law that takes seconds is tried: with a few examples each time, and with many at night."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

NIGHTLY = os.environ.get("TOCSIN_LAWS") == "nightly"


def tried(examples: int, nightly: int, **more: Any) -> settings:
    """So many examples; with TOCSIN_LAWS=nightly as many as that."""
    return settings(max_examples=nightly if NIGHTLY else examples, deadline=None, **more)
