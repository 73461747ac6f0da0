"""Tables of TOML files as values: an unknown key is a mistake, never a wish passed over."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from tocsin.model.errors import BadSettings, BadValue

_Kind = TypeVar("_Kind", bound=msgspec.Struct)


def from_table(kind: type[_Kind], table: dict[str, Any], what: str, *, strict: bool = True) -> _Kind:
    """The value that a table describes; an empty one is the default.

    what     how the table is called in errors
    strict   False takes numbers and truths from text too, as the environment gives them

    Raises BadSettings naming the key.
    """
    unknown = sorted(set(table) - set(kind.__struct_fields__))
    if unknown:
        raise BadSettings(f"{what} has the unknown key {unknown[0]!r}; known are {', '.join(kind.__struct_fields__)}")
    try:
        return msgspec.convert(table, kind, strict=strict)
    except (msgspec.ValidationError, BadValue) as error:
        raise BadSettings(f"{what} cannot be used: {error}") from error
