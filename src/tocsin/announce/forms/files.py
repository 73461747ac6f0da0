"""Warnings as files, in the forms that are wanted: a file for each thing that is said, in each language and form.

A name says when, what, whether it is a drill, and which warnings:
`20261128T143000Z-take_cover-drill-1f2e3d4c.uk.sms.txt`.
The same warnings always make the same files, byte for byte, so that writing them again changes nothing.

    *.txt            texts, UTF-8, one line
    *.cell.pages     the data coding scheme of a cell broadcast, and its pages, in hexadecimal
    *.same.txt       headers of SAME, and *.same.1.wav … their sound
    *.camf.txt       CAMF: for each zone the 16 bytes in hexadecimal, and its id
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Literal, get_args

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.forms import camf, same
from tocsin.announce.forms.camf import Provider
from tocsin.announce.words import Form, alike, notice_of, say
from tocsin.model.errors import BadSettings
from tocsin.model.zone import Zone
from tocsin.words.catalogue import catalogue_in
from tocsin.words.short import pages

FileForm = Literal["title", "full", "sms", "cell", "mesh", "spoken", "same", "camf"]
FILE_FORMS: tuple[FileForm, ...] = get_args(FileForm)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which forms, in which languages; times of day are of `timezone`.

    station    who transmits SAME
    provider   who warns, in CAMF

    Raises BadSettings for a language without words, a station that is none, and CAMF without a provider.
    """

    forms: tuple[FileForm, ...]
    languages: tuple[str, ...] = ("en",)
    timezone: tzinfo = UTC
    station: str = "TOCSIN"
    provider: Provider | None = None

    def __post_init__(self) -> None:
        for language in self.languages:
            catalogue_in(language)
        same.station_named(self.station)
        if "camf" in self.forms and self.provider is None:
            raise BadSettings("CAMF needs to know who warns: say the country and the authority, in its numbers")


def forms_named(names: Sequence[str]) -> tuple[FileForm, ...]:
    """Forms by their names. Raises BadSettings where one is none."""
    known = {str(form): form for form in FILE_FORMS}
    for name in names:
        if name not in known:
            raise BadSettings(f"there is no form {name!r}; choose from {', '.join(FILE_FORMS)}")
    return tuple(known[name] for name in names)


@dataclass(frozen=True, slots=True)
class Made:
    """Files by their name, and zones that could not be told of in a form, as sentences."""

    files: dict[str, bytes]
    left_out: tuple[str, ...]


def files_of(warnings: Sequence[PublicWarning], zones: Mapping[str, Zone], wanted: Wanted) -> Made:
    """The files that tell of the warnings of one moment, the gravest first; what a form cannot tell stops no other."""
    files: dict[str, bytes] = {}
    left_out: list[str] = []
    for group in alike(warnings):
        name = name_of(group, zones)
        for form in wanted.forms:
            if form == "same":
                files |= _same(name, group, zones, wanted.station, left_out)
            elif form == "camf":
                files |= _camf(name, group, zones, wanted.provider, left_out)
            else:
                files |= _texts(name, group, zones, form, wanted)
    return Made(files, tuple(left_out))


def name_of(group: Sequence[PublicWarning], zones: Mapping[str, Zone]) -> str:
    """What the files about warnings that say the same begin with."""
    notice = notice_of(group, zones, "en")
    which = hashlib.sha256("\n".join(one.id for one in group).encode()).hexdigest()[:8]
    drill = "-drill" if notice.drill else ""
    return f"{notice.sent_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{notice.sense}{drill}-{which}"


def _texts(
    name: str, group: Sequence[PublicWarning], zones: Mapping[str, Zone], form: Form, wanted: Wanted
) -> Iterator[tuple[str, bytes]]:
    for language in wanted.languages:
        text = say(group, zones, language, form, timezone=wanted.timezone)
        yield f"{name}.{language}.{form}.txt", _line(text)
        if form == "cell":
            scheme, octets = pages(text)
            lines = [f"DCS {scheme:02X}", *(page.hex() for page in octets)]
            yield f"{name}.{language}.cell.pages", "".join(f"{line}\n" for line in lines).encode()


def _same(
    name: str, group: Sequence[PublicWarning], zones: Mapping[str, Zone], station: str, left_out: list[str]
) -> Iterator[tuple[str, bytes]]:
    places, nameless = same.places_of(group, zones)
    if nameless:
        few = f"{len(nameless)} zones such as {nameless[0]}"
        left_out.append(f"SAME cannot name {few}: they have no `codes` of SAME, six digits each")
    headers = same.headers(group, places, station)
    if headers:
        yield f"{name}.same.txt", "".join(f"{header}\n" for header in headers).encode()
    for number, header in enumerate(headers, 1):
        yield f"{name}.same.{number}.wav", same.sound(header)


def _camf(
    name: str, group: Sequence[PublicWarning], zones: Mapping[str, Zone], provider: Provider | None, left_out: list[str]
) -> Iterator[tuple[str, bytes]]:
    assert provider is not None, "checked at birth"
    lines = []
    for warning in group:
        zone = zones.get(warning.zone)
        if zone is None:
            left_out.append(f"CAMF cannot name {warning.zone}: the zones do not hold it")
            continue
        try:
            lines.append(f"{camf.message(warning, zone, provider).hex()} {warning.zone}\n")
        except BadSettings as error:
            left_out.append(f"CAMF cannot name {warning.zone}: {error}")
    if lines:
        yield f"{name}.camf.txt", "".join(lines).encode()


def _line(text: str) -> bytes:
    return f"{text}\n".encode()
