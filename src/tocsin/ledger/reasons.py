"""Why two incidents, or two sources, may be one: reasons that can be said in any language."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

ReasonKey = Literal[
    "near", "meet", "words", "threat", "site", "same_name", "sound", "initials", "initials_abroad", "mean"
]
# In English, as everything in the ledger's own commands.
SAID: dict[ReasonKey, str] = {
    "near": "{apart} km apart, and {within} km may be one place as well as they are known",
    "meet": "their times meet",
    "words": "both name {words}",
    "threat": "both by {threat}",
    "site": "both publish at {site}",
    "same_name": "'{one}' and '{other}' are the same name",
    "sound": "'{one}' and '{other}' sound alike in two scripts",
    "initials": "{one} are the initials of '{other}'",
    "initials_abroad": "{one} are the initials of '{other}' said in another language ({language})",
    "mean": "'{one}' and '{other}' mean the same",
}
assert set(SAID) == set(get_args(ReasonKey)), "a reason that nobody can say"


class Reason(NamedTuple):
    """One reason: which, and what stands in it.

    >>> str(reason("site", site="sohr.example"))
    'both publish at sohr.example'
    """

    key: ReasonKey
    values: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return SAID[self.key].format(**dict(self.values))


def reason(key: ReasonKey, **values: str) -> Reason:
    """A reason with what stands in it."""
    return Reason(key, tuple(values.items()))
