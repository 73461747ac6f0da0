"""What needs a decision: what waits, what ends, and on what the warnings lean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from tests.some import some
from tests.unit.service.console.sky import Looks, calm, looks, played
from tocsin.model.access import Authority
from tocsin.model.event import ActRules, Configuration, Event, OperatorAct
from tocsin.model.observation import Alert, AlertPart, Launch, Sighting, Status
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone
from tocsin.service.channel_delivery import ChannelDelivery
from tocsin.service.console.around import Around
from tocsin.service.console.drawing import Drawing
from tocsin.service.console.glance import Glance
from tocsin.service.console.shown import ConsolePicture, Feed, Needed
from tocsin.service.console.weighing import evidence_of
from tocsin.service.http.operators import Act
from tocsin.warn.blindness import Blindness

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
RADAR = Sensor(id="radar", kind="radar", lat=46.0, lon=8.0, altitude_m=100, range_m=100_000, scan_s=4)


def zone(name: str, south: float) -> Zone:
    ring = ((8.0, south), (8.1, south), (8.1, south + 0.1), (8.0, south + 0.1), (8.0, south))
    return Zone(id=name, name=name, population=10_000, polygons=((ring,),))


CALM = Configuration(id="c", time=START, sensors=(RADAR,), zones=(zone("home", 46.0), zone("away", 46.5)))


def act(action: Any, at_s: float, *zones: str, operator: str = "desk", **more: Any) -> OperatorAct:
    time = START + timedelta(seconds=at_s)
    return OperatorAct(id=f"{action}-{at_s:g}", time=time, operator=operator, action=action, zones=zones, **more)


def seen(now: datetime) -> Event:
    return Status(id=f"s-{now:%s}", source="radar", sensor="radar", time=now, received=now, state="up")


def after(seconds: int, *events: Event, configuration: Configuration = CALM) -> tuple[Glance, list[Needed]]:
    """The last look of some quiet seconds in which these events happen at the first, and what needs a decision then."""
    drawing = Drawing(0)

    def happening(second: int, now: datetime) -> Sequence[Event]:
        return [seen(now), *(events if second == 1 else ())]

    picture: ConsolePicture | None = None
    for glance, _ in played(configuration, (), seconds, happening):
        picture = drawing.draw(glance, calm(glance), {})
    assert picture is not None
    return glance, list(picture.decisions)


def test_where_all_is_well_nothing_needs_a_decision() -> None:
    assert after(3)[1] == []


def test_a_raise_that_is_about_to_end_can_be_extended_with_what_it_said() -> None:
    raised = act("raise", 1, "home", lasts_s=250, reason="three posts", public_reason="Stay away from windows.")
    _, found = after(3, raised)
    (one,) = found
    assert (one.kind, one.zones, one.people, one.zone_count) == ("ends", ("home",), 10_000, 1)
    assert one.deadline == START + timedelta(seconds=251)
    extend, release = one.can
    assert (extend.do, release.do) == ("extend", "release") and extend.body is not None
    assert extend.body["public_reason"] == "Stay away from windows." and extend.body["level"] == "take_cover"
    _, found = after(3, act("raise", 1, "home", lasts_s=3_000))
    assert found == []


def test_an_extension_makes_the_raise_last_longer_and_nothing_else() -> None:
    _, (one,) = after(3, act("raise", 1, "home", lasts_s=250, reason="three posts"))
    body = one.can[0].body
    assert body is not None
    fields = msgspec.to_builtins(body) | {"id": "again", "time": START + timedelta(seconds=1), "operator": "desk"}
    again = msgspec.convert(fields | {"kind": "act"}, OperatorAct, strict=False)
    glance, found = after(3, act("raise", 1, "home", lasts_s=250, reason="three posts"), again)
    assert found == []
    (order,) = glance.orders.standing
    assert order.ends == START + timedelta(seconds=1_801) and order.reason == "three posts"


def test_an_act_that_waits_for_a_second_person_says_until_when() -> None:
    rules = msgspec.structs.replace(CALM, acts=ActRules(second_person=("raise",), waits_s=60))
    _, found = after(3, act("raise", 1, "home", "away"), configuration=rules)
    (one,) = found
    assert (one.kind, one.people, one.deadline) == ("approval", 20_000, START + timedelta(seconds=61))
    assert one.can[0].body == {"action": "approve", "act": "raise-1", "act_of": "desk"}
    assert one.facts["rule"] == "raise"
    wide = msgspec.structs.replace(CALM, acts=ActRules(second_person=("wide",), wide_zones=1))
    _, (one,) = after(3, act("raise", 1, "home", "away"), configuration=wide)
    assert one.facts["rule"] == "wide"


def test_where_sight_was_lost_the_reason_comes_with_what_it_is_made_of() -> None:
    down = Status(id="d", source="radar", sensor="radar", time=START, received=START, state="down")

    def happening(second: int, now: datetime) -> Sequence[Event]:
        return [seen(now)] if second < 2 else [down] if second == 2 else []

    *_, (glance, _) = played(CALM, (), 4, happening)
    picture = Drawing(0).draw(glance, calm(glance), {})
    (one,) = [one for one in picture.decisions if one.kind == "blind"]
    assert one.facts | {"reason": ""} == {
        "reason": "", "blindness": "radar", "failed": 1, "count": 1, "states": "down"
    }  # fmt: skip
    evidence = evidence_of(glance, "home", lambda warning: ())
    assert evidence is not None and evidence.blindness == Blindness("radar", 1, 1, ("down",))
    assert evidence.degraded_reason == str(evidence.blindness)


def alert(at_s: float) -> Alert:
    time = START + timedelta(seconds=at_s)
    return Alert(
        id="a", source="hills", time=time, received=time, sender="hills", identifier="1",
        cap="", parts=(AlertPart(level="take_cover", zones=("away",)),),
    )  # fmt: skip


def report(at_s: float, source: str) -> Sighting:
    time = START + timedelta(seconds=at_s)
    return Sighting(
        id=f"{source}-{at_s}", source=source, time=time, received=time, lat=46.05, lon=8.05, sense="heard",
        threat="drone",
    )  # fmt: skip


def test_trouble_comes_after_what_has_a_deadline_and_keeps_its_name_while_its_figures_change() -> None:
    glance, _ = after(3, act("raise", 1, "home", lasts_s=100))
    channels = (
        ChannelDelivery(channel="ward", state="failing", trouble="no answer"),
        ChannelDelivery(channel="page_stream", state="read", canary="silent", trouble="heard nothing for 12 s"),
        ChannelDelivery(channel="atom_feed", state="read"),
    )
    feeds = (Feed(name="hills", state="down", trouble="is down: refused"), Feed(name="vale", state="up", trouble=None))

    def decisions(seconds: int) -> tuple[Needed, ...]:
        around = Around(
            now=calm(glance).now, drill=True, doubtful=False, troubles=(f"the picture is {seconds} s old",),
            channels=channels, silent={}, feeds=feeds,
        )  # fmt: skip
        return Drawing(0).draw(glance, around, {}).decisions

    first, second = decisions(12), decisions(15)
    said = [one.facts.get("said") for one in first]
    assert said == [None, None, "no answer", "heard nothing for 12 s", "is down: refused"]
    assert [one.kind for one in first] == ["ends", "service", "channel", "canary", "source"]
    assert [one.id for one in first] == [one.id for one in second]


@pytest.fixture(scope="module")
def raid(tmp_path_factory: pytest.TempPathFactory) -> Looks:
    """Half a minute: a town is sent into cover."""
    return list(looks(tmp_path_factory.mktemp("raid"), 30))


def drawn(raid: Looks) -> list[ConsolePicture]:
    drawing = Drawing(0)
    return [drawing.draw(glance, calm(glance), {}) for glance, _ in raid]


def test_a_proposal_says_when_it_is_issued_unless_somebody_answers() -> None:
    ask = {
        "name": "ask",
        "mode": {"rocket": "confirm"},
        "confirm_s": 10.0,
        "margin_s": 1.0,
        "delivery_s": 1.0,
        "miss_minutes": 4e6,
    }
    near = msgspec.structs.replace(CALM.zones[0], shelter_s=5.0)
    settings = msgspec.structs.replace(CALM, policy=ask, zones=(near, CALM.zones[1]))
    time = START + timedelta(seconds=1)
    launch = Launch(
        id="l", source="radar", time=time, lat=46.3, lon=8.05, sigma_m=500, threat="rocket", azimuth_deg=180
    )
    drawing, pictures = Drawing(0), []
    for glance, _ in played(settings, [launch], 20, lambda second, now: [seen(now)]):
        pictures.append(drawing.draw(glance, calm(glance), {}))
    proposed = [one for picture in pictures for one in picture.decisions if one.kind == "proposal"]
    for one in some(proposed):
        assert [can.do for can in one.can] == ["confirm", "cancel", "look"]
        assert one.facts["eta_earliest"] and one.facts["eta_likely"]
        assert one.deadline is not None and one.zones == ("home",) and one.tracks[0].startswith("launch:l")
    covered = [one.time for one in pictures if any(z.level == "take_cover" for z in one.zones)]
    assert {one.deadline for one in proposed} == {some(covered)[0]}


def test_cover_that_rests_on_one_radars_word_is_said_so(raid: Looks) -> None:
    found = [one for one in drawn(raid)[-1].decisions if one.kind == "one_source"]
    one = some(found)[0]
    assert "radar-1" in one.why and one.facts == {"track": one.tracks[0], "sensor": "radar-1"}


def test_all_that_can_be_done_is_an_act_that_the_service_takes(raid: Looks) -> None:
    _, ends = after(3, act("raise", 1, "home", lasts_s=100))
    decisions = [*ends, *(one for picture in drawn(raid) for one in picture.decisions)]
    bodies = [can.body for one in decisions for can in one.can if can.to == "/v1/acts"]
    for body in some(bodies):
        assert body is not None
        assert msgspec.json.decode(msgspec.json.encode(body | {"id": "1"}), type=Act).action == body["action"]


def test_what_is_due_first_comes_first() -> None:
    late, soon = act("raise", 1, "home", lasts_s=250), act("raise", 1.5, "away", lasts_s=100)
    assert [one.zones for one in after(3, late, soon)[1]] == [("away",), ("home",)]


def test_a_neighbours_alert_alone_and_reports_name_whose_word_they_are() -> None:
    trusted = Authority(id="hills", kinds=("alert",), alerts="take_cover")
    posts = tuple(Authority(id=name, kinds=("sighting",)) for name in ("north", "south"))
    settings = msgspec.structs.replace(
        CALM, sources=(trusted, *posts, Authority(id="radar", kinds=("status",), sensors=("radar",)))
    )
    glance, found = after(4, alert(1), report(1, "north"), configuration=settings)
    (one,) = [one for one in found if one.kind == "neighbour"]
    assert one.zones == ("away",) and "hills" in one.why
    away, home = (evidence_of(glance, name, lambda warning: ()) for name in ("away", "home"))
    assert away is not None and home is not None
    assert [(hold.by, hold.who) for hold in away.holds] == [("neighbour", ("hills",))] and away.sources == ("hills",)
    assert [(hold.by, hold.level, hold.who) for hold in home.holds] == [("reports", "prepare", ("north",))]
    assert home.clearing is not None and home.clearing.earliest is not None
    (hold,) = home.holds
    assert hold.until is not None
    assert home.clearing.earliest == hold.until + timedelta(seconds=45)
