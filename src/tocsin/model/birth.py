"""What a value refuses at birth: everything that is not what its type declares.

A value's declared types (`Annotated[float, msgspec.Meta(ge=0)]`, literals, tuples, nested values) are turned into one
function per type, once. msgspec checks them on decoding; this does on direct construction, where msgspec checks
nothing, and adds what JSON cannot carry: an infinity, half a surrogate pair, a NumPy number.

The functions are made from source text, as `dataclasses` makes its own: values are made a hundred thousand times a
second, and a walk over the declarations would cost four times as much each time.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from tocsin.model.errors import BadValue

LARGEST = sys.float_info.max
# Whole numbers up to here are exact as float64, beyond here they come back from JSON as others.
EXACT = 2**53
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1
# Tables within tables of a policy; the reader of JSON gives up far deeper.
DEPTH_MAX = 20
_SHOWN_CHARS = 120

# Identifiers end up in file names, URLs and logs, and are read aloud: letters of any script, no white space, nothing
# invisible (but the two joiners that Persian and Indian words are spelt with), no path tricks.
_NO_ID_CHARACTERS = (
    r"\s\\\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
ID_PATTERN = rf"^(?![/\u200c\u200d])(?!(?:[^/]*/)*\.\.?(?:/|$))[^{_NO_ID_CHARACTERS}]+$(?!\n)"
# What everybody reads may hold white space and line breaks, and the number signs of Arabic, which are seen.
_NO_PUBLIC_CHARACTERS = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\\u2060-\\u206f\\u2800\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\ufffe\\uffff\\ud800-\\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
PUBLIC_PATTERN = rf"^[^{_NO_PUBLIC_CHARACTERS}]*$(?!\n)"
_id_search = re.compile(ID_PATTERN).search
_unseen = re.compile(f"[{_NO_PUBLIC_CHARACTERS}]").findall

# Marks a text whose values come again and again, as names of sensors do: those seen are remembered, so many at most.
RECURS: dict[str, Any] = {"recurs": True}
SEEN_MAX = 20_000

Check = Callable[[Any], None]


def is_id(text: str) -> bool:
    """Whether a text that is not empty holds nothing that an id must not; its length is not looked at.

    >>> [is_id(text) for text in ("radar-7/1", "Київ", "a..b/3", "two words", "../etc", "a/./b")]
    [True, True, True, False, False, False]
    """
    # The usual id is plain ASCII without a dot: this tells so in a third of the time that the pattern takes.
    if text.isascii() and text.isprintable() and " " not in text and "." not in text:
        return "\\" not in text and text[0] != "/"
    return _id_search(text) is not None


def unseen_in(text: str) -> list[str]:
    """The characters of a text that nobody sees, or that turn round what is seen: none may stand in public words.

    >>> unseen_in("Ky\u200biv\u202e")
    ['\\u200b', '\\u202e']
    """
    return _unseen(text)


def is_writable(text: str) -> bool:
    """Whether a text can be written as UTF-8: it holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_plain(value: Any, depth: int = DEPTH_MAX) -> bool:
    """Whether something comes back from JSON as it was: dicts by text, lists, texts, numbers, booleans, None."""
    kind = type(value)
    if kind is dict:
        texts = all(is_plain(key, 0) and type(key) is str for key in value)
        return depth > 0 and texts and all(is_plain(one, depth - 1) for one in value.values())
    if kind is list:
        return depth > 0 and all(is_plain(one, depth - 1) for one in value)
    if kind is str:
        return is_writable(value)
    if kind is int:
        return bool(INTEGER_MIN <= value <= INTEGER_MAX)
    return value is None or kind is bool or (kind is float and math.isfinite(value))


def bounds(hint: Any) -> tuple[float, float] | None:
    """The lowest and highest a declared number may be; None where the hint declares no number."""
    for part in (hint, *(get_args(hint) if get_origin(hint) in (Union, UnionType) else ())):
        kind, metas = _parts(part)
        if kind in (int, float):
            least, most = (INTEGER_MIN, INTEGER_MAX) if kind is int else (-LARGEST, LARGEST)
            low = max((v for m in metas for v in (m.ge, m.gt) if v is not None), default=least)
            high = min((v for m in metas for v in (m.le, m.lt) if v is not None), default=most)
            return low, high
    return None


def _parts(hint: Any) -> tuple[Any, list[Meta]]:
    """A hint without its annotations, and those of them that are msgspec's."""
    if get_origin(hint) is not Annotated:
        return hint, []
    kind, *metas = get_args(hint)
    return kind, [meta for meta in metas if isinstance(meta, Meta)]


class _Seen:
    """Texts known to be what a pattern asks for: looking one up takes a fifth of the time of searching it again."""

    def __init__(self, search: Callable[[str], object]) -> None:
        self.texts: set[str] = set()
        self._search = search

    def first(self, text: str) -> bool:
        """Whether a text not seen yet holds."""
        if not self._search(text):
            return False
        if len(self.texts) >= SEEN_MAX:
            self.texts.clear()
        self.texts.add(text)
        return True


class _Source:
    """Writes expressions that are true of what a hint declares; `names` are what they refer to."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "datetime": datetime,
            "UTC": UTC,
            "is_writable": is_writable,
            "is_plain": is_plain,
        }

    def name(self, thing: Any) -> str:
        """A name for something that the source refers to."""
        name = f"n{len(self.names)}"
        self.names[name] = thing
        return name

    def each(self, hint: Any) -> str:
        """The name of a function that tests one element."""
        return self.name(eval(f"lambda v: {self.test(hint, 'v', nested=True)}", self.names))  # noqa: S307

    def test(self, hint: Any, v: str, *, nested: bool = False) -> str:
        """Source of a test of `v`; a nested time may be in any zone, a field's own is turned to UTC."""
        kind, metas = _parts(hint)
        origin, args = get_origin(kind), get_args(kind)
        if origin in (Union, UnionType):
            # None first: most optional fields are absent.
            options = sorted(args, key=lambda one: one is not NoneType)
            return "(" + " or ".join(self.test(one, v, nested=nested) for one in options) + ")"
        if kind in (int, float):
            return self._number(kind, metas, v)
        if kind is str:
            return self._text(metas, v)
        if kind is datetime:
            zone = f"{v}.utcoffset() is not None" if nested else f"{v}.tzinfo is UTC"
            return f"({v}.__class__ is datetime and {zone})"
        if origin is Literal:
            return f"({v}.__class__ is str and {v} in {self.name(frozenset(args))})"
        if origin is tuple:
            return self._tuple(args, metas, v)
        if origin is dict:
            keys, values = self.each(args[0]), self.each(args[1])
            lengths = self._lengths(metas, v)
            return f"({v}.__class__ is dict{lengths} and all(map({keys}, {v})) and all(map({values}, {v}.values())))"
        if kind is Any:
            return f"is_plain({v})"
        if kind is NoneType:
            return f"{v} is None"
        assert kind in (bool, msgspec.UnsetType) or issubclass(kind, msgspec.Struct), (
            f"{kind} is no type for a value's field"
        )
        return f"{v}.__class__ is {self.name(kind)}"

    def _number(self, kind: Any, metas: list[Meta], v: str) -> str:
        found = bounds(Annotated[(kind, *metas)] if metas else kind)
        assert found is not None
        below = "<" if any(meta.gt is not None for meta in metas) else "<="
        above = "<" if any(meta.lt is not None for meta in metas) else "<="
        # Bounds are finite: neither an infinity nor what is no number lies between them.
        within = f"{found[0]!r} {below} {v} {above} {found[1]!r}"
        if kind is int:
            return f"({v}.__class__ is int and {within})"
        whole = f"{v}.__class__ is int and {-EXACT} <= {v} <= {EXACT}"
        return f"(({v}.__class__ is float or {whole}) and {within})"

    def _text(self, metas: list[Meta], v: str) -> str:
        test = f"{v}.__class__ is str{self._lengths(metas, v)} and ({v}.isascii() or is_writable({v}))"
        for meta in metas:
            if meta.pattern is None:
                continue
            search: Callable[[str], object] = is_id if meta.pattern == ID_PATTERN else re.compile(meta.pattern).search
            if meta.extra == RECURS:
                seen = _Seen(search)
                test += f" and ({v} in {self.name(seen.texts)} or {self.name(seen.first)}({v}))"
            else:
                test += f" and {self.name(search)}({v})"
        return f"({test})"

    def _tuple(self, args: tuple[Any, ...], metas: list[Meta], v: str) -> str:
        if args[1:] == (...,):
            return f"({v}.__class__ is tuple{self._lengths(metas, v)} and all(map({self.each(args[0])}, {v})))"
        places = [self.test(one, f"{v}[{place}]", nested=True) for place, one in enumerate(args)]
        return f"({v}.__class__ is tuple and len({v}) == {len(args)} and {' and '.join(places)})"

    @staticmethod
    def _lengths(metas: list[Meta], v: str) -> str:
        least = max((meta.min_length for meta in metas if meta.min_length is not None), default=0)
        most = min((meta.max_length for meta in metas if meta.max_length is not None), default=sys.maxsize)
        return f" and {least} <= len({v}) <= {most}" if (least, most) != (0, sys.maxsize) else ""


def check_of(kind: type) -> Check:
    """A function that raises BadValue when a value of this type holds what its fields do not declare.

    A field's time in another zone is turned to UTC in passing.
    """
    source = _Source()
    lines = ["def check(value):"]
    for name, hint in get_type_hints(kind, include_extras=True).items():
        refuse = source.name(lambda value, name=name, hint=hint: _refuse(value, name, hint))
        lines += [f" v = value.{name}", f" if not {source.test(hint, 'v')}: {refuse}(value)"]
    exec("\n".join((*lines, " return None")), source.names)  # noqa: S102
    check: Check = source.names["check"]
    return check


def checked(hint: Any, name: str, value: Any) -> Any:
    """The value, if it is what the hint declares. Raises BadValue calling it by `name`."""
    source = _Source()
    if not eval(source.test(hint, "v"), source.names | {"v": value}):  # noqa: S307
        raise _refusal(name, hint, value)
    return value


def _refuse(value: Any, name: str, hint: Any) -> None:
    """Raise BadValue, or turn an aware time to UTC."""
    held = getattr(value, name)
    takes_time = any(_parts(part)[0] is datetime for part in (hint, *get_args(hint)))
    if not takes_time or held.__class__ is not datetime:
        raise _refusal(name, hint, held)
    if held.utcoffset() is None:
        raise BadValue(f"{name} is {held.isoformat()}, without a time zone; write it in UTC with a Z")
    try:
        msgspec.structs.force_setattr(value, name, held.astimezone(UTC))
    except OverflowError as error:
        raise BadValue(f"{name} is {held.isoformat()}; in UTC that is no year between 1 and 9999") from error


def _refusal(name: str, hint: Any, value: Any) -> BadValue:
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN_CHARS else f"{shown[:_SHOWN_CHARS]}…"
    found = bounds(hint)
    if found is not None and value.__class__ in (int, float):
        return BadValue(f"{name} is {shown}; it must lie between {found[0]:g} and {found[1]:g}")
    return BadValue(f"{name} is {shown}; it must be {_said(hint)}")


def _said(hint: Any) -> str:
    """What a hint declares, in words."""
    kind, metas = _parts(hint)
    origin, args = get_origin(kind), get_args(kind)
    for said in (meta.description for meta in metas if meta.description is not None):
        return said
    if origin in (Union, UnionType):
        return " or ".join(_said(one) for one in args)
    if origin is Literal:
        return "one of " + ", ".join(map(repr, args))
    if origin is tuple:
        return f"a tuple{_size(metas)}, each {_said(args[0])}"
    if origin is dict:
        return f"a dict{_size(metas)} from {_said(args[0])} to {_said(args[1])}"
    if kind is str:
        shapes = [f" that matches {meta.pattern}" for meta in metas if meta.pattern is not None]
        return f"text{_size(metas)}{''.join(shapes)}"
    words = {int: "a whole number", float: "a number", bool: "true or false", datetime: "a time with a zone"}
    return words.get(
        kind,
        {NoneType: "None", msgspec.UnsetType: "left out", Any: "what JSON can carry"}.get(kind, f"a {kind.__name__}"),
    )


def _size(metas: list[Meta]) -> str:
    least = [f"at least {meta.min_length}" for meta in metas if meta.min_length is not None]
    most = [f"at most {meta.max_length}" for meta in metas if meta.max_length is not None]
    return f" of {' and '.join(least + most)}" if least or most else ""
