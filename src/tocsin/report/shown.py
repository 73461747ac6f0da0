"""What others wrote, for a terminal: letters as they are, and nothing that moves the cursor or turns the writing."""

from __future__ import annotations

# They join letters and pictures ("👨‍🚒", Persian plurals) and do nothing else.
_JOINERS = "\u200c\u200d"


def shown(text: str) -> str:
    r"""A text with its controls, marks of direction and other unseen characters written out.

    >>> print(shown("Шахед\x1b[2J над \u202eСумами"))
    Шахед\x1b[2J над \u202eСумами
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _JOINERS else _escaped(one) for one in text)


def shown_json(encoded: bytes) -> str:
    r"""JSON with the same characters as escapes: it means what it meant, and a terminal shows it as it stands.

    >>> print(shown_json('{"text":"\u202eСуми"}'.encode()))
    {"text":"\u202eСуми"}
    """
    text = encoded.decode()
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _JOINERS else _escaped_json(one) for one in text)


def _escaped(one: str) -> str:
    return one.encode("unicode_escape").decode()


def _escaped_json(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
