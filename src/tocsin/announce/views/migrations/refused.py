"""The way back, which there is not."""

from __future__ import annotations

from typing import NoReturn

from tocsin.model.errors import BadInput


def refused() -> NoReturn:
    """Raise BadInput: a database of views is made anew, never taken back."""
    raise BadInput(
        "the views are not taken back to an older version; empty the database (DROP SCHEMA views CASCADE) and let the "
        "older Tocsin make them anew: they are views, and history begins again"
    )
