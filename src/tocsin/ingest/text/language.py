"""What each language says for things: one TOML file a language. A new language is a new file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from tocsin.model.errors import BadSettings
from tocsin.model.threat import ThreatClass

Stage = Literal["threat", "launch", "in_flight", "over", "gone", "impact", "all_clear", "none"]
Role = Literal["over", "via", "towards", "from", "between"]
# As words say it: `onto` is over for what is there, towards for what is launched, and a hit by what falls.
SaidRole = Literal["over", "onto", "via", "towards", "from", "between"]
# What words say outright of the stage; "took off" is a launch or a threat, by what took off; "standing": what was
# declared is not over yet.
SaidStage = Literal["threat", "takeoff", "launch", "gone", "impact", "all_clear", "standing"]
# `harm`: whom it hurt, which is past unless something else flies.
Dropped = Literal["advertisement", "summary", "past", "harm", "drill", "everyday", "question"]
COMPASS = {
    "north": 0.0, "north_east": 45.0, "east": 90.0, "south_east": 135.0,
    "south": 180.0, "south_west": 225.0, "west": 270.0, "north_west": 315.0,
}  # fmt: skip
_Phrases = tuple[str, ...]


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a word for a flying thing says of its class; `plain` kinds give way to any other."""

    odds: dict[ThreatClass, float]
    stage: Stage | None = None
    plain: bool = False


class Offset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How "north of" is said: with a word between, or in one word."""

    words: _Phrases = ()
    forms: _Phrases = ()


class RoleByCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words after which the ending of a place's name says whether it is "in" or "to"."""

    words: _Phrases = ()
    locative_endings: _Phrases = ()


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of phrases under one heading."""

    phrases: _Phrases = ()
    words: _Phrases = ()


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language file. Every table holds phrases by what they mean; see docs/how-to/read-channels.md."""

    kinds: dict[str, _Phrases] = {}
    many: Listed = Listed()
    stages: dict[SaidStage, _Phrases] = {}
    roles: dict[SaidRole, _Phrases] = {}
    role_by_case: RoleByCase = RoleByCase()
    verbs: dict[str, _Phrases] = {}
    compass: dict[str, _Phrases] = {}
    compass_at: Listed = Listed()
    offset: Offset = Offset()
    counts: dict[str, _Phrases] = {}
    more: Listed = Listed()
    units: dict[str, _Phrases] = {}
    drops: dict[Dropped, _Phrases] = {}
    filler: Listed = Listed()
    particles: dict[str, str] = {}
    endings: dict[str, tuple[str, ...]] = {}


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind of flying thing by name. Its odds sum to one."""
    text = (files(__package__) / "kinds.toml").read_text("utf-8")
    found = msgspec.convert(tomllib.loads(text), dict[str, Kind])
    for name, kind in found.items():
        assert abs(sum(kind.odds.values()) - 1.0) < 1e-9, name
    return found


@cache
def languages() -> Mapping[str, Language]:
    """Every language shipped, by its code (BCP 47); `signs` is what is written in none."""
    folder = files(__package__) / "languages"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            code = entry.name.removesuffix(".toml")
            found[code] = language_from(tomllib.loads(entry.read_text("utf-8")), entry.name)
    return found


def language_from(table: Mapping[str, object], name: str) -> Language:
    """A language out of a TOML table. Raises BadSettings naming the file and the key."""
    try:
        read = msgspec.convert(table, Language)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{name}: {error}; see docs/how-to/read-channels.md") from error
    for given, known in ((read.kinds, kinds()), (read.compass, COMPASS)):
        for key in given:
            if key not in known:
                raise BadSettings(f"{name}: there is no {key!r}; there are {', '.join(known)}")
    return read
