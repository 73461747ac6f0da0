"""Values of the ledger, and the shapes of their texts.

A million claims are read at once, and a page reads thousands. msgspec searches every text for the pattern that its type
declares, which takes half the time of reading a record; so what a text must be like is said here in another way: it
stands in the JSON Schema, is asked for at birth, and of texts that come again and again only once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from msgspec import Meta

from tocsin.model.birth import ID_PATTERN, SEEN_MAX, is_id
from tocsin.model.errors import BadValue
from tocsin.model.value import Value

_SHOWN_CHARS = 120


def shaped(pattern: str, least: int, most: int, said: str, *, recurs: bool = False) -> Meta:
    """What a text must be like: its pattern, its length, and that in words; `recurs`: it comes again and again."""
    return Meta(
        min_length=least,
        max_length=most,
        description=said,
        extra_json_schema={"pattern": pattern},
        extra={"shape": pattern, "seen": recurs},
    )


class Kept(Value, frozen=True, kw_only=True):
    """A value whose texts have the shapes that their types declare. Raises BadValue."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _asked_of(self.__class__)(self)


@cache
def _asked_of(kind: type[Kept]) -> Callable[[Kept], None]:
    """A function that raises BadValue where a text has not its shape; made from source, as `model.birth` does."""
    names: dict[str, Any] = {}
    lines = ["def asked(value):"]
    for field, hint in get_type_hints(kind, include_extras=True).items():
        for meta in _metas(hint):
            known, holds, refuse = (f"{what}_{field}" for what in ("known", "holds", "refuse"))
            names |= {known: set(), holds: _holds(meta, names, known), refuse: _refusal(field, meta)}
            many = get_origin(hint.__origin__ if hasattr(hint, "__metadata__") else hint) is tuple
            lines.append(f" for t in value.{field}:" if many else f" t = value.{field}")
            unknown = f"t not in {known} and " if _extra(meta)["seen"] else ""
            lines.append(
                f"  if t is not None and {unknown}not {holds}(t): {refuse}(t)".removeprefix("" if many else " ")
            )
    exec("\n".join((*lines, " return None")), names)  # noqa: S102
    made: Callable[[Kept], None] = names["asked"]
    return made


def _extra(meta: Meta) -> dict[str, Any]:
    return meta.extra or {}


def _metas(hint: Any) -> list[Meta]:
    """What a hint, or what it is made of, says of the shape of a text."""
    own = [one for one in getattr(hint, "__metadata__", ()) if isinstance(one, Meta) and "shape" in _extra(one)]
    return own + [meta for part in get_args(hint) for meta in _metas(part)]


def _holds(meta: Meta, names: dict[str, Any], known: str) -> Callable[[str], object]:
    """Whether a text has a shape; one that comes again and again is remembered."""
    pattern = _extra(meta)["shape"]
    search: Callable[[str], object] = is_id if pattern == ID_PATTERN else re.compile(pattern).fullmatch
    if not _extra(meta)["seen"]:
        return search

    def first(text: str) -> bool:
        if not search(text):
            return False
        seen: set[str] = names[known]
        if len(seen) >= SEEN_MAX:
            seen.clear()
        seen.add(text)
        return True

    return first


def _refusal(field: str, meta: Meta) -> Callable[[str], None]:
    def refuse(text: str) -> None:
        raise BadValue(f"{field} is {text[:_SHOWN_CHARS]!r}; it must be {meta.description}")

    return refuse
