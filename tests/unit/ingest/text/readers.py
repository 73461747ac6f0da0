"""One reader for all tests: making one takes seconds."""

from __future__ import annotations

from functools import cache

from tocsin.ingest.text.corpus import Labelled
from tocsin.ingest.text.reader import Reader
from tocsin.ingest.text.reading import Reading


@cache
def reader() -> Reader:
    """A reader of any channel."""
    return Reader()


def read(line: Labelled) -> Reading:
    """A labelled line, read for the channel it is of."""
    return reader().covering(line.covers).read(line.text) if line.covers else reader().read(line.text)
