"""What each language says for things: one TOML file a language. A new language is a new file."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.threat import ThreatClass

Stage = Literal["threat", "launch", "in_flight", "over", "gone", "impact", "all_clear", "none"]
Role = Literal["over", "via", "towards", "from", "between"]
# As words say it: `onto` is over for what is there, towards for what is launched, and a hit by what falls.
SaidRole = Literal["over", "onto", "via", "towards", "from", "between"]
# What words say outright of the stage; "took off" is a launch or a threat, by what took off; "standing": what was
# declared is not over yet.
SaidStage = Literal["threat", "takeoff", "launch", "gone", "impact", "all_clear", "standing"]
# `releases`: a drone that lets something fall is there; `coming`: it will be there; `falls`: a drone is gone, a missile
# hits.
Verb = Literal["moving", "releases", "coming", "falls"]
# `harm`: whom it hurt, which is past unless something else flies; `friendly`: aircraft of one's own; `advice`: what to
# do if; `traffic`: trains and flights that are late; `laughter`: what jokes end in; `rumour`: what is denied.
Dropped = Literal[
    "advertisement", "summary", "past", "rumour", "advice", "harm", "drill", "everyday", "weather", "friendly",
    "traffic", "laughter", "question",
]  # fmt: skip
COMPASS = {
    "north": 0.0, "north_east": 45.0, "east": 90.0, "south_east": 135.0,
    "south": 180.0, "south_west": 225.0, "west": 270.0, "north_west": 315.0,
}  # fmt: skip
_Phrases = tuple[str, ...]
BYTES_MAX = 1_000_000


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a word for a flying thing says of its class; `plain` kinds give way to any other.

    `bound`: a launch of it is named beside the place that it is bound for.
    """

    odds: dict[ThreatClass, float]
    stage: Stage | None = None
    plain: bool = False
    bound: bool = False


class Offset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How "north of" is said: with a word between, in one word, or by a compass word directly before the place."""

    words: _Phrases = ()
    forms: _Phrases = ()
    adjacent: _Phrases = ()


class RoleByCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words after which the ending of a place's name says whether it is "in" or "to"."""

    words: _Phrases = ()
    locative_endings: _Phrases = ()


class Seats(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a district is called after its seat: the adjective's suffixes and their endings.

    between         what may stand between the seat and the suffix ("Polohy", "polohIVskyi")
    lands           suffixes of the land around a seat, with `land_endings`; no word for district follows them
    elliptic        endings that agree with a word for region which is left out ("from the Bryansk [one]")
    """

    adjectives: _Phrases = ()
    endings: _Phrases = ()
    between: _Phrases = ()
    lands: _Phrases = ()
    land_endings: _Phrases = ()
    elliptic: _Phrases = ()


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of phrases under one heading."""

    phrases: _Phrases = ()
    words: _Phrases = ()


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language file. Every table holds phrases by what they mean; see docs/how-to/read-channels.md.

    script          ISO 15924; names of places are looked for in it, in the language's countries
    countries       ISO 3166 -> people that a place there has at least to be known
    alike           a letter -> the one that it is read as; only of languages that are shipped
    doubled         letters that some write twice inside a word
    articles        left off the words of names
    vowel_letters   one of them more or less is no slip, in scripts without case
    vowels          letters that may change between a town's name and its district's
    joins_words     names of two words are also written as one
    rivers          how rivers begin that towns are called like
    common          names in small letters that are more often other words
    particles       what is written in front of a word, without a space -> the role that it gives, or none
    roles_after     what stands behind a place and says its role, as `roles` do before it
    endings         of inflected names -> those that the name itself may have
    """

    script: str = ""
    countries: dict[str, float] = {}
    alike: dict[str, str] = {}
    doubled: str = ""
    articles: _Phrases = ()
    vowel_letters: str = ""
    vowels: str = ""
    joins_words: bool = False
    rivers: _Phrases = ()
    common: _Phrases = ()
    kinds: dict[str, _Phrases] = {}
    many: Listed = Listed()
    stages: dict[SaidStage, _Phrases] = {}
    roles: dict[SaidRole, _Phrases] = {}
    roles_after: dict[SaidRole, _Phrases] = {}
    role_by_case: RoleByCase = RoleByCase()
    verbs: dict[Verb, _Phrases] = {}
    compass: dict[str, _Phrases] = {}
    compass_at: Listed = Listed()
    compass_to: Listed = Listed()
    offset: Offset = Offset()
    counts: dict[str, _Phrases] = {}
    more: Listed = Listed()
    units: dict[str, _Phrases] = {}
    metres: dict[str, _Phrases] = {}
    seats: Seats = Seats()
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


def language_of(path: Path) -> Language:
    """A language that is not shipped. Raises BadFile and BadSettings naming the file, and the key."""
    read = language_from(table_in(path, "a language's words"), path.name)
    if read.alike or read.doubled:
        raise BadSettings(f"{path.name}: `alike` and `doubled` change how every name is read; only shipped files may")
    return read


def table_in(path: Path, what: str) -> dict[str, Any]:
    """The TOML table in a file that somebody wrote by hand. Raises BadFile."""
    try:
        with path.open("rb") as file:
            text = file.read(BYTES_MAX + 1)
        if len(text) > BYTES_MAX:
            raise BadFile(f"{path} is larger than {BYTES_MAX} bytes; {what} are some pages")
        return tomllib.loads(text.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadFile(f"{path} cannot be read: {error}; give {what} in TOML") from error


def language_from(table: Mapping[str, object], name: str) -> Language:
    """A language out of a TOML table. Raises BadSettings naming the file and the key."""
    try:
        read = msgspec.convert(table, Language)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{name}: {error}; see docs/how-to/read-channels.md") from error
    given_and_known: tuple[tuple[Iterable[str], Collection[str]], ...] = (
        (read.kinds, kinds()), (read.compass, COMPASS), (read.particles.values(), ("", *get_args(SaidRole))),
    )  # fmt: skip
    for key in (*read.counts, *read.metres):
        if not key.isdecimal():
            raise BadSettings(f"{name}: {key!r} is no number, of things or of metres")
    for given, known in given_and_known:
        for key in given:
            if key not in known:
                raise BadSettings(f"{name}: there is no {key!r}; there are {', '.join(known)}")
    return read
