"""Chance, by name: every object, sensor and meeting of the two draws from a stream of its own.

One integer is one night. Because a stream depends on the seed and its name alone, one more sensor changes nothing
about what the others see.
"""

from __future__ import annotations

import hashlib

import numpy as np

# A seed is written by people; 64 bits are more nights than anyone will play.
SEED_MAX = 2**63 - 1


def stream(seed: int, *names: object) -> np.random.Generator:
    """The generator of one named part of one night.

    >>> float(stream(1, "radar", "a").random()) == float(stream(1, "radar", "a").random())
    True
    """
    digest = hashlib.sha256(repr((seed, *map(str, names))).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
