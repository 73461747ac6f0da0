"""What a decoder finds wrong, in plain words: nobody reads `str | null` or a regular expression at 3 a.m."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_TYPES = {
    "float": "a number", "int": "a whole number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "an object `{…}`", "datetime": "a time such as 2026-03-01T03:00:00Z", "null": "null",
}  # fmt: skip
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_WHERE = re.compile(r"(?P<what>.*) - at `\$\.?(?P<where>.*)`", re.DOTALL)
_GOT = re.compile(r"Expected `([^`]+)`(?:, got `([^`]+)`)?")
_BOUND = re.compile(r"Expected `\w+(?: \| \w+)*` (>=|<=|>|<) (\S+)")
_LENGTH = re.compile(r"Expected `(\w+)(?: \| \w+)*` of length (>=|<=) (\d+)")
_PATTERN = re.compile(r"Expected `str(?: \| \w+)*` matching regex (?P<shown>'.*'|\".*\")", re.DOTALL)
_OPTION = re.compile(r"Invalid (?:enum )?value (.*)", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
_SENTENCES = {
    "Input data was truncated": "the JSON ends too soon",
    "Expected `datetime` with a timezone component": "{} must end with its time zone; in UTC that is Z",
    "Invalid RFC3339 encoded datetime": "{} must be a time such as 2026-03-01T03:00:00Z",
    "Number out of range": "{} is too large a number",
    "Integer value out of range": "{} is too large a number",
}


def plain(error: Exception, patterns: Mapping[str, str], *kinds: type) -> str:
    """What msgspec found wrong with something that should have been one of these kinds, as a plain sentence.

    patterns   regular expression -> what it lets pass, in words

    >>> plain(ValueError("Expected `float | null`, got `str` - at `$.bearing_deg`"), {})
    'bearing_deg must be a number or null, and is text'
    """
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start})"
    found = _WHERE.fullmatch(str(error))
    what, where = (found["what"], found["where"] or "it") if found else (str(error), "it")
    if (what, where) == ("Expected `object`, got `array`", "it"):
        return "it is a list, and one object `{…}` is wanted; write many as lines of JSON, one a line"
    if what in _SENTENCES:
        return _SENTENCES[what].format(where)
    return _told(what, where, patterns, _options(kinds)) or str(error)


def _told(what: str, where: str, patterns: Mapping[str, str], options: Mapping[str, str]) -> str | None:
    inside = "" if where == "it" else f" in {where}"
    may = options.get(re.split(r"[.\[]", where)[-1] if "]" not in where[-1:] else "")
    if found := _OPTION.fullmatch(what):
        return f"{where} is {found[1]}" + (f"; it may be {may}" if may else ", which it cannot be")
    if found := _MISSING.fullmatch(what):
        return f"{found[1]} is missing{inside}"
    if found := _UNKNOWN.fullmatch(what):
        return f"the key {found[1]!r} is not known{inside}"
    if found := _LENGTH.fullmatch(what):
        of = "characters" if found[1] == "str" else "elements"
        return f"{where} must have {_BOUNDS[found[2]]} {found[3]} {of}"
    if found := _BOUND.fullmatch(what):
        return f"{where} must be {_BOUNDS[found[1]]} {float(found[2]):.12g}"
    if found := _PATTERN.fullmatch(what):
        words = next((words for pattern, words in patterns.items() if found["shown"] == repr(pattern)), None)
        return None if words is None else f"{where} must be {words}"
    if found := _GOT.fullmatch(what):
        wanted = may or " or ".join(_TYPES.get(name, name) for name in found[1].split(" | "))
        got = "" if found[2] is None else f", and is {_TYPES.get(found[2], found[2])}"
        return f"{where} must be {wanted}{got.replace('a whole number', 'a number').replace('true or false', 'not')}"
    return None


@lru_cache(maxsize=100)
def _options(kinds: tuple[type, ...]) -> dict[str, str]:
    """Field -> the words that it may be, of fields that may only be some."""
    found: dict[str, dict[str, None]] = {}
    for kind in kinds:
        if tag := getattr(kind, "__struct_config__").tag:  # noqa: B009 - every msgspec type has it, and no checker knows
            found.setdefault("kind", {})[repr(tag)] = None
        for name, hint in get_type_hints(kind, include_extras=True).items():
            if words := _literals(hint):
                found.setdefault(name, {}).update(dict.fromkeys(map(repr, words)))
    return {name: " or ".join(filter(None, (", ".join([*words][:-1]), [*words][-1]))) for name, words in found.items()}


def _literals(hint: Any) -> tuple[Any, ...]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return args
    if origin is Annotated:
        return _literals(args[0])
    if origin in (Union, UnionType):
        return tuple(word for one in args for word in _literals(one))
    return ()
