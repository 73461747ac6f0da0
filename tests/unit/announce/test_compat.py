"""What existing clients are told in the forms that they know."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.some import some
from tocsin.announce.board import Board
from tocsin.announce.channel import Batch
from tocsin.announce.compat import alerts_in_ua, home_front, siren
from tocsin.announce.compat.episodes import ENDED_MAX, PULSE_S, Episodes, Unseen
from tocsin.announce.compat.places import OBLASTS
from tocsin.model.effect import Effect, Picture
from tocsin.model.threat import ThreatClass
from tocsin.model.warning import Level, Warning, ZoneState
from tocsin.model.zone import Zone
from tocsin.service.http.compat import Compat

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
KYIV, VINNYTSIA = 9, 2


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def zone(name: str, parent: str | None, ukrainian: str, hebrew: str, uid: str | None = None) -> Zone:
    ring = ((30.0, 50.0), (30.1, 50.0), (30.1, 50.1), (30.0, 50.1), (30.0, 50.0))
    codes: dict[str, tuple[str, ...]] = {} if uid is None else {"alerts.in.ua": (uid,)}
    names = {"en": name.title(), "uk": ukrainian, "he": hebrew}
    return Zone(id=name, name=names, parent=parent, kind="town", codes=codes, shelter_s=60, polygons=((ring,),))


ZONES = (
    zone("left-bank", "UA.12", "Лівий берег", "הגדה השמאלית"),
    zone("right-bank", "UA.12", "Правий берег", "הגדה הימנית"),
    zone("haisyn", "UA.23", "Гайсин", "הייסין", uid="37"),
)


class World:
    """A board and what is folded after it."""

    def __init__(self, *, drill: bool = False) -> None:
        self.drill = drill
        self.board = Board(ZONES, drill=drill)
        self.episodes = Episodes(ZONES, self.board)
        self.seq = 0

    def tell(self, seconds: float, *effects: Effect, whole: bool = False) -> None:
        self.seq += 1
        batch = Batch(self.seq, at(seconds), effects, whole)
        self.board.fold(batch)
        self.episodes.fold(batch)

    def levels(
        self, seconds: float, *said: tuple[str, Level, ThreatClass], blind: Sequence[str] = (), whole: bool = False
    ) -> None:
        """A warning for each zone, and the picture of that moment."""
        warnings = [
            Warning(
                id=f"{name}/1/{self.seq}/{level}",
                zone=name,
                level=level,
                time=at(seconds),
                expires=at(seconds + 600),
                probability=0.873,
                threat=threat,
                reason="radar north-hill saw T17",
                tracks=("T17",),
                drill=self.drill,
            )
            for name, level, threat in said
        ]
        states = [ZoneState(zone=name, degraded=True, degraded_reason="x", drill=self.drill) for name in blind]
        self.tell(seconds, *warnings, Picture(time=at(seconds), zones=tuple(states)), whole=whole)


@pytest.fixture
def world() -> World:
    made = World()
    made.levels(0)
    return made


def test_the_oblasts_stand_in_the_order_of_the_string_each_once() -> None:
    assert len({uid for uid, *_ in OBLASTS}) == len({title for _, title, *_ in OBLASTS}) == 27
    assert [uid for uid, *_ in OBLASTS][KYIV] == 31 and OBLASTS[VINNYTSIA][0] == 4


def test_a_place_is_in_alert_wholly_partly_or_not_at_all(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"))
    letters = alerts_in_ua.by_oblast(world.episodes, 1)
    assert (letters[KYIV], letters[VINNYTSIA], letters[0]) == ("P", "N", " ")
    world.levels(2, ("right-bank", "take_cover", "drone"))
    assert alerts_in_ua.by_oblast(world.episodes, 1)[KYIV] == "A"
    assert alerts_in_ua.by_oblast(world.episodes, 2)[KYIV] == "R"
    assert alerts_in_ua.statuses(world.episodes, 1) == " " * 4 + "N" + " " * 26 + "A" + " " * 5 + "N"


def test_to_prepare_is_yellow_and_never_an_alert_of_the_first_version(world: World) -> None:
    world.levels(1, ("haisyn", "prepare", "ballistic_missile"))
    assert [alerts_in_ua.status(world.episodes, "37", version) for version in (1, 2)] == ["N", "Y"]
    assert alerts_in_ua.active(world.episodes, NOW, 1)["alerts"] == siren.alerts(world.episodes) == []
    (one,) = alerts_in_ua.active(world.episodes, NOW, 2)["alerts"]
    assert (one["alert_level"], one["location_uid"], one["location_oblast"]) == ("yellow", "37", "Вінницька область")


def test_an_alert_has_a_start_a_place_and_in_the_end_an_end(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"))
    (one,) = alerts_in_ua.active(world.episodes, at(1), 1)["alerts"]
    assert (one["location_title"], one["location_oblast_uid"], one["alert_type"]) == ("Лівий берег", 31, "air_raid")
    assert (one["started_at"], one["finished_at"]) == ("2026-03-01T03:00:01.000Z", None)
    world.levels(301, ("left-bank", "all_clear", "drone"))
    assert alerts_in_ua.active(world.episodes, at(301), 1)["alerts"] == []
    kept = alerts_in_ua.history(world.episodes, "31", "day_ago", at(301))
    assert kept is not None
    (over,) = kept["alerts"]
    assert (over["id"], over["finished_at"]) == (one["id"], "2026-03-01T03:05:01.000Z")
    assert alerts_in_ua.history(world.episodes, "31", "for_ever", at(301)) is None
    assert alerts_in_ua.history(world.episodes, "99", "day_ago", at(301)) is None


def test_who_follows_a_region_hears_of_a_part_of_it(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"))
    (region,) = siren.alerts_of(world.episodes, "31") or [{}]
    assert region["regionType"] == "State"
    assert [(one["regionId"], one["type"]) for one in region["activeAlerts"]] == [("left-bank", "AIR")]
    (quiet,) = siren.alerts_of(world.episodes, "right-bank") or [{}]
    assert quiet["activeAlerts"] == [] and siren.alerts_of(world.episodes, "nowhere") is None
    tree = siren.regions(world.episodes)["states"]
    assert [state["regionId"] for state in tree] == ["31", "4"]
    assert [child["regionId"] for child in tree[1]["regionChildIds"]] == ["37"]


def test_what_is_new_is_shown_for_a_while_and_each_kind_in_turn(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"), ("right-bank", "take_cover", "rocket"))
    seen = {}
    for second in range(1, 8):
        shown = home_front.alerts(world.episodes, at(second))
        assert shown is not None
        seen[shown["cat"]] = (shown["title"], shown["data"])
    assert seen == {
        "1": ("ירי רקטות וטילים", ["הגדה הימנית"]),
        "2": ("חדירת כלי טיס עוין", ["הגדה השמאלית"]),
    }
    assert home_front.alerts(world.episodes, at(2 + PULSE_S)) is None


def test_to_prepare_and_the_end_are_news_too(world: World) -> None:
    world.levels(1, ("haisyn", "prepare", "drone"))
    soon = home_front.alerts(world.episodes, at(1))
    assert soon is not None and (soon["cat"], soon["data"]) == ("14", ["הייסין"])
    world.levels(60, ("haisyn", "take_cover", "drone"))
    world.levels(120, ("haisyn", "prepare", "drone"))
    assert home_front.alerts(world.episodes, at(121)) is None
    world.levels(240, ("haisyn", "all_clear", "drone"))
    over = home_front.alerts(world.episodes, at(241))
    assert over is not None and (over["cat"], over["title"]) == ("13", "האירוע הסתיים")
    rows = home_front.history(world.episodes, at(241))
    assert [row["category"] for row in rows] == [13, 2]
    assert rows[1]["alertDate"] == "2026-03-01 05:01:00"


def test_no_end_is_told_where_the_alarm_is_on_again(world: World) -> None:
    world.levels(1, ("haisyn", "take_cover", "drone"))
    world.levels(40, ("haisyn", "all_clear", "drone"))
    world.levels(50, ("haisyn", "take_cover", "drone"))
    shown = home_front.alerts(world.episodes, at(51))
    assert shown is not None and shown["cat"] == "2"
    assert {home_front.alerts(world.episodes, at(second))["cat"] for second in range(51, 60)} == {"2"}  # type: ignore[index]


def test_the_zones_of_a_tick_are_told_together(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "rocket"), ("haisyn", "take_cover", "rocket"))
    shown = home_front.alerts(world.episodes, at(1))
    assert shown is not None and len(shown["data"]) == 2


def test_what_is_told_again_changes_no_answer(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"))
    before = (world.episodes.changed_at, alerts_in_ua.active(world.episodes, at(1), 1)["alerts"])
    world.levels(200, ("left-bank", "take_cover", "drone"))
    assert (world.episodes.changed_at, alerts_in_ua.active(world.episodes, at(200), 1)["alerts"]) == before
    assert home_front.alerts(world.episodes, at(201)) is None


def test_two_changes_within_a_second_are_two_to_whoever_asks_if_anything_changed(world: World) -> None:
    seen = [world.episodes.changed_at]
    for number, name in enumerate(("left-bank", "right-bank", "haisyn")):
        world.levels(5 + number / 10, (name, "take_cover", "drone"))
        seen.append(world.episodes.changed_at)
    assert len(set(seen)) == 4 and all(one is not None and one.microsecond == 0 for one in some(seen))


def test_a_restart_rings_nothing_again_and_keeps_its_numbers(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"))
    before = alerts_in_ua.active(world.episodes, at(1), 1)["alerts"]
    again = World()
    state = ZoneState(zone="left-bank", level="take_cover", since=at(1), expires=at(600), threat="drone")
    again.tell(100, Picture(time=at(100), zones=(state,)), whole=True)
    assert alerts_in_ua.active(again.episodes, at(100), 1)["alerts"] == before
    assert home_front.alerts(again.episodes, at(100)) is None


def test_where_we_may_be_blind_no_form_says_that_all_is_quiet(world: World) -> None:
    world.levels(1, blind=("haisyn",))
    assert alerts_in_ua.status(world.episodes, "37", 1) == " "
    assert alerts_in_ua.status(world.episodes, "left-bank", 1) == "N"
    world.levels(2, ("haisyn", "take_cover", "drone"))
    assert alerts_in_ua.status(world.episodes, "37", 1) == "A"


def test_a_place_is_quiet_only_where_no_part_of_it_may_be_blind(world: World) -> None:
    world.levels(1, blind=("left-bank",))
    assert [alerts_in_ua.by_oblast(world.episodes, version)[KYIV] for version in (1, 2)] == [" ", " "]
    # To prepare is no alert of the first version, and does not mean that we see.
    world.tell(2, Picture(time=at(2), zones=(ZoneState(zone="haisyn", level="prepare", since=at(2), degraded=True),)))
    assert [alerts_in_ua.status(world.episodes, "37", version) for version in (1, 2)] == [" ", "Y"]
    world.levels(3, ("right-bank", "take_cover", "drone"))
    assert alerts_in_ua.by_oblast(world.episodes, 1)[KYIV] == "P"


def test_a_new_alarm_is_shown_also_in_doubt_and_no_end_is(world: World) -> None:
    world.levels(1, ("haisyn", "take_cover", "drone"), ("left-bank", "take_cover", "drone"))
    world.levels(2, ("haisyn", "all_clear", "drone"))
    shown = [home_front.alerts(world.episodes, at(second), sure=False) for second in range(3, 9)]
    assert {one["cat"] for one in some(shown) if one} == {"2"}
    world.levels(3, ("left-bank", "all_clear", "drone"))
    assert home_front.alerts(world.episodes, at(4), sure=False) is None


def test_in_doubt_a_new_alarm_is_answered_and_nothing_else(world: World) -> None:
    def ask(path: str, seconds: float) -> int:
        runtime: Any = SimpleNamespace(
            clock=SimpleNamespace(now=lambda: at(seconds)),
            channels=SimpleNamespace(episodes=world.episodes),
            settings=SimpleNamespace(compat=SimpleNamespace(drills=False, seats=["home_front", "siren"])),
        )
        answered: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            answered.append(message)

        scope = {"type": "http", "method": "GET", "path": f"/compat/{path}", "headers": [], "query_string": b""}
        asyncio.run(Starlette(routes=[Compat(runtime).mounted()])(scope, receive, send))
        return int(answered[0]["status"])

    news, history = (f"home-front/WarningMessages/alert/{name}.json" for name in ("Alerts", "History/AlertsHistory"))
    asked = (news, history, "siren/api/v3/alerts")
    world.levels(1, ("haisyn", "take_cover", "drone"))
    assert [ask(path, 2) for path in asked] == [200, 200, 200]
    world.episodes.board.time_doubted = True
    assert [ask(path, 2) for path in asked] == [200, 503, 503]
    assert ask(news, 40) == 503


def test_a_list_of_alerts_is_never_empty_where_nobody_sees_anything(world: World) -> None:
    everywhere = tuple(zone.id for zone in ZONES)
    world.levels(1, blind=everywhere[:2])
    assert siren.alerts(world.episodes) == [] and home_front.alerts(world.episodes, at(1)) is None
    with pytest.raises(Unseen):
        siren.alerts_of(world.episodes, "31")
    assert siren.alerts_of(world.episodes, "37") != []
    world.levels(2, blind=everywhere)
    for look in (
        lambda: siren.alerts(world.episodes),
        lambda: alerts_in_ua.active(world.episodes, at(2), 1),
        lambda: home_front.alerts(world.episodes, at(2)),
    ):
        with pytest.raises(Unseen):
            look()
    world.levels(3, ("haisyn", "take_cover", "drone"))
    assert len(siren.alerts(world.episodes)) == len(alerts_in_ua.active(world.episodes, at(3), 1)["alerts"]) == 1


def test_what_has_ended_is_kept_within_bounds(world: World) -> None:
    for number in range(50):
        world.levels(10 * number + 1, ("haisyn", "take_cover", "drone"))
        world.levels(10 * number + 6, ("haisyn", "all_clear", "drone"))
    assert len(world.episodes.ended) == 50 and world.episodes.ended.maxlen == ENDED_MAX
    assert len(world.episodes.lately(at(500))) == 1


def test_a_drill_has_numbers_and_words_of_its_own() -> None:
    world = World(drill=True)
    world.levels(1, ("haisyn", "take_cover", "drone"), ("left-bank", "prepare", "drone"))
    shown = {
        one["cat"]: one["title"]
        for second in range(1, 8)
        for one in [home_front.alerts(world.episodes, at(second))]
        if one
    }
    assert set(shown) == {"16", "28"} and all(title.startswith("תרגיל") for title in some(shown.values()))
    (alert,) = alerts_in_ua.active(world.episodes, at(1), 1)["alerts"]
    assert "НАВЧАННЯ" in alert["notes"]


def test_no_answer_names_a_track_a_reason_or_a_probability(world: World) -> None:
    world.levels(1, ("left-bank", "take_cover", "drone"))
    answers = [
        alerts_in_ua.active(world.episodes, at(1), 2),
        siren.alerts(world.episodes),
        siren.regions(world.episodes),
        home_front.alerts(world.episodes, at(1)),
        home_front.history(world.episodes, at(1)),
        home_front.districts(world.episodes, "en"),
    ]
    text = json.dumps(answers)
    assert not any(secret in text for secret in some(["T17", "north-hill", "873", "probability", "reason"]))


def test_the_districts_say_how_long_people_have(world: World) -> None:
    rows = home_front.districts(world.episodes, "en")
    assert [(row["label"], row["label_he"], row["migun_time"]) for row in rows][2] == ("Haisyn", "הייסין", 60)
    assert [row["areaid"] for row in rows] == [1, 1, 2]
    hebrew = [row["label"] for row in home_front.districts(world.episodes, "he")]
    assert hebrew == [row["label_he"] for row in rows]
