"""Raw messages of Mode S: what is published of them holds, and whatever else comes costs itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.some import some
from tests.unit.ingest.served import served
from tocsin.ingest import tcp
from tocsin.ingest.beast import BeastReader, BeastSource, Framing
from tocsin.ingest.cpr import PAIR_S_MAX, Half, place_of, zones_around
from tocsin.ingest.mode_s import remainder
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Position
from tocsin.model.wire import observation_from_json, to_json

NOW_S = 1_767_225_600.0
# Messages that textbooks show, with what they say.
EVEN, ODD = "8D40621D58C382D690C8AC2863A7", "8D40621D58C386435CC412692AD6"
NAMED, FAST = "8D4840D6202CC371C32CE0576098", "8D485020994409940838175B284F"
THROUGH_AIR = "8DA05F219B06B6AF189400CBC33F"


def frame(message: bytes | str, kind: str = "3", clock: bytes = b"\0\0\0\0\0\x1a") -> bytes:
    octets = bytes.fromhex(message) if isinstance(message, str) else message
    return b"\x1a" + kind.encode() + (clock + b"\x80" + octets).replace(b"\x1a", b"\x1a\x1a")


def squitter(content: int, *, address: int = 0x4CA123, head: int = 17 << 3 | 5) -> bytes:
    """A message with its parity."""
    octets = bytes([head]) + address.to_bytes(3, "big") + content.to_bytes(7, "big")
    return octets + remainder(octets + bytes(3)).to_bytes(3, "big")


def halves(lat: float, lon: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """How a transponder encodes a place, even and odd, by the standard's formulas."""
    found = []
    for odd in (0, 1):
        zone = 360 / (60 - odd)
        north = math.floor(2**17 * (lat % zone) / zone + 0.5)
        lat_there = zone * (north / 2**17 + math.floor(lat / zone))
        strip = 360 / max(zones_around(lat_there) - odd, 1)
        east = math.floor(2**17 * (lon % strip) / strip + 0.5)
        found.append((north % 2**17, east % 2**17))
    return found[0], found[1]


def airborne(
    lat: float, lon: float, *, odd: bool, kind: int = 11, altitude: int = 0xC38, address: int = 0x4CA123
) -> bytes:
    north, east = halves(lat, lon)[odd]
    return squitter(kind << 51 | altitude << 36 | odd << 34 | north << 17 | east, address=address)


class Feed:
    """A reader with its account."""

    def __init__(self) -> None:
        self.rejects = Rejects()
        self.reader = BeastReader("sky", self.rejects)

    def __call__(self, octets: bytes, at_s: float = NOW_S) -> list[Position]:
        found = self.reader.read(octets, at_s)
        assert self.rejects.account.balanced
        return [one for one in found if isinstance(one, Position)]


def test_the_place_that_textbooks_work_out_is_found() -> None:
    feed = Feed()
    assert feed(frame(ODD)) == []
    (one,) = feed(frame(EVEN), NOW_S + 1)
    assert (one.lat, one.lon) == pytest.approx((52.2572021484375, 3.91937255859375), abs=1e-9)
    assert one.altitude_m == pytest.approx(38_000 * 0.3048)
    assert one.sigma_m == pytest.approx(92.6 / 2.448)
    assert (one.icao24, one.cooperative, one.time.timestamp()) == ("40621d", True, NOW_S + 1)
    assert sum(feed.rejects.passed_over.values()) == 1


def test_callsign_and_motion_are_joined_to_the_next_place_for_a_minute() -> None:
    feed = Feed()
    named, fast = (int.from_bytes(bytes.fromhex(one)[4:11], "big") for one in (NAMED, FAST))
    for content in (named, fast):
        assert feed(frame(squitter(content))) == []
    first = feed(frame(airborne(50, 30, odd=True)) + frame(airborne(50, 30, odd=False)))[0]
    assert first.callsign == "KLM1023"
    assert first.speed_mps == pytest.approx(159.2 * 0.514444, abs=0.01)
    assert first.heading_deg == pytest.approx(182.88, abs=0.01)
    later = feed(frame(airborne(50, 30, odd=True)) + frame(airborne(50, 30, odd=False)), NOW_S + 61)[-1]
    assert (later.callsign, later.speed_mps) == (None, None)
    assert feed(frame(THROUGH_AIR)) == []


@given(st.floats(-89.9, 89.9), st.floats(-180, 179.99), st.booleans())
def test_a_place_comes_out_of_two_halves_as_it_went_in(lat: float, lon: float, odd_last: bool) -> None:
    even, odd = (Half(bool(n), *half, at_s=0.0) for n, half in enumerate(halves(lat, lon)))
    found = place_of(odd, even) if odd_last else place_of(even, odd)
    # Over a border between zones of longitude nobody can say.
    assume(found is not None)
    assert found is not None
    assert found[0] == pytest.approx(lat, abs=6 / 2**17)
    assert abs((found[1] - lon + 180) % 360 - 180) * math.cos(math.radians(lat)) < 1e-4


def test_over_a_border_between_zones_of_longitude_there_is_no_place() -> None:
    # At 10.4705 degrees 59 zones become 58.
    south, north = halves(10.4700, 30.0), halves(10.4710, 30.0)
    assert place_of(Half(True, *south[1], at_s=0.0), Half(False, *south[0], at_s=0.0)) is not None
    assert place_of(Half(True, *north[1], at_s=0.0), Half(False, *south[0], at_s=0.0)) is None


def test_halves_that_do_not_go_together_give_no_place() -> None:
    even, odd = (Half(bool(n), *half, at_s=0.0) for n, half in enumerate(halves(50.0, 30.0)))
    assert place_of(odd, even) is not None
    assert place_of(odd._replace(at_s=PAIR_S_MAX), even) is not None
    assert place_of(odd._replace(at_s=PAIR_S_MAX + 0.1), even) is None
    assert place_of(odd, even._replace(at_s=1.0)) is None
    assert place_of(even, even) is None


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (frame(b"\x20\x00", "1"), "Mode A/C"),
        (frame(b"\x5d" + bytes(6), "2"), "a short message of Mode S"),
        (frame(bytes(14), "4"), "a receiver's status"),
        (frame(b"\xa0" + bytes(13)), "Mode S, DF 20"),
        (frame(squitter(0, head=18 << 3 | 2)), "Mode S, DF 18 CF 2"),
        (frame(squitter(7 << 51)), "an aircraft on the ground"),
        (frame(squitter(28 << 51)), "ADS-B of type 28 without a place: what it says is joined to the next place"),
        (frame(EVEN, clock=b"\xff\0MLAT"), "a place that receivers computed (MLAT)"),
    ],
)
def test_what_gives_no_place_is_passed_over_by_name(octets: bytes, why: str) -> None:
    feed = Feed()
    assert feed(octets) == []
    assert feed.rejects.passed_over == {why: 1}


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (frame("8D40621D58C382D690C8AC2863A8"), "whose checksum does not hold"),
        (frame(squitter(0, address=0)), "nobody's"),
        (b"GET / HTTP/1.0\r\n\r\n", "octets between two Beast frames"),
        (b"\x1a\x1a", "octets between"),
        (frame(EVEN)[:9] + frame(NAMED), "octets between"),
        # A record of their own each, so many kept the event loop for 0.1 s.
        (b"\x1ax" * 4_096, "octets between"),
        (frame(squitter(1 << 51 | 0x3F << 42)), "callsign is"),
        (frame(squitter(19 << 51 | 2 << 48 | 0x3FF << 32 | 0x3FF << 21)), "speed is"),
    ],
)
def test_what_is_none_is_rejected_and_the_next_message_is_read(octets: bytes, reason: str) -> None:
    feed = Feed()
    assert feed(octets) == []
    assert feed.rejects.total == 1
    assert reason in next(iter(feed.rejects.counts))
    assert len(feed(frame(ODD) + frame(EVEN))) == 1


def test_a_place_that_an_aircraft_cannot_reach_is_rejected_and_the_next_is_believed() -> None:
    feed = Feed()
    pairs = [frame(airborne(lat, 30, odd=True)) + frame(airborne(lat, 30, odd=False)) for lat in (50.0, 55.0)]
    assert len(feed(pairs[0], NOW_S)) == 1
    assert feed(pairs[1], NOW_S + 20) == []
    assert feed.rejects.total == 1
    assert [round(one.lat) for one in feed(pairs[1], NOW_S + 21)] == [55]


def test_a_height_in_the_old_code_costs_itself() -> None:
    one = Feed()(frame(airborne(50, 30, odd=True)) + frame(airborne(50, 30, odd=False, altitude=0xC28)))[0]
    assert one.altitude_m is None


def test_a_place_of_no_known_accuracy_has_none() -> None:
    one = Feed()(frame(airborne(50, 30, odd=True)) + frame(airborne(50, 30, odd=False, kind=18)))[0]
    assert one.sigma_m is None


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([EVEN, ODD, NAMED, FAST]).map(frame) | st.binary(max_size=40), max_size=12),
    st.lists(st.integers(1, 50), min_size=1, max_size=20),
)
def test_whatever_comes_and_however_it_is_cut_every_frame_is_accounted_for(parts: list[bytes], cuts: list[int]) -> None:
    octets = b"".join(parts)
    feed = Feed()
    found: list[Position] = []
    rest, turn = octets, 0
    while rest:
        size = cuts[turn % len(cuts)]
        found += feed(rest[:size], NOW_S + turn)
        rest, turn = rest[size:], turn + 1
    assert [observation_from_json(to_json(one)) for one in found] == found
    assert feed.rejects.account.used == len(found)
    # Once a frame is whole nothing before it matters: two follow, and the place is found.
    clear = b"\x1a3" + b"\x01" * 60
    feed(clear)
    assert some(feed(frame(ODD) + frame(EVEN), NOW_S + 1_000))


@given(st.lists(st.binary(min_size=14, max_size=14), max_size=8), st.lists(st.integers(1, 30), min_size=1))
def test_frames_are_the_same_however_a_line_cuts_them(messages: list[bytes], cuts: list[int]) -> None:
    octets = b"".join(frame(one) for one in messages)
    framing, found, turn = Framing(), [], 0
    while octets:
        size = cuts[turn % len(cuts)]
        found += [one.message for one in framing.feed(octets[:size])]
        octets, turn = octets[size:], turn + 1
    assert found == messages


def test_a_port_that_serves_raw_messages_is_a_source(monkeypatch: pytest.MonkeyPatch) -> None:
    rejects = Rejects()
    octets = b"".join(map(frame, (NAMED, ODD, EVEN, ODD))) + b"?"
    assert [one.id[:10] for one in served(BeastSource, octets, 2, rejects)] == ["sky/40621d"] * 2
    monkeypatch.setattr(tcp, "SILENT_S", -1.0)
    with pytest.raises(BadRecord, match="is it a Beast port"):
        served(BeastSource, b"MSG,3,1,1,4CA123", 1, rejects)
