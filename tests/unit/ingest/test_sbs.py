"""Lines of a BaseStation feed, as receivers in the field send them: whole, cut, joined and made up."""

from __future__ import annotations

import pytest

from tests.some import some
from tests.unit.ingest.served import served
from tocsin.ingest import tcp
from tocsin.ingest.joined import JOIN_S_MAX, Joined, Recent
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.sbs import SbsReader, SbsSource
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Position

NOW_S = 1_767_225_600.0
PLACES = {"callsign": 10, "feet": 11, "knots": 12, "track": 13, "lat": 14, "lon": 15, "ground": 21}
PLACED = {"feet": "1000", "lat": "-45.5", "lon": "-16.25"}


def line(fields: dict[str, str] | None = None, *, kind: int | str = 3, address: str = "4CA123") -> bytes:
    """An SBS line; fields by what they say."""
    parts = ["MSG", str(kind), "1", "1", address, "1", *[""] * 16]
    for name, value in (fields or {}).items():
        parts[PLACES[name]] = value
    return ",".join(parts).encode()


class Feed:
    """A reader with its account."""

    def __init__(self) -> None:
        self.rejects = Rejects()
        self.reader = SbsReader("sky", self.rejects)

    def __call__(self, text: bytes, at_s: float = NOW_S) -> Position | None:
        found = self.reader.read(text, at_s)
        assert self.rejects.account.balanced
        return found

    def place(self, text: bytes, at_s: float = NOW_S) -> Position:
        found = self(text, at_s)
        assert found is not None
        return found


def test_an_sbs_line_is_told_in_metres_and_metres_a_second() -> None:
    feed = Feed()
    assert feed(line({"knots": "360", "track": "-10"}, kind=4)) is None
    one = feed.place(line(PLACED), NOW_S + 1)
    assert (one.lat, one.lon, one.altitude_m) == (-45.5, -16.25, 304.8)
    assert one.speed_mps == pytest.approx(185.2)
    assert one.heading_deg == 350.0
    assert (one.time.timestamp(), one.cooperative, one.icao24) == (NOW_S + 1, True, "4ca123")


@pytest.mark.parametrize(
    ("kind", "change"),
    [(2, {}), (4, {}), (3, {"lat": "", "lon": ""}), (3, {"ground": "-1"}), (3, {"ground": "1"})],
)
def test_a_sound_line_without_a_place_in_the_air_is_passed_over(kind: int, change: dict[str, str]) -> None:
    feed = Feed()
    assert feed(line(PLACED | change, kind=kind)) is None
    assert (feed.rejects.total, feed.rejects.account.passed_over) == (0, 1)
    assert feed(line(PLACED | {"ground": "0"})) is not None


@pytest.mark.parametrize("kind", ["SEL", "ID", "AIR", "STA", "CLK", "MLAT"])
def test_lines_that_are_no_message_of_an_aircraft_are_passed_over_by_name(kind: str) -> None:
    feed = Feed()
    for text in (kind.encode() + line(PLACED)[3:], kind.encode() + b",,1,1,4CA123,1"):
        assert feed(text) is None
    assert feed.rejects.passed_over == {f"an SBS line of {kind}": 2}


def joined(first: bytes, second: bytes) -> bytes:
    return first + second


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"garbage line", "begins with 'garbage line'"),
        (b"S" + line(PLACED)[2:], "begins with 'SG'"),
        (line(PLACED)[5:], "begins with '3'"),
        (b"\xff\xfe\x00MSG,3", "not an SBS line"),
        (b"MSG", "1 fields in an SBS line"),
        (line(PLACED)[:-8], "fields in an SBS line, which has 22"),
        (line(PLACED) + b",,", "24 fields"),
        (joined(line(PLACED), line(PLACED)), "43 fields in an SBS line, which has 22; are two lines joined"),
        (joined(line(PLACED)[:10], line(PLACED)), "fields in an SBS line"),
        (line(PLACED | {"lat": "50,123", "lon": "30,456"}), "decimals written with commas"),
        (line(PLACED | {"lat": "50,123"}), "23 fields"),
        (line(PLACED, kind=9), "type '9'"),
        (line(PLACED, kind=""), "type ''"),
        (line(PLACED, address="XYZ123"), "six hexadecimal digits"),
        (line(PLACED, address="4CA1"), "six hexadecimal digits"),
        (line(PLACED, address="000000"), "nobody's"),
        (line(PLACED | {"lat": "0", "lon": "0.0"}), "no place"),
        (line(PLACED | {"lat": "95"}), "lat is 95"),
        (line(PLACED | {"lon": "-180.1"}), "lon is -180.1"),
        (line(PLACED | {"lat": "nan"}), "lat is 'nan'"),
        (line(PLACED | {"lon": "inf"}), "lon is 'inf'"),
        (line(PLACED | {"lat": "1_0"}), "lat is '1_0'"),
        (line(PLACED | {"lat": ""}), "lat is missing"),
    ],
)
def test_a_line_that_is_none_is_rejected_with_its_reason_and_places_nothing(text: bytes, reason: str) -> None:
    feed = Feed()
    assert feed(text) is None
    assert feed.rejects.total == 1
    (said, values) = next(iter(feed.rejects.counts)), feed.rejects.values
    assert _same(reason, said) or reason in str(values), (said, values)
    assert feed(line(PLACED)) is not None


def _same(reason: str, said: str) -> bool:
    rejects = Rejects()
    rejects.count(reason)
    return next(iter(rejects.counts)) in said


@pytest.mark.parametrize("speed", ["99999", "nan", "-5", "1e999", "fast", "4e2x"])
def test_one_absurd_speed_costs_itself_and_no_position_of_its_aircraft(speed: str) -> None:
    feed = Feed()
    feed(line({"knots": speed, "track": "90"}, kind=4))
    assert feed.rejects.total == 1
    assert feed.place(line(PLACED), NOW_S + 1).speed_mps is None
    feed(line({"knots": "400", "track": "90"}, kind=4), NOW_S + 2)
    feed(line({"knots": speed, "track": "90"}, kind=4), NOW_S + 3)
    assert feed.place(line(PLACED), NOW_S + 4).heading_deg == 90.0


@pytest.mark.parametrize(
    "bad",
    [
        {"feet": "high"},
        {"feet": "999999"},
        {"knots": "99999", "track": "90"},
        {"knots": "1", "track": "999"},
        {"callsign": "a,"},
    ],
)
def test_a_bad_value_beside_a_place_is_left_out_and_counted(bad: dict[str, str]) -> None:
    feed = Feed()
    one = feed.place(line(PLACED | {name: value.replace(",", "\x01") for name, value in bad.items()}))
    assert (one.speed_mps, one.callsign, one.altitude_m is None) == (None, None, "feet" in bad)
    assert (feed.rejects.total, sum(feed.rejects.left_out.values())) == (0, 1)


@pytest.mark.parametrize(("later_s", "joined"), [(JOIN_S_MAX, True), (JOIN_S_MAX + 0.1, False)])
def test_what_was_said_once_holds_for_a_minute_though_places_go_on(later_s: float, joined: bool) -> None:
    feed = Feed()
    feed(line({"callsign": "RYR1"}, kind=1))
    feed(line({"knots": "400", "track": "90"}, kind=4))
    assert feed.place(line(PLACED, address="4CA124")).callsign is None
    for second in range(int(later_s)):
        assert feed.place(line(PLACED), NOW_S + second).callsign == "RYR1"
    one = feed.place(line(PLACED), NOW_S + later_s)
    assert (one.callsign, one.heading_deg) == (("RYR1", 90.0) if joined else (None, None))


def test_a_place_without_a_height_is_a_place() -> None:
    assert Feed().place(line(PLACED | {"feet": ""})).altitude_m is None


def test_speed_without_a_course_is_no_motion() -> None:
    feed = Feed()
    feed(line({"knots": "400"}, kind=4))
    assert feed.place(line(PLACED)).speed_mps is None


def test_an_address_that_is_not_icao_s_is_passed_over() -> None:
    feed = Feed()
    assert feed(line(PLACED, address="~4CA123")) is None
    assert feed.rejects.passed_over == {"an address that is not ICAO's": 1}


def test_of_too_many_aircraft_the_one_heard_least_recently_is_forgotten() -> None:
    recent = Recent(Joined, most=2)
    for address in ("4ca121", "4ca122"):
        recent.of(address).called(address, NOW_S)
    recent.of("4ca121")
    recent.of("4ca123")
    assert [recent.of(address).callsign for address in ("4ca121", "4ca122")] == ["4ca121", None]


def test_the_same_line_in_the_same_millisecond_is_one_observation_and_another_is_another() -> None:
    feed = Feed()
    first, again, other = (feed.place(line(one)) for one in (PLACED, PLACED, PLACED | {"lat": "-45.6"}))
    later = feed.place(line(PLACED), NOW_S + 0.001)
    assert first.id == again.id
    assert len({first.id, other.id, later.id}) == 3


@pytest.mark.parametrize("lengths", [(1_001,), (1_500,), (2_500,), (200_000,), (1_500, 3_000, 1_200)])
def test_lines_too_long_cost_themselves_and_not_the_connection(lengths: tuple[int, ...]) -> None:
    rejects = Rejects()
    long = b"".join(b"x" * length + b"\n" for length in lengths)
    text = line(PLACED) + b"\r\n" + long + b"\xef\xbb\xbf" + line(PLACED | {"lat": "-46"}) + b"\n"
    assert [one.lat for one in some(served(SbsSource, text, 2, rejects)) if isinstance(one, Position)] == [-45.5, -46.0]
    assert (rejects.total, rejects.account.balanced) == (len(lengths), True)


def test_a_feed_that_never_places_an_aircraft_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "SILENT_S", -1.0)
    with pytest.raises(BadRecord, match="none with the place of an aircraft in the air, such as b'MLAT,3"):
        served(SbsSource, b"MLAT" + line(PLACED)[3:] + b"\n", 1, Rejects())
