"""What each kind of ASTERIX record is taken for, and what of it is left out."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from tests.some import some
from tests.unit.ingest.asterix_bytes import block, north_034, placed_034, plot_048
from tocsin.earth.frames import LocalFrame
from tocsin.ingest.asterix.layouts import PROFILES, TITLES
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.rejects import Rejects
from tocsin.model.observation import Bearing, Plot, Position, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import seconds_of
from tocsin.track.report_rows import ALTITUDE, row_of

RADAR = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2))
CAMERA = Sensor(id="mast", kind="radar", lat=45, lon=17, asterix=(7, 8), sigma_azimuth_deg=0.5)
HERE = struct.pack(">ii", round(45.5 * (1 << 31) / 180), round(-16.25 * (1 << 31) / 180))


def read(data: bytes, rejects: Rejects, sensor: Sensor = RADAR) -> list[Any]:
    return list(AsterixReader((sensor, CAMERA), rejects).read(data, None, "test"))


def plot_with_level(level: int, *, range_nm: float = 50.0) -> bytes:
    """A plot of category 048 with its height in quarters of a flight level (items 010, 140, 020, 040, 090)."""
    polar = struct.pack(">HH", round(range_nm * 256), 64)
    return block(48, bytes([0b11110100, 1, 2, 0, 0, 0, 0x40]) + polar + struct.pack(">H", level & 0x3FFF))


def incs(message: int, target: int, *, place: bytes = b"", far: bytes = b"", azimuth: bytes = b"") -> bytes:
    """A record of category 015: items 010, 000, 020, 145, and of 600, 625, 627 what is given (with their parts)."""
    present = [1, 1, 0, 1, 0, 1, 0, *[0] * 5, bool(place), 0, *[0] * 5, bool(far), 0, bool(azimuth), *[0] * 6]
    octets = [sum(bit << 7 - n for n, bit in enumerate(present[start : start + 7])) for start in range(0, 28, 7)]
    octets = octets[: 4 if azimuth else 3 if far else 2]
    header = bytes(octet | (n < len(octets) - 1) for n, octet in enumerate(octets))
    return header + bytes([7, 8, message << 1, target]) + (3 * 128).to_bytes(3, "big") + place + far + azimuth


@pytest.mark.parametrize(
    ("level", "range_nm", "altitude_m"),
    [
        (1_200, 50.0, 9_144.0),
        # Two's complement of -40 is a little under the sea, as the air pressure has it.
        (-40, 50.0, -304.8),
        (-8_192, 50.0, None),
        (8_191, 50.0, 62_415.42),
        # 62 km above a radar that is 9 km away.
        (8_191, 5.0, None),
    ],
)
def test_a_plot_whose_height_cannot_be_true_keeps_its_range_and_azimuth(
    level: int, range_nm: float, altitude_m: float | None
) -> None:
    rejects = Rejects()
    (plot,) = read(plot_with_level(level, range_nm=range_nm), rejects)
    assert isinstance(plot, Plot) and plot.range_m == pytest.approx(range_nm * 1_852)
    assert plot.altitude_m == (None if altitude_m is None else pytest.approx(altitude_m))
    assert sum(rejects.left_out.values()) == (altitude_m is None)
    assert rejects.account == (1, 1, 0, 0)


def test_the_ground_range_of_a_radar_says_nothing_of_a_height() -> None:
    flat = Sensor(id="hill", kind="radar", lat=45, lon=16, asterix=(1, 2), range_kind="ground")
    (plot,) = read(plot_with_level(1_600, range_nm=1.0), Rejects(), flat)
    assert plot.altitude_m == pytest.approx(12_192)


def test_a_system_track_without_a_height_is_a_position_whose_height_nobody_knows() -> None:
    place = struct.pack(">ii", round(45.5 * (1 << 25) / 180), round(-16.25 * (1 << 25) / 180))
    rejects = Rejects()
    (position,) = read(block(62, bytes([0b10011000, 5, 6, 0, 0, 128]) + place), rejects)
    assert isinstance(position, Position) and position.altitude_m is None
    assert position.lat == pytest.approx(45.5, abs=1e-5) and rejects.account == (1, 1, 0, 0)
    row = row_of(position, 0, (), LocalFrame(45, 16))
    assert row is not None and row[ALTITUDE] != row[ALTITUDE]


@pytest.mark.parametrize(("heights", "altitude_m"), [(b"", None), (b"\x7f\xff", None), (b"\x06\x40", 3_048.0)])
def test_an_ads_b_report_without_a_height_or_higher_than_it_can_say_is_a_position(
    heights: bytes, altitude_m: float | None
) -> None:
    # Items 010, 131 (bit 7), 080 (11), 073 (12) and 140 (16).
    header = bytes([0b10000011, 0b00011001 if heights else 0b00011000]) + (b"\x40" if heights else b"")
    record = header + bytes([5, 6]) + struct.pack(">ii", 1 << 28, 1 << 27) + b"\xab\xcd\xef" + b"\x00\x00\x80" + heights
    (position,) = read(block(21, record), Rejects())
    assert position.icao24 == "abcdef" and position.cooperative
    assert position.altitude_m == (None if altitude_m is None else pytest.approx(altitude_m))


def test_a_passive_sensor_s_target_with_a_place_is_a_position() -> None:
    rejects = Rejects()
    spread = bytes([0b10100000]) + HERE + struct.pack(">HHb", 400, 400, 0)
    (one,) = read(block(15, incs(4, 0x40, place=spread)), rejects)
    assert isinstance(one, Position) and not one.cooperative
    assert [one.lat, one.lon] == pytest.approx([45.5, -16.25], abs=1e-6)
    assert one.sigma_m == pytest.approx(100.0) and one.altitude_m is None and seconds_of(one.time) == 3.0


def test_a_direction_of_a_camera_is_a_bearing_and_of_a_sensor_in_one_place_with_range_a_plot() -> None:
    direction, far = b"\x80\x20\x00", b"\x80\x00\xc3\x50"
    (bearing,) = read(block(15, incs(3, 0x00, azimuth=direction)), Rejects())
    assert isinstance(bearing, Bearing)
    assert (bearing.sensor, bearing.azimuth_deg, bearing.sigma_deg) == ("mast", 45.0, 0.5)
    (own,) = read(block(15, incs(3, 0x00, azimuth=b"\xa0\x20\x00\x05\xb0")), Rejects())
    assert own.sigma_deg == pytest.approx(1.0, abs=0.001)
    (plot,) = read(block(15, incs(3, 0x00, far=far, azimuth=direction)), Rejects())
    assert isinstance(plot, Plot) and (plot.sensor, plot.range_m, plot.azimuth_deg) == ("mast", 5_000.0, 45.0)
    # Of one that listens to other people's transmitters the range is a difference of ways.
    (listens,) = read(block(15, incs(3, 0x40, far=far, azimuth=direction)), Rejects())
    assert isinstance(listens, Bearing)


@pytest.mark.parametrize(
    ("record", "account", "why"),
    [
        (incs(1, 0x40, azimuth=b"\x80\x20\x00"), (1, 0, 0, 1), "one transmitter and receiver"),
        (incs(5, 0x40), (1, 0, 0, 1), "a track has ended"),
        (incs(3, 0x70, azimuth=b"\x80\x20\x00"), (1, 0, 1, 0), "a simulated or test target"),
        (incs(3, 0x10, azimuth=b"\x80\x20\x00"), (1, 0, 1, 0), "a reference target"),
        (incs(3, 0x40), (1, 0, 1, 0), "without position or azimuth"),
    ],
)
def test_what_is_no_target_of_a_passive_sensor_is_counted_with_its_reason(
    record: bytes, account: tuple[int, ...], why: str
) -> None:
    rejects = Rejects()
    assert read(block(15, record), rejects) == []
    assert rejects.account == account and why in rejects.summary()


@pytest.mark.parametrize("category", sorted(set(TITLES) - set(PROFILES)))
def test_every_category_that_is_not_read_is_passed_over_by_its_name(category: int) -> None:
    rejects = Rejects()
    assert len(read(plot_048(1) + block(category, b"\x80\x01\x02") + plot_048(2), rejects)) == 2
    assert rejects.passed_over == {f"a block of ASTERIX category {category:03} ({TITLES[category]})": 1}
    assert rejects.account == (3, 2, 0, 1)


def test_a_radar_that_says_it_stands_elsewhere_is_named_once_and_the_sensors_file_counts() -> None:
    rejects = Rejects()
    found = read(3 * placed_034(45.1, 16.0) + plot_048(1), rejects)
    assert [type(one) for one in found] == [Status, Status, Status, Plot]
    (said,) = rejects.noticed
    assert "sensor hill" in said and "45.09999, 16.00000" in said and "11.1 km" in said and said in rejects.summary()


def test_a_damaged_place_of_a_radar_hides_no_true_one_and_a_place_said_once_is_none() -> None:
    rejects = Rejects()
    read(placed_034(-80.0, 3.0) + placed_034(45.1, 16.0), rejects)
    assert not rejects.noticed
    # One that moves is told again, one that never stands still three times.
    read(b"".join(2 * placed_034(lat, 16.0) for lat in (45.1, 45.1, 45.2, 45.3, 45.4)), rejects)
    assert [one.split(" km ")[0].split()[-1] for one in rejects.noticed] == ["11.1", "22.2", "33.3"]


@pytest.mark.parametrize(("lat", "lon"), [(45.005, 16.005), (45.0, 16.0), (95.0, 16.0)])
def test_a_radar_that_stands_where_the_file_has_it_or_says_nonsense_is_nothing_to_tell_of(
    lat: float, lon: float
) -> None:
    rejects = Rejects()
    assert len(read(2 * placed_034(lat, lon), rejects)) == 2
    assert rejects.noticed == ()


def test_service_messages_keep_the_clock_and_are_counted_as_used() -> None:
    rejects = Rejects()
    # A sector is no north mark.
    sector = block(34, bytes([0b11100000, 1, 2, 2, 0, 0, 128]))
    stranger = north_034(sac=9, sic=9)
    assert len(read(north_034() + sector + stranger, rejects)) == 1
    assert rejects.account == (3, 2, 0, 1)


def test_how_a_passive_system_is_set_up_does_not_say_that_it_works() -> None:
    rejects = Rejects()
    # Items 010, 000 (1: its configuration) and 140 of category 016.
    assert read(block(16, bytes([0b10110000, 1, 2, 1, 0, 0, 128])), rejects) == []
    assert rejects.account == (1, 1, 0, 0)


def test_of_every_block_each_record_is_used_rejected_or_passed_over() -> None:
    rejects = Rejects()
    damaged = bytearray(plot_048(4))
    damaged[3] = 0xFF
    blocks = (
        plot_048(1),
        plot_048(2, sac=9),
        plot_with_level(-8_000),
        bytes(damaged),
        block(240, b"\1\2\3"),
        plot_048(5),
    )
    found = read(b"".join(blocks), rejects)
    assert len(found) == 3 and rejects.account.balanced
    assert rejects.account == (6, 3, 2, 1)
    assert all(some(part in rejects.summary() for part in ("9/2", "values left out", "category 240")))
