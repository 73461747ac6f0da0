"""Labelled lines, and how many of them a reader reads as people did."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from tocsin.ingest.text.language import Role, Stage
from tocsin.ingest.text.mixture import distance_km
from tocsin.ingest.text.reading import Named, Reading, Report
from tocsin.model.errors import BadFile
from tocsin.model.threat import ThreatClass
from tocsin.model.value import UNREADABLE

COURSE_DEG_MAX = 45.0
LINES_MAX = 1_000_000


class PlaceLabel(msgspec.Struct, frozen=True):
    """Where a place of a line is: within `within_m` of lat, lon; or region; or `open`, when nothing can tell."""

    role: Role
    name: str = ""
    region: str | None = None
    lat: float | None = None
    lon: float | None = None
    within_m: float = 3_000.0
    open: bool = False

    def __post_init__(self) -> None:
        if not self.open and self.region is None and (self.lat is None or self.lon is None):
            raise ValueError("a place needs lat and lon, or a region, or open")


class ReportLabel(msgspec.Struct, frozen=True):
    """What a line says of one thing. Without `places`, where it is is not judged."""

    threat: ThreatClass
    stage: Stage
    count: int | None = None
    places: tuple[PlaceLabel, ...] | None = None
    course_deg: float | None = None


class Labelled(msgspec.Struct, frozen=True):
    """A line and what people read in it: reports, or why there is none.

    kept   whether rules are only measured on it, and never chosen; None: a hash of its text says
    """

    text: str
    language: str = ""
    covers: tuple[str, ...] = ()
    reports: tuple[ReportLabel, ...] = ()
    drop: str | None = None
    kept: bool | None = None

    @property
    def half(self) -> str:
        """`chosen`: rules may be chosen on it; `kept`: they are only measured on it."""
        kept = hashlib.sha256(self.text.encode()).digest()[0] & 1 if self.kept is None else self.kept
        return "kept" if kept else "chosen"


class Score:
    """Counts of what was right out of how many, and the lines that were read otherwise."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.of: Counter[str] = Counter()
        self.missed: list[tuple[str, str]] = []

    def count(self, figure: str, right: bool, text: str, said: str = "") -> None:
        """One more judged; what is wrong is kept with its line."""
        self.of[figure] += 1
        self.right[figure] += right
        if not right:
            self.missed.append((figure, f"{text}  {said}"))

    def share(self, figure: str) -> float:
        """The share that was right; 1 where nothing was judged."""
        return self.right[figure] / self.of[figure] if self.of[figure] else 1.0


def read_corpus(paths: Iterable[Path]) -> Iterator[Labelled]:
    """The labelled lines of files of JSON lines. Raises BadFile naming file and line."""
    decoder = msgspec.json.Decoder(Labelled)
    for path in paths:
        number = 0
        try:
            with path.open("rb") as file:
                for line in file:
                    number += 1
                    if line.strip():
                        yield decoder.decode(line)
        except OSError as error:
            raise BadFile(f"{path} cannot be read: {error.strerror}; give a file of labelled lines") from error
        except UNREADABLE as error:
            raise BadFile(f"{path}:{number}: {error}; see docs/how-to/read-channels.md") from error


def score(lines: Iterable[Labelled], read: Callable[[Labelled], Reading]) -> Score:
    """Judge every line."""
    found = Score()
    for line in lines:
        _judge(found, line, read(line))
    return found


def _judge(found: Score, line: Labelled, reading: Reading) -> None:
    text = line.text
    found.count("lines with a reason", bool(reading.reports) or bool(reading.dropped), text)
    if line.drop is not None:
        found.count("dropped", not reading.reports, text, "was read")
        return
    found.count("read", bool(reading.reports), text, f"was dropped: {reading.dropped}")
    said = f"{len(reading.reports)} reports for {len(line.reports)}"
    found.count("as many reports", len(reading.reports) == len(line.reports), text, said)
    labelled = [place for report in line.reports for place in report.places or ()]
    for at, label in enumerate(line.reports):
        report = reading.reports[at] if at < len(reading.reports) else None
        _judge_report(found, text, label, report)
    judged = all(label.places is not None for label in line.reports)
    for report in reading.reports if judged else ():
        for named in report.places:
            if named.sure:
                found.count("sure places", _is_any(named, labelled), text, f"{named.said} is {named.spots[0].name}")


def _judge_report(found: Score, text: str, label: ReportLabel, report: Report | None) -> None:
    found.count("class", report is not None and report.likeliest == label.threat, text, _said(report))
    found.count("stage", report is not None and report.stage == label.stage, text, _said(report))
    if label.count is not None:
        found.count("count", report is not None and report.count_min == label.count, text, _said(report))
    for place in label.places or ():
        hits = [named for named in report.places if _matches(named, place)] if report is not None else []
        found.count("place", bool(hits), text, _said(report))
        found.count("role", any(_role(named) == place.role for named in hits), text, _said(report))
    if label.course_deg is not None:
        course = report.course_deg if report is not None else None
        off = None if course is None else abs((course - label.course_deg + 180) % 360 - 180)
        found.count("course", off is not None and off <= COURSE_DEG_MAX, text, f"{course} for {label.course_deg}")


def _role(named: Named) -> Role:
    return "over" if named.role == "via" else named.role


def _matches(named: Named, label: PlaceLabel) -> bool:
    """Whether the likeliest meaning is the place; of an open one, whether nothing is taken for sure."""
    if label.open:
        return not named.sure
    spot = named.spots[0]
    if label.region is not None and spot.id == label.region:
        return True
    if label.lat is None or label.lon is None:
        return False
    return 1e3 * distance_km(spot.lat, spot.lon, label.lat, label.lon) <= label.within_m


def _is_any(named: Named, labels: Sequence[PlaceLabel]) -> bool:
    return any(_matches(named, label) for label in labels if not label.open)


def _said(report: Report | None) -> str:
    if report is None:
        return "nothing"
    places = " ".join(f"{one.role}:{one.spots[0].name}({one.spots[0].weight:g})" for one in report.places)
    return f"{report.likeliest} {report.stage} {report.count_min} {places} {report.course_deg}"
