"""What comes of reports: to the sender, what the public page shows; to operators, who else saw it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.access import Access, Authority
from tocsin.model.effect import Picture
from tocsin.model.event import Event, Tick
from tocsin.model.observation import Observation, Sighting
from tocsin.model.track import Track
from tocsin.model.warning import ZoneState
from tocsin.model.zone import Zone
from tocsin.service.spotters.fates import OVER_S, Fates
from tocsin.service.spotters.settings import Spotters
from tocsin.service.spotters.store import Fate, Worth
from tocsin.service.worker import Decided, Step

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def zone(name: str, west: float) -> Zone:
    ring = ((west, 46.0), (west + 0.1, 46.0), (west + 0.1, 46.1), (west, 46.1), (west, 46.0))
    return Zone(id=name, name=name, population=9_000, polygons=((ring,),))


class Told:
    """What was settled."""

    def __init__(self) -> None:
        self.fates: list[tuple[str, Fate]] = []
        self.worth: dict[str, Worth] = {}
        self.lapsed: list[tuple[str, Fate]] = []

    def lapse(self, name: str, fate: Fate) -> None:
        self.lapsed.append((name, fate))

    def settle(self, name: str, fate: Fate, worth: Worth | None = None) -> None:
        self.fates.append((name, fate))
        if worth is not None:
            self.worth[name] = worth


class Night:
    """Spotters and one other source over two zones."""

    def __init__(self) -> None:
        self.told = Told()
        authorities = (Spotters().authority, Authority(id="hill"))
        self._fates = Fates(ZoneIndex([zone("home", 8.0), zone("away", 9.0)]), Access(authorities, ()), self.told)
        self.recall = self._fates.recall

    def at(self, s: float, *said: Observation, tracks: tuple[Track, ...] = (), **levels: Any) -> None:
        time = NOW + timedelta(seconds=s)
        states = tuple(ZoneState(zone=name, level=level, since=time) for name, level in levels.items())
        picture = Picture(time=time, tracks=tracks, zones=states)
        events: tuple[Event, ...] = said
        steps = [Step(1, one, (), 0.0) for one in events]
        self._fates.hear(Decided((*steps, Step(2, Tick(time=time), (picture,), 0.0)), ()))

    def over(self) -> dict[str, Worth]:
        self.at(OVER_S + 1)
        return self.told.worth


def seen(name: str = "post-A.1", lat: float = 46.05, source: str = "team-A", **more: Any) -> Sighting:
    given: dict[str, Any] = {
        "id": name,
        "time": NOW,
        "lat": lat,
        "lon": 8.05,
        "source": source,
        "via": "spotters",
        "threat": "drone",
    }
    return Sighting(**given | more)


def track(threat: str, **more: Any) -> Track:
    given: dict[str, Any] = {
        "id": "T1", "time": NOW, "lat": 46.06, "lon": 8.05, "altitude_m": 300.0, "speed_mps": 50.0,
        "heading_deg": 90.0, "sigma_m": 200.0, "threat": threat, "probability": 0.9, "status": "confirmed",
        "sensors": 2, "updated": NOW,
    }  # fmt: skip
    return Track(**given | more)


HILL: dict[str, Any] = {"source": "hill", "via": None}


@pytest.mark.parametrize(
    ("other", "worth"),
    [
        pytest.param({"lat": 46.07, **HILL}, "borne_out", id="another voice beside it"),
        pytest.param({"lat": 46.07, "source": "team-B"}, "borne_out", id="another team"),
        pytest.param({"lat": 46.07}, "unanswered", id="the same team"),
        pytest.param({"lat": 47.5, **HILL}, "unanswered", id="far away"),
        pytest.param({"lat": 46.07, **HILL, "threat": "jet"}, "unanswered", id="something else"),
        pytest.param({"lat": 46.07, **HILL, "threat": "civil"}, "unanswered", id="something harmless"),
    ],
)
def test_a_report_is_borne_out_by_another_voice_that_fits(other: dict[str, Any], worth: str) -> None:
    for first in (True, False):
        night = Night()
        reports = [seen(), seen("other.1", **other)]
        for s, one in zip((1, 20), reports if first else reversed(reports), strict=True):
            night.at(s, one)
        assert night.over()["post-A.1"] == worth


@pytest.mark.parametrize(
    ("track_seen", "worth"),
    [
        pytest.param(track("drone"), "borne_out", id="a drone"),
        pytest.param(track("civil"), "contradicted", id="an airliner"),
        pytest.param(track("drone", sensors=0), "unanswered", id="told by channels only"),
        pytest.param(track("drone", status="tentative"), "unanswered", id="not sure yet"),
        pytest.param(track("drone", lat=46.9), "unanswered", id="elsewhere"),
    ],
)
def test_a_report_is_borne_out_or_contradicted_by_what_sensors_saw_there_then(track_seen: Track, worth: str) -> None:
    night = Night()
    night.at(0, tracks=(track_seen,))
    night.at(30, seen())
    assert night.over() == {"post-A.1": worth}
    late = Night()
    late.at(0, seen())
    late.at(120, tracks=(track_seen,))
    assert late.over() == {"post-A.1": "unanswered"}


def test_a_sender_learns_how_people_stand_there_at_the_gravest_and_nothing_else() -> None:
    def fates(*, echoed: bool) -> list[tuple[str, Fate]]:
        night = Night()
        night.at(0, seen(), away="take_cover")
        if echoed:
            night.at(5, seen("hill.1", 46.07, **HILL), tracks=(track("drone"),))
        night.at(10, home="prepare")
        night.at(20, home="take_cover")
        night.at(30, home="all_clear")
        night.over()
        return night.told.fates

    assert fates(echoed=True) == fates(echoed=False)
    said = [fate for _, fate in fates(echoed=True)]
    assert said == ["watched", "cover", "cover"]
    quiet = Night()
    quiet.at(0, seen())
    quiet.at(10, home="prepare")
    quiet.over()
    assert [fate for _, fate in quiet.told.fates] == ["watched", "quiet"]


def test_a_flood_of_reports_costs_a_bounded_room() -> None:
    night = Night()
    for s in range(30):
        night.at(s, *(seen(f"post-A.{s}-{k}") for k in range(150)))
    fates = night._fates
    assert (len(fates._recent), len(fates._open)) == (500, 2_000)


def test_reports_that_are_not_over_at_a_restart_are_counted_all_the_same() -> None:
    def after(events: list[Observation], unsettled: dict[str, Fate]) -> Told:
        night = Night()
        night.recall(events, unsettled)
        night.at(700, home="none")
        return night.told

    both: list[Observation] = [seen(), seen("hill.1", 46.07, **HILL)]
    for events in (both, both[::-1]):
        told = after(events, {"post-A.1": "cover"})
        assert (told.worth, told.fates) == ({"post-A.1": "borne_out"}, [("post-A.1", "cover")])
    assert after([seen()], {"post-A.1": "watched"}).worth == {"post-A.1": "unanswered"}
    # What was counted before the restart is not counted again; it bears others out all the same.
    told = after([seen(), seen("post-B.1", 46.07, source="team-B")], {"post-B.1": "kept"})
    assert told.worth == {"post-B.1": "borne_out"}
    # What the journal's end does not hold is over, and said to be worth nothing either way.
    gone = after([], {"post-A.1": "cover", "post-B.1": "watched"})
    assert (gone.worth, sorted(gone.lapsed)) == ({}, [("post-A.1", "cover"), ("post-B.1", "quiet")])
