"""A channel's profile: what it covers, what it calls things and places, and examples that run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated, get_args

import msgspec

from tocsin.ingest.text.corpus import Labelled, ReportLabel, Score, score
from tocsin.ingest.text.language import Dropped, SaidRole, SaidStage, kinds, language_of, languages, table_in
from tocsin.ingest.text.reader import Reader
from tocsin.model.errors import BadSettings
from tocsin.model.zone import Zone

# Somebody sees it, tells the channel, and somebody there writes it down.
DELAY_S, DELAY_SIGMA_S = 120.0, 60.0


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the channel and what is to be read in it; run by `tocsin text check`."""

    text: str
    reports: tuple[ReportLabel, ...] = ()
    drop: str | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One channel's profile.

    covers      regions (`UA.13`) and countries (`UA`) that it writes of
    countries   country -> people that a place has at least to be known; without it those of all languages
    languages   that it writes in; without it all
    language_files   code -> file of a language that is not shipped, beside the profile
    words       further phrases: heading (`kinds`, `stages`, `roles`, `drops`, ...) -> value -> phrases
    aliases     what it calls a place -> the place's id (`UA-711390`) or unit and Latin name (`UA.13 Brovary`)
    delay_s     how long it usually takes from what it tells of to its post, with one standard deviation
    """

    channel: str
    covers: tuple[str, ...] = ()
    countries: dict[str, float] = {}
    languages: tuple[str, ...] = ()
    language_files: dict[str, str] = {}
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    aliases: dict[str, str] = {}
    examples: tuple[Example, ...] = ()
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=1_800)] = DELAY_S
    delay_sigma_s: Annotated[float, msgspec.Meta(gt=0, le=1_800)] = DELAY_SIGMA_S

    def reader(self, zones: Iterable[Zone] = ()) -> Reader:
        """A reader of this channel.

        Raises BadSettings for words, places and regions that are unknown, and BadFile for a language that is none.
        """
        further = {code: language_of(Path(name)) for code, name in self.language_files.items()}
        unknown = [code for code in self.languages if code not in languages() and code not in further]
        if unknown:
            raise BadSettings(f"channel {self.channel!r}: there is no language {unknown[0]!r}; see languages/")
        more = {_HEADINGS[heading][0]: table for heading, table in self.words.items()}
        return Reader(
            countries=self.countries or None, covers=self.covers, only=self.languages, more=more,
            aliases=self.aliases, zones=zones, further=further,
        )  # fmt: skip

    def check(self, reader: Reader) -> Score:
        """Run its examples."""
        lines = [Labelled(one.text, reports=one.reports, drop=one.drop) for one in self.examples]
        return score(lines, lambda line: reader.read(line.text))


# Heading -> what the lexicon calls it, and the values that it has; None: any.
_HEADINGS: dict[str, tuple[str, Collection[str] | None]] = {
    "kinds": ("kind", kinds()),
    "stages": ("stage", get_args(SaidStage)),
    "drops": ("drop", get_args(Dropped)),
    "filler": ("filler", None),
    "roles": ("role", get_args(SaidRole)),
    "counts": ("count", [str(count) for count in range(1, 11)]),
}


def read_profile(path: Path) -> Profile:
    """A profile from a TOML file. Raises BadFile and BadSettings naming the file and the key."""
    try:
        profile = msgspec.convert(table_in(path, "a channel's words"), Profile)
    except msgspec.ValidationError as error:
        raise BadSettings(f"{path}: {error}; see docs/how-to/read-channels.md") from error
    for heading, values in profile.words.items():
        if heading not in _HEADINGS:
            raise BadSettings(f"{path}: words.{heading} is none of {', '.join(_HEADINGS)}")
        _, known = _HEADINGS[heading]
        if known is not None and (unknown := sorted(set(values) - set(known))):
            raise BadSettings(f"{path}: words.{heading}.{unknown[0]} is none of {', '.join(known)}")
    beside = {code: str(path.parent / name) for code, name in profile.language_files.items()}
    return msgspec.structs.replace(profile, language_files=beside)


def reader_for(path: Path | None, only: Collection[str] = (), zones: Iterable[Zone] = ()) -> Reader:
    """A reader of the channel of a profile; of any channel without one. Raises BadSettings for unknown languages."""
    unknown = sorted(set(only) - set(languages()))
    if unknown:
        raise BadSettings(f"there is no language {unknown[0]!r}; there are {', '.join(languages())}")
    return read_profile(path).reader(zones) if path is not None else Reader(only=only, zones=zones)
