"""What neighbours' alerts mean for our zones, and what is said of what they cannot mean."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pyproj import Geod

from tests.some import some
from tests.unit.ingest.cap_texts import A, B, area, info, message
from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.neighbour import understood
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Alert, AlertPart
from tocsin.model.zone import Zone

AT = datetime(2026, 3, 1, 3, tzinfo=UTC)


def _zone(name: str, west: float, **fields: Any) -> Zone:
    ring = ((west, 50.0), (west + 0.2, 50.0), (west + 0.2, 50.2), (west, 50.2), (west, 50.0))
    return Zone(id=name, name=name, population=1_000, polygons=((ring,),), **fields)


INDEX = ZoneIndex(
    [
        _zone("A", 30.0, codes={"EMMA_ID": ("UA001",)}, parent="UA-32"),
        _zone("B", 30.3, parent="UA-32"),
        _zone("C", 30.6),
    ]
)


def heard(cap: str, **fields: Any) -> Alert:
    return understood(Alert(id="1", time=AT, source="s", cap=cap, **fields), INDEX)


def zones(alert: Alert) -> dict[str, set[str]]:
    return {part.level: set(part.zones) for part in alert.parts}


def test_an_alert_carries_who_sent_it_what_it_asks_and_where() -> None:
    alert = heard(message(references="n@example.org,n0,2026-03-01T02:00:00+00:00", kind="Update"))
    assert (alert.sender, alert.identifier, alert.sent, alert.message) == ("n@example.org", "n1", AT, "Update")
    assert alert.ends == ("n0",) and alert.complete and not alert.unused
    assert alert.parts == (AlertPart(level="take_cover", zones=("A",), expires=datetime(2026, 3, 1, 4, tzinfo=UTC)),)


def test_what_a_sender_writes_into_our_own_fields_is_dropped() -> None:
    forged = {"level": "all_clear", "zones": ("A", "B"), "parts": (AlertPart(level="take_cover", zones=("C",)),)}
    alert = heard(message(info(event="Flood", response="", urgency="Future")), ends=("x",), **forged)
    assert alert.asked == () and alert.ends == ()


def test_each_block_speaks_for_its_own_areas_and_its_own_level() -> None:
    alert = heard(message(info(area(A)) + info(area(B), response="Prepare", urgency="Expected")))
    assert zones(alert) == {"take_cover": {"A"}, "prepare": {"B"}}


def test_one_area_told_in_several_languages_is_one() -> None:
    swahili = info(event="Tahadhari", urgency="Expected", response="Prepare", language="sw")
    alert = heard(message(info(urgency="Expected", response="Prepare") + swahili))
    assert zones(alert) == {"prepare": {"A"}} and alert.complete and not alert.unused


def test_a_sound_polygon_is_warned_and_the_bad_one_is_named() -> None:
    alert = heard(message(info(area(A, "50.02,30.32 50.18,30.48"))))
    assert zones(alert) == {"take_cover": {"A"}} and not alert.complete
    assert "polygon of 2 points" in alert.unused[0]


def test_blanks_after_commas_lose_nobody() -> None:
    assert zones(heard(message(info(area(A, B.replace(",", ", ")))))) == {"take_cover": {"A", "B"}}


@pytest.mark.parametrize("expires", ["2026-03-01T04:00:00", "soon"])
def test_an_end_that_cannot_be_read_is_taken_as_none(expires: str) -> None:
    alert = heard(message(info(expires=expires)))
    assert alert.parts[0].expires is None and alert.parts[0].zones == ("A",) and "expires" in alert.unused[0]


@pytest.mark.parametrize(
    ("codes", "meant"),
    [
        ([("EMMA_ID", "UA001")], {"A"}),
        ([("emma id", "ua001")], {"A"}),
        ([("tocsin-zone", "B"), ("EMMA_ID", "UA001")], {"B"}),
        ([("ISO3166-2", "UA-32")], {"A", "B"}),
        ([("ISO 3166-2", "C")], {"C"}),
    ],
)
def test_an_area_without_an_outline_is_placed_by_codes_that_zones_are_known_by(
    codes: list[tuple[str, str]], meant: set[str]
) -> None:
    alert = heard(message(info(area(codes=codes))))
    assert zones(alert) == {"take_cover": meant} and alert.complete and not alert.unused


def test_a_short_number_is_no_zones_id_in_a_strangers_scheme() -> None:
    index = ZoneIndex([_zone("12", 30.0)])
    alert = Alert(id="1", time=AT, cap=message(info(area(codes=[("FIPS", "12")]))))
    assert understood(alert, index).parts == ()


def test_an_area_with_a_bad_outline_is_placed_by_its_code() -> None:
    alert = heard(message(info(area("50,30 51,31", codes=[("EMMA_ID", "UA001")]))))
    assert zones(alert) == {"take_cover": {"A"}}


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        (
            area(codes=[("EMMA_ID", "UA999")], name="Far"),
            "'Far' has no outline, and no zone has the code EMMA_ID UA999",
        ),
        (area(name="Nowhere"), "'Nowhere' has neither an outline nor a code"),
        ("", "'Air raid alert' names no area"),
    ],
)
def test_an_alert_that_cannot_be_placed_says_so(areas: str, said: str) -> None:
    alert = heard(message(info(areas)))
    assert alert.parts == () and not alert.complete
    assert any("could not be placed" in note and said in note for note in alert.unused)


def test_an_alert_about_somewhere_else_says_so_and_is_wholly_understood() -> None:
    alert = heard(message(info(area("10,10 10,11 11,11 10,10"))))
    assert alert.parts == () and alert.complete and alert.unused == ("its areas touch none of our zones",)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"event": "Flash flood"}, "not about an air raid"),
        ({"event": "Gale", "category": "Met"}, "not about an air raid"),
        ({"event": "Air raid drill"}, "a test or a drill"),
        ({"event": "Something", "urgency": "Expected"}, "not known as an air raid"),
        ({"event": "Something", "response": "Monitor"}, "not known as an air raid"),
        ({"event": "Something", "response": "AllClear", "urgency": "Past"}, "does not say what is over"),
        ({"event": "Alert", "codes": [("SAME", "TOR")]}, "not about an air raid"),
    ],
)
def test_what_is_not_acted_on_is_said(fields: dict[str, Any], said: str) -> None:
    alert = heard(message(info(**fields)))
    assert alert.parts == () and said in alert.unused[0]


REAL = [
    "Missile attack: exercise extreme caution, take shelter now",
    "Повітряна тривога. Навчання у школах припинено",
    "Drones approaching. Take shelter. Power cut expected",
    "Drones in the fog, take cover",
    "Air raid. This is no exercise",
    "Raketenangriff. Bitte Übung abbrechen",
    "Alarme aérienne, exercices scolaires suspendus",
    "Missile attack. The drill at the school is called off",
]


@pytest.mark.parametrize("text", REAL)
def test_a_word_of_a_drill_or_a_power_cut_silences_no_call_to_shelter_from_an_air_raid(text: str) -> None:
    told: list[dict[str, Any]] = [{"event": text}, {"event": "Alert", "headline": text}, {"headline": text}]
    for fields in some(told):
        for category in ("Safety", "Security"):
            alert = heard(message(info(category=category, **fields)))
            assert zones(alert) == {"take_cover": {"A"}} and alert.complete and not alert.unused, fields


def test_the_words_that_were_passed_over_are_told() -> None:
    for text, word in (("Drones in the fog, take cover", "fog"), (REAL[-1], "drill")):
        (note,) = heard(message(info(event=text))).noted
        assert repr(word) in note and "counts all the same" in note
    assert heard(message(info())).noted == ()


@pytest.mark.parametrize(
    "event",
    [
        "Air raid drill", "Учебная тревога", "навчальна тривога", "Навчальна повітряна тривога", "Drill: air raid",
        "EXERCISE Missile attack", "Air raid (drill)", "Air raid - exercise", "Air raid alert. Test only.",
        "Ćwiczenia: alarm lotniczy",
        "Air raid. This is a drill", "防空警报。试鸣", "Test. Drones. Take shelter now", "ירי רקטות וטילים - תרגיל",
    ],
)  # fmt: skip
def test_an_event_that_says_only_a_drill_is_one_however_loudly_it_calls(event: str) -> None:
    alert = heard(message(info(event=event, headline="Air raid alert. Take shelter now")))
    assert alert.parts == () and "a test or a drill" in alert.unused[0]


@pytest.mark.parametrize(
    ("event", "headline"),
    [
        ("Tornado warning", "Sirens sounding, take cover now"),
        ("Emergency", "Tornado. Sirens sounding, take cover now"),
        ("Flash flood", "Drones look for people on roofs"),
        ("Rocket launch closure", ""),
        ("Chemical accident", "Sirens, take shelter now"),
    ],
)
def test_a_storm_that_calls_to_shelter_at_once_is_no_air_raid(event: str, headline: str) -> None:
    alert = heard(message(info(event=event, headline=headline)))
    assert alert.parts == () and "not about an air raid" in alert.unused[0]


def test_without_a_call_to_shelter_at_once_a_drill_word_still_counts_and_so_does_a_code() -> None:
    told: list[dict[str, Any]] = [{"urgency": "Expected"}, {"response": "Monitor"}, {"codes": [("SAME", "RMT")]}]
    for fields in some(told):
        assert zones(heard(message(info(event=REAL[-1], **fields)))) == {}, fields


@pytest.mark.parametrize("status", ["Exercise", "Test", "System", "Draft"])
def test_an_exercise_raises_nobody_and_says_why(status: str) -> None:
    alert = heard(message(status=status))
    assert alert.asked == () and status in alert.unused[0]


def test_an_unknown_event_that_calls_to_shelter_at_once_counts() -> None:
    assert zones(heard(message(info(event="Hatari")))) == {"take_cover": {"A"}}


def test_the_end_of_an_alert_raises_nobody() -> None:
    for event in ("Відбій повітряної тривоги", "Air raid all clear", "האירוע הסתיים"):
        assert zones(heard(message(info(event=event, response="", urgency="Unknown")))) == {"all_clear": {"A"}}


@pytest.mark.parametrize(
    "text",
    [
        "Повітряна тривога, відбою не було", "Повітряна тривога, відбій не оголошено",
        "Відбій повітряної тривоги ще не оголошено",
        "Воздушная тревога: отбой не объявлен", "Air raid: the all clear has not been given",
        "Luftalarm: keine Entwarnung",
        "Повітряна тривога. Перебувайте в укритті до відбою", "Alert in the air: air raid, no all clear yet",
    ],
)  # fmt: skip
def test_an_all_clear_that_is_denied_ends_nothing(text: str) -> None:
    for fields in ({"event": text}, {"headline": text}):
        said: dict[str, Any] = {**fields, "response": "", "urgency": "Unknown"}
        assert zones(heard(message(info(**said)))) == {"prepare": {"A"}}
    assert zones(heard(message(info(event="відбою не було", response="", urgency="Unknown")))) == {}


def test_an_all_clear_that_still_calls_to_shelter_is_no_all_clear() -> None:
    assert zones(heard(message(info(event="Air raid alert over Kyiv: all clear elsewhere")))) == {"take_cover": {"A"}}


@pytest.mark.parametrize("infos", ["", info(""), info(event="End of alert"), info(event="Flood")])
def test_a_cancel_names_what_it_ends_whatever_else_it_holds(infos: str) -> None:
    alert = heard(message(infos, kind="Cancel", references="n@example.org,n0,2026-03-01T02:00:00+00:00"))
    assert alert.message == "Cancel" and alert.ends == ("n0",) and alert.parts == ()


def test_a_cancel_that_names_nothing_is_an_all_clear_in_its_areas() -> None:
    assert zones(heard(message(kind="Cancel"))) == {"all_clear": {"A"}}


@pytest.mark.parametrize(
    ("references", "ends", "said"),
    [
        ("n@example.org,n0", ("n0",), ""),
        ("N@Example.org,n0,2026-03-01T02:00:00+00:00", ("n0",), ""),
        ("n@example.org,n0,", ("n0",), ""),
        ("n0", (), "'n0' cannot be read"),
        ("n@example.org,n0,2026-03-01,02:00 n@example.org,n1", ("n1",), "cannot be read"),
        (",n0,2026-03-01T02:00:00+00:00", (), "other senders"),
        ("other@example.org,n0,2026-03-01T02:00:00+00:00", (), "other senders"),
        (" ", (), "name no message"),
    ],
)
def test_a_cancel_with_references_touches_what_they_name_and_never_its_areas(
    references: str, ends: tuple[str, ...], said: str
) -> None:
    alert = heard(message(kind="Cancel", references=references))
    assert alert.parts == () and alert.ends == ends
    assert said in "; ".join(alert.unused) and bool(said) == bool(alert.unused)


def test_references_to_other_senders_touch_nothing_and_say_so() -> None:
    alert = heard(message("", kind="Cancel", references="other@example.org,n0,2026-03-01T02:00:00+00:00"))
    assert alert.ends == () and any("other senders" in note for note in alert.unused)


def test_an_update_whose_event_is_not_known_is_not_whole() -> None:
    reference = "n@example.org,n0,2026-03-01T02:00:00+00:00"
    alert = heard(message(info(event="Something", urgency="Expected"), kind="Update", references=reference))
    assert not alert.complete


def test_a_message_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadRecord, match="not a CAP message"):
        heard("<alert/>")


_RNG = np.random.default_rng(7)


def _points(count: int, decimals: int) -> str:
    points = [f"{lat:.{decimals}f},{lon:.{decimals}f}" for lat, lon in _RNG.uniform([48, 30], [52.4, 38.8], (count, 2))]
    return " ".join([*points, points[0]])


def _many(text: str, most: int = 1_900_000) -> str:
    return text * (most // len(text))


@pytest.mark.parametrize(
    "infos",
    [
        info(area(_points(290, 1))),
        info(area(_points(150_000, 2))),
        info(area(*(_points(3, 3) for _ in range(60)), *["49.5,31 49.5,31.001 49.501,31 49.5,31"] * 1_900) * 10),
        info(_many(area(_points(600, 1)))),
        info(area(circles=[f"{45 + k / 100},30 {500 + k}" for k in range(1_900)])),
        _many(info(area(_points(500, 1))), 1_500_000)[: 199 * len(info(area(_points(500, 1))))],
        "".join(info(area(A), event=f"drone missile א{k} " * 30, headline=f"rocket ב{k} " * 30) for k in range(190)),
        info(area(codes=[(f"s{k}", str(k)) for k in range(1_900)]) * 10),
    ],
    ids=["star", "huge", "small", "stars", "circles", "blocks", "words", "codes"],
)
def test_no_message_takes_long_however_it_is_drawn(infos: str) -> None:
    places = [(30 + 0.2 * i, 48 + 0.1 * j) for i in range(44) for j in range(43)]
    rings = [((x, y), (x + 0.2, y), (x + 0.2, y + 0.1), (x, y + 0.1), (x, y)) for x, y in places]
    index = ZoneIndex([Zone(id=f"z{n}", name="z", polygons=((ring,),)) for n, ring in enumerate(rings)])
    understood(Alert(id="1", time=AT, cap=message()), index)
    text = message(infos)
    begin = time.process_time()
    with suppress(BadRecord):
        understood(Alert(id="1", time=AT, cap=text), index)
    # A second of one processor is the aim; one that counts branches takes four. The first of these once took minutes.
    assert time.process_time() - begin < 12.0


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ("50.02,30.02 50.02,30.18 50.18,30.18 50.18,30.02", "was open"),
        ("50.02,30.02 50.18,30.18 50.18,30.02 50.02,30.18 50.02,30.02", "crosses or touches itself"),
    ],
)
def test_an_open_or_a_crossed_outline_counts_and_is_told(outline: str, said: str) -> None:
    alert = heard(message(info(area(outline, B, name="north"))))
    assert zones(alert) == {"take_cover": {"A", "B"}} and alert.complete and not alert.unused
    (note,) = alert.noted
    assert said in note and "'north'" in note
    assert heard(message(info(area(A, B)))).noted == ()


def test_looking_for_crossed_outlines_costs_no_more_than_it_may() -> None:
    # Teeth side by side that never cross: each must be compared with every other.
    teeth = [f"{50 + n % 2},{31 + 1e-5 * n + n % 2:.5f}" for n in range(20_000)]
    begun_s = time.process_time()
    alert = heard(message(info(area(" ".join([*teeth, "49,33", "49,31"]), A))))
    assert "A" in zones(alert)["take_cover"] and time.process_time() - begun_s < 2.0


def test_a_circle_round_half_the_earth_is_asked_about() -> None:
    (note,) = heard(message(info(area(circles=["50.1,30.1 20000"])))).noted
    assert "20000 km" in note and "metres" in note
    assert heard(message(info(area(circles=["50.1,30.1 20"])))).noted == ()


@pytest.mark.parametrize(("sent", "ahead"), [("2026-03-02T03:00:00+00:00", "86400 s"), ("9026-03-01T03:00:00Z", " s")])
def test_a_message_from_the_future_is_told(sent: str, ahead: str) -> None:
    alert = heard(message(sent=sent))
    (note,) = alert.noted
    assert f"{ahead} in the future" in note and zones(alert) == {"take_cover": {"A"}}
    assert heard(message(sent="2026-03-01T03:00:59+00:00")).noted == ()


def test_a_cancel_that_names_others_beside_its_own_is_told() -> None:
    names = "n@example.org,n0,2026-03-01T02:00:00+00:00 m@example.org,m0,2026-03-01T02:00:00+00:00"
    alert = heard(message("", kind="Cancel", references=names))
    assert alert.ends == ("n0",) and "1 that other senders sent" in alert.unused[0]


@pytest.mark.parametrize(("part", "touched"), [(0.99, False), (1.01, True)])
def test_a_circle_reaches_as_many_kilometres_as_it_says(part: float, touched: bool) -> None:
    # From a place east of C to the middle of its eastern edge, by others' geodesy.
    _, _, away_m = Geod(ellps="WGS84").inv(31.0, 50.1, 30.8, 50.1)
    alert = heard(message(info(area(circles=[f"50.1,31.0 {part * away_m / 1_000:.4f}"]))))
    assert zones(alert) == ({"take_cover": {"C"}} if touched else {})


def test_each_block_has_its_own_end() -> None:
    later = "2026-03-01T05:00:00+00:00"
    alert = heard(message(info(area(A)) + info(area(B), expires=later)))
    assert {part.zones: part.expires and part.expires.hour for part in alert.parts} == {("A",): 4, ("B",): 5}


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"response": "Shelter", "urgency": "Expected"}, "take_cover"),
        ({"response": "", "urgency": "Immediate"}, "take_cover"),
        ({"response": "Prepare", "urgency": "Expected"}, "prepare"),
        ({"response": "", "urgency": "Future"}, "prepare"),
        ({"response": "AllClear", "urgency": "Unknown"}, "all_clear"),
        ({"response": "", "urgency": "Past"}, "all_clear"),
        # A neighbour's words that name an end do not outweigh a call to shelter, nor one that is immediate.
        ({"headline": "all clear", "response": "Shelter", "urgency": "Unknown"}, "take_cover"),
        ({"headline": "all clear", "response": "", "urgency": "Immediate"}, "take_cover"),
        ({"headline": "all clear", "response": "", "urgency": "Unknown"}, "all_clear"),
    ],
)
def test_what_an_air_raid_alert_asks_follows_its_response_and_urgency(fields: dict[str, Any], level: str) -> None:
    assert zones(heard(message(info(**fields)))) == {level: {"A"}}


def test_our_own_level_is_taken_at_its_word_except_in_a_drill() -> None:
    own = "<parameter><valueName>tocsin-level</valueName><value>prepare</value></parameter>"
    assert zones(heard(message(info().replace("<area>", own + "<area>")))) == {"prepare": {"A"}}
    drill = info(event="Air raid drill").replace("<area>", own + "<area>")
    assert zones(heard(message(drill))) == {}
    unknown = info().replace("<area>", own.replace("prepare", "panic") + "<area>")
    assert zones(heard(message(unknown))) == {"take_cover": {"A"}}


@pytest.mark.parametrize(("event", "level"), [("Air raid drill", None), ("Flood", None), ("Air raid", "all_clear")])
def test_a_cancel_without_names_ends_an_air_raid_and_nothing_else(event: str, level: str | None) -> None:
    assert zones(heard(message(info(event=event), kind="Cancel"))) == ({level: {"A"}} if level else {})


def test_an_all_clear_that_cannot_be_placed_spoils_nothing_and_a_warning_that_cannot_makes_it_incomplete() -> None:
    clear = info(area(name="Nowhere"), response="AllClear", urgency="Past")
    assert heard(message(info() + clear)).complete
    for urgency, response in (("Immediate", "Shelter"), ("Expected", "Prepare")):
        for lost in (area(name="Nowhere"), ""):
            assert not heard(message(info() + info(lost, urgency=urgency, response=response))).complete


def test_an_alert_refers_to_nothing_and_a_long_name_is_no_name() -> None:
    reference = "n@example.org,n0,2026-03-01T02:00:00+00:00"
    assert heard(message(references=reference)).ends == ()
    assert heard(message(kind="Update", references=reference.replace("n0", "n" * 501))).ends == ()
    assert heard(message(kind="Update", references=reference.replace("n0", "n" * 500))).ends == ("n" * 500,)
    for field in ("identifier", "sender"):
        assert heard(message(**{field: "x" * 500})).asked
        with pytest.raises(BadRecord, match="500 characters"):
            heard(message(**{field: "x" * 501}))


def test_what_is_wholly_understood_and_what_is_not() -> None:
    reference = "n@example.org,n0,2026-03-01T02:00:00+00:00"
    assert not heard(message("", kind="Update", references=reference)).complete, "it says nothing"
    over = info(event="Something", response="AllClear", urgency="Past")
    assert heard(message(info() + over)).complete, "what is over asks for nothing"
    assert not heard(message(info() + info(event="Something", urgency="Expected"))).complete


def test_a_clock_that_is_a_minute_ahead_is_no_news() -> None:
    assert heard(message(sent="2026-03-01T03:01:00+00:00")).noted == ()
    assert heard(message(sent="2026-03-01T03:01:01+00:00")).noted != ()


def test_where_one_outline_cannot_be_read_the_codes_count_beside_the_others() -> None:
    code = [("EMMA_ID", "UA001")]
    assert zones(heard(message(info(area(B, "50,30 51,31", codes=code))))) == {"take_cover": {"A", "B"}}
    assert zones(heard(message(info(area(B, codes=code))))) == {"take_cover": {"B"}}


@pytest.mark.parametrize(("radius_km", "odd"), [(1_000, 0), (1_001, 1)])
def test_a_circle_wider_than_a_country_is_asked_about(radius_km: float, odd: int) -> None:
    assert len(heard(message(info(area(circles=[f"50.1,30.1 {radius_km}"])))).noted) == odd
