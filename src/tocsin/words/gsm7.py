"""The alphabet of text messages and cell broadcast: 3GPP TS 23.038, 6.2.1, seven bits a character.

A text with one letter that is not in it costs more than half of the room: then all of it is sent as UCS-2.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# In the order of their codes; ESC announces a character of the extension, which costs two.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_CODES: dict[str, tuple[int, ...]] = {c: (code,) for code, c in enumerate(_BASIC) if code != _ESCAPE}
_CODES |= {c: (_ESCAPE, code) for c, code in _EXTENSION.items()}
# What neither is in the alphabet nor becomes so by losing its accent.
_PLAIN = str.maketrans(
    {"ı": "i", "ø": "ø", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "œ": "oe", "Œ": "OE", "’": "'", "‘": "'", "“": '"'}
    | {"”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)
assert len(_BASIC) == 128, "an alphabet of seven bits"


def septets(text: str) -> tuple[int, ...] | None:
    """A text as codes of seven bits; None: the alphabet cannot write it."""
    codes = [_CODES.get(c) for c in text]
    return None if None in codes else tuple(code for pair in codes if pair for code in pair)


def folded(text: str) -> str:
    """A text whose letters lost the accents that the alphabet lacks, where that makes it writable; else unchanged.

    >>> folded("Sığınağa gidin: Şanlıurfa – Çeşme")
    'Siginaga gidin: Sanliurfa - Çesme'
    >>> folded("Харків")
    'Харків'
    """
    plain = "".join(map(_writable, text))
    return plain if septets(plain) is not None else text


def packed(codes: tuple[int, ...]) -> bytes:
    """Codes of seven bits side by side, the lowest bits first (6.1.2.1)."""
    bits = sum(code << 7 * number for number, code in enumerate(codes))
    return bits.to_bytes((len(codes) * 7 + 7) // 8, "little")


@lru_cache(maxsize=4096)
def _writable(c: str) -> str:
    """A character as the alphabet can write it, where it can."""
    if c in _CODES:
        return c
    return "".join(
        part for part in unicodedata.normalize("NFKD", c.translate(_PLAIN)) if not unicodedata.combining(part)
    )
