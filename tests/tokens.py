"""Bearer tokens of the tests: each by a short name, and as hard to guess as the service asks."""

from __future__ import annotations

import hashlib


def token(name: str) -> str:
    """The token that is called that."""
    return hashlib.sha256(f"{name}, of the tests".encode()).hexdigest()


def digest(name: str) -> str:
    """What the settings hold of it."""
    return hashlib.sha256(token(name).encode()).hexdigest()
