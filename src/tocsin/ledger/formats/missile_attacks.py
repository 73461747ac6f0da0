"""`missile-attacks`: the daily archive "Massive Missile Attacks on Ukraine" (Petro Ivaniuk, ODC-BY 1.0).

A row is one kind of weapon on one night, as an air command's page told it: when, from where, at what, how many were
launched and shot down. It becomes an incident without a point on the map (the targets are words: oblasts, or "south")
and a claim for each figure, from the page through the archive.

Quality: every row that has a time and a weapon is kept. Times are Kyiv's; a day without a time is all of that day. When
the page published a figure is not in the archive: the end of the attack stands for it. A figure that is empty is no
claim, and counted. Regions that the archive says were hit are claims of damage.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tocsin.ingest.rejects import Rejects
from tocsin.ledger.claim import Claim, Figure, Measure
from tocsin.ledger.formats.csv_records import read_csv
from tocsin.ledger.formats.ids import imported_id, source_name
from tocsin.ledger.formats.times import local_span
from tocsin.ledger.importing import Row
from tocsin.ledger.incident import Incident
from tocsin.ledger.record import Record
from tocsin.ledger.source import Source, SourceKind, SourceName
from tocsin.ledger.window import Window
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.threat import THREAT_CLASSES, ThreatClass
from tocsin.model.value import time_of

BY = "import/missile-attacks"
ARCHIVE = "missile-attacks"
ZONE = "Europe/Kyiv"
_NEEDED = ("time_start", "time_end", "model", "target", "launched", "destroyed", "source")
# Column -> what a number in it says, and of what.
_FIGURES: dict[str, tuple[Measure, str]] = {
    "launched": ("launched", ""),
    "destroyed": ("interception", ""),
    "not_reach_goal": ("interception", "did not reach the target"),
    "num_hit_location": ("strikes", "places hit"),
    "num_fall_fragment_location": ("damage", "places where fragments fell"),
}
# Names of oblasts as hit, in apostrophes; one raid reached thirteen.
_LIST = re.compile(r"\[(?:'[^']{1,80}'(?:, ?'[^']{1,80}'){0,99})?\]")
_MOST = 1_000_000
_RULE = "Kyiv's time; a day without a time is all of it"
_SITE = "https://www.facebook.com/"


def read(path: Path, rejects: Rejects) -> Iterator[Row]:
    """The incident and the claims of every row; rows without a time or a weapon go to `rejects`. Raises BadFile."""
    told: set[str] = set()
    for one in read_csv(path, _NEEDED, rejects):
        where = f"{path}:{one.line}"
        try:
            records = _records(one.fields, rejects)
        except BadInput as error:
            rejects.add(str(error), one.text, where)
            continue
        rejects.use()
        new = {name for record in records if isinstance(record, Claim) for name in record.chain} - told
        told |= new
        yield Row(where, (*map(_source, sorted(new)), *records))


def window_of(fields: Mapping[str, str]) -> Window:
    """When a row's attack was, in UTC. Raises BadRecord and BadValue."""
    begin, _, change = local_span(fields["time_start"], ZONE, "time_start")
    last, end, changed = local_span(fields["time_end"], ZONE, "time_end")
    said = f"{fields['time_start'].strip()} to {fields['time_end'].strip()}"
    if end < begin or last < end == begin:
        raise BadRecord(f"it lasted from {said}; it ends before it begins")
    return Window(begin=begin, end=end, said=said, zone=ZONE, rule="".join(dict.fromkeys((_RULE, change, changed))))


def weapons_of(model: str) -> list[str]:
    """The weapons that a row names.

    >>> weapons_of("X-101/X-555 and Kalibr")
    ['X-101/X-555', 'Kalibr']
    """
    return [one.strip() for one in model.split(" and ") if one.strip()]


def threat_of(model: str) -> ThreatClass:
    """The class of a row's weapons, where they are of one; else, and where they are not known, `unknown`.

    >>> threat_of("X-101/X-555 and Kalibr"), threat_of("Kalibr and Iskander-M"), threat_of("Aerial Bomb")
    ('cruise_missile', 'unknown', 'unknown')
    """
    found = {_threats().get(one, "unknown") for one in weapons_of(model)}
    return found.pop() if len(found) == 1 else "unknown"


def is_reconnaissance(model: str) -> bool:
    """Whether all of a row's weapons only look.

    >>> is_reconnaissance("Orlan-10 and ZALA"), is_reconnaissance("Orlan-10 and Lancet")
    (True, False)
    """
    return set(weapons_of(model)) <= set(_table()["reconnaissance"])


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.files("tocsin.ledger.formats") / "missile_attacks.toml").read_text("utf-8"))


@cache
def _threats() -> dict[str, ThreatClass]:
    known = {name: threat for threat in THREAT_CLASSES for name in _table()["threat"].get(threat, ())}
    assert len(known) == sum(map(len, _table()["threat"].values())), "a weapon of two classes, or of none of ours"
    return known


def _records(fields: Mapping[str, str], rejects: Rejects) -> list[Record]:
    window = window_of(fields)
    assert window.end is not None, "a window of a row ends"
    if not weapons_of(fields["model"]):
        raise BadRecord("it names no weapon")
    name = imported_id(ARCHIVE, *fields.values())
    incident = Incident(
        id=name,
        recorded=window.end,
        by=BY,
        incident=name,
        window=window,
        struck=fields["target"].strip(),
        threat=threat_of(fields["model"]),
        weapon=fields["model"].strip(),
        origin="import",
    )
    figures = {column: _number(fields.get(column, ""), column) for column in _FIGURES}
    for column, value in figures.items():
        if value is None and column in ("launched", "destroyed"):
            rejects.leave_out(f"{column} is empty")
    claims = [
        _claim(incident, fields, column, *_FIGURES[column], value)
        for column, value in figures.items()
        if value is not None
    ]
    regions = _regions(fields.get("affected region", ""))
    claims += [_claim(incident, fields, f"affected-{k}", "damage", one, None) for k, one in enumerate(regions, 1)]
    return [incident, *claims]


def _regions(text: str) -> list[str]:
    """The names in a list as Python writes it: `['Kyiv', 'Kyiv oblast']`. Raises BadRecord where it is none.

    >>> _regions("['Kyiv', 'Kyiv oblast']"), _regions("")
    (['Kyiv', 'Kyiv oblast'], [])
    """
    if not text.strip():
        return []
    found = re.findall(r"'([^']{1,80})'", text)
    if _LIST.fullmatch(text.strip()) is None:
        raise BadRecord(f"affected region is {text[:60]!r}; it must be a list of names, each in apostrophes")
    return found


def _claim(
    incident: Incident, fields: Mapping[str, str], column: str, measure: Measure, subject: str, number: int | None
) -> Claim:
    page = fields["source"].strip()
    place = fields.get("launch_place", "").strip()
    return Claim(
        id=f"{incident.id}/{column}",
        recorded=incident.recorded,
        by=BY,
        incident=incident.incident,
        measure=measure,
        subject=subject,
        figure=None if number is None else Figure(low=number, high=number),
        chain=(_page_of(page), ARCHIVE),
        published=incident.recorded,
        url=page if page.startswith("https://") else f"{_SITE}{page}",
        words=f"launched from {place}" if column == "launched" and place else "",
        window=incident.window,
    )


def _page_of(page: str) -> str:
    """The page of an address, as written: `kpszsu` of `kpszsu/posts/…`, `t.me/kpszsu` of `https://t.me/kpszsu/1`."""
    parts = page.removeprefix("https://").split("/")
    return source_name("/".join(parts[:2]).replace("/", "·") if page.startswith("https://") else parts[0])


def _source(name: str) -> Source:
    archive = name == ARCHIVE
    said = "Massive Missile Attacks on Ukraine (Petro Ivaniuk)" if archive else name
    kind: SourceKind = "dataset" if archive else "channel"
    return Source(
        id=f"{ARCHIVE}/source/{name}",
        recorded=time_of(0),
        by=BY,
        source=name,
        names=(SourceName(text=said),),
        kind=kind,
    )


def _number(text: str, column: str) -> int | None:
    """A whole number, written `12` or `12.0`; None: empty. Raises BadRecord."""
    if not text.strip():
        return None
    try:
        value = float(text)
        if not 0 <= value <= _MOST or value != int(value):
            raise ValueError
    except ValueError as error:
        raise BadRecord(f"{column} is {text[:40]!r}; it must be a whole number up to {_MOST:,}") from error
    return int(value)
