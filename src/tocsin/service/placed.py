"""Paths in tables of the settings: relative ones are relative to the settings file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from tocsin.service.secrets_kept import IN_ENVIRONMENT

Table = TypeVar("Table", bound=BaseModel)


def placed(table: Table, folder: Path) -> Table:
    """The same table, with every path that is relative taken from that folder; `env:NAME` is none."""
    found: dict[str, Any] = {}
    for name, given in paths_of(table):
        whole = tuple(one if str(one).startswith(IN_ENVIRONMENT) else folder / one for one in given)
        found[name] = whole if isinstance(getattr(table, name), tuple) else whole[0]
    return table.model_copy(update=found)


def paths_of(table: BaseModel) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The fields that hold paths, each with those."""
    for name in type(table).model_fields:
        given = getattr(table, name)
        many = given if isinstance(given, tuple) else (given,)
        if many and all(isinstance(one, Path) for one in many):
            yield name, many
