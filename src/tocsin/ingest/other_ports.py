"""What arrives at a port where something else was expected: receivers have a dozen ports, a digit apart."""

from __future__ import annotations

import re

from tocsin.ingest.rejects import Rejects

# So much of a piece shows what it is.
LOOKED_AT_BYTES = 2_000
# What it looks like, and what in the settings reads it.
_SBS, _BEAST, _AVR = "SBS lines", "Beast frames", "raw messages as text (AVR)"
_LIKE = (
    (_BEAST, 'kind = "beast"', re.compile(rb"\x1a1.{9}\x1a|\x1a2.{14}\x1a|\x1a3.{21}\x1a", re.S)),
    (_SBS, 'kind = "sbs"', re.compile(rb"(?:^|\n)(?:MSG,[1-8],|(?:SEL|ID|AIR|STA|CLK),[^,\n]*,)")),
    (_AVR, 'none; ask for its Beast port, 30005, with kind = "beast"', re.compile(rb"[*@%:<][0-9A-Fa-f]{14,50};")),
    (
        "an answer of a web server",
        'kind = "readsb", with a url',
        re.compile(rb"(?:^|\n)(?:HTTP/1\.|<!DOCTYPE|<html)", re.I),
    ),
    ("JSON", 'kind = "readsb", with a url, or kind = "remote_id"', re.compile(rb'^\s*(?:\[\s*)?\{\s*"')),
)


def looks_like(octets: bytes, *own: str) -> str | None:
    """What some octets are that some other port of a receiver sends, but not what is our own; None: nobody knows."""
    for what, _, pattern in _LIKE:
        if what not in own and pattern.search(octets[:LOOKED_AT_BYTES]):
            return what
    return None


def tell(what: str, name: str, expected: str, rejects: Rejects) -> str:
    """The reason for which octets that look like something else are rejected; it is also noticed, once."""
    reads = next(kind for one, kind, _ in _LIKE if one == what)
    rejects.notice(f"source {name} brings {what}, and no {expected}: it is another port; what reads it is {reads}")
    return f"{what} where {expected} are expected"
