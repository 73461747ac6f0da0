"""What our ASTERIX reader makes of every number and flag, against libasterix: both signs, both ends, all flags."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reference.asterix_oracle import TWICE, flag, part_of, quantity, random_items, theirs
from tocsin.ingest.asterix.layouts import CAT_001_PLOT, CAT_001_TRACK, PROFILES
from tocsin.ingest.asterix.records import Record, records_of
from tocsin.ingest.asterix.reports import (
    callsign,
    passive_fields,
    place_of,
    plot_fields,
    position_fields,
    time_of_day_s,
    turn_s,
    unreal,
)
from tocsin.model.errors import BadRecord
from tocsin.model.observation import Bearing, Plot, Position

pytestmark = pytest.mark.reference
NAUTICAL_MILE_M, FOOT_M = 1_852, 0.3048
# Items without which there is no report, and those that are read; about them, whatever else a record may hold.
READ = {
    1: ("010", "020", "040", "070", "090"),
    2: ("010", "000", "030", "041"),
    15: ("010", "000", "020", "145", "170", "600", "601", "625", "627"),
    16: ("010", "000", "140", "400", "405"),
    21: ("010", "040", "080", "090", "130", "131", "140", "145", "160", "170", "071", "073", "075", "077"),
    34: ("010", "000", "030", "041", "120"),
    48: ("010", "020", "040", "070", "090", "110", "120", "140", "220"),
    62: ("010", "070", "080", "105", "130", "135", "136", "185", "245", "380", "500"),
}
RECORDS = 250
UNREAL = ("SIM", "TST", "RAB")


def made(category: int, seed: int = 0) -> Iterator[tuple[Record, Any]]:
    """Records made at random, as we take them apart and as libasterix does; each item that is read is in most."""
    chance = random.Random(category + seed)
    for _ in range(RECORDS):
        profile = PROFILES[category]
        if category == 1:
            profile = chance.choice((CAT_001_PLOT, CAT_001_TRACK))
        places = [n for n, item in enumerate(profile) if item is not None and item.name in READ[category]]
        always = tuple(n for n in places if n < 2 or chance.random() < 0.7)
        octets = bytearray(random_items(profile, chance, always, TWICE if category != 15 else frozenset()))
        if category == 1:
            first = next(n for n, octet in enumerate(octets) if not octet & 1) + 3
            octets[first] = octets[first] & 0x7F | (0x80 if profile is CAT_001_TRACK else 0)
        ((record, whole),), fault = records_of(category, bytes(octets), 0, len(octets))
        assert fault is None
        yield record, theirs(category, whole)[0]


def test_range_azimuth_height_code_address_and_doppler_of_a_plot_are_libasterix_s() -> None:
    told: Counter[str] = Counter()
    for category in (1, 48):
        for record, their in made(category):
            if "040" not in record:
                with pytest.raises(BadRecord, match="without range"):
                    plot_fields(category, record)
                continue
            fields = plot_fields(category, record)
            wanted: dict[str, Any] = {
                "range_m": quantity(their, "040", "RHO", "NM") * NAUTICAL_MILE_M,
                "azimuth_deg": quantity(their, "040", "THETA", "°"),
            }
            if category == 48 and "110" in record:
                wanted["altitude_m"] = quantity(their, "110", "3DH", "ft") * FOOT_M
            elif "090" in record and not flag(their, "090", "V") and not flag(their, "090", "G"):
                height = "HGT" if category == 1 else "FL"
                wanted["altitude_m"] = quantity(their, "090", height, "FL") * 100 * FOOT_M
            if "070" in record and not flag(their, "070", "V") and not flag(their, "070", "G"):
                wanted["mode3a"] = part_of(their, "070", "MODE3A").content.as_string()
            if category == 48 and "220" in record:
                wanted["icao24"] = f"{part_of(their, '220').as_uint():06x}"
            if category == 48 and "120/CAL" in record and not flag(their, "120", "CAL", "D"):
                wanted["doppler_mps"] = quantity(their, "120", "CAL/CAL", "m/s")
            assert fields == pytest.approx(wanted, abs=1e-6)
            told.update(list(wanted))
    assert min(told.values()) > 30
    assert len(told) == 6


def test_place_height_and_motion_of_an_ads_b_report_are_libasterix_s() -> None:
    told: Counter[str] = Counter()
    for record, their in made(21):
        place = "131" if "131" in record else "130"
        if int.from_bytes(record.get(place, b"")) == 0:
            with pytest.raises(BadRecord, match=r"without position|both 0"):
                position_fields(21, record)
            continue
        fields = position_fields(21, record)
        assert fields.pop("cooperative") is True
        wanted: dict[str, Any] = {name.lower(): quantity(their, place, name, "°") for name in ("LAT", "LON")}
        if "140" in record and record["140"] != b"\x7f\xff":
            wanted["altitude_m"] = quantity(their, "140", None, "ft") * FOOT_M
        elif "145" in record:
            wanted["altitude_m"] = quantity(their, "145", None, "FL") * 100 * FOOT_M
        if "080" in record:
            wanted["icao24"] = f"{part_of(their, '080').as_uint():06x}"
        if "160" in record and not flag(their, "160", "RE"):
            wanted["speed_mps"] = quantity(their, "160", "GS", "NM/s") * NAUTICAL_MILE_M
            wanted["heading_deg"] = quantity(their, "160", "TA", "°")
        got = {name: value for name, value in fields.items() if name not in ("callsign", "sigma_m")}
        assert got == pytest.approx(wanted, abs=1e-9)
        assert ("callsign" in fields) == ("170" in record)
        accuracy = part_of(their, "090", "NACP")
        sigma_in_m = None if accuracy is None else sigma_m(accuracy.as_uint())
        assert ("sigma_m" in fields) == (sigma_in_m is not None)
        assert fields.get("sigma_m", 0) == pytest.approx(sigma_in_m or 0, rel=1e-3)
        told.update(list(fields))
    assert min(told.values()) > 15
    assert len(told) == 8


def sigma_m(nacp: int) -> float | None:
    """One standard deviation along each axis where 95 % lie within the radius that DO-260B (A-14) gives a NACp."""
    miles = {1: 10.0, 2: 4.0, 3: 2.0, 4: 1.0, 5: 0.5, 6: 0.3, 7: 0.1, 8: 0.05}
    radius_m = {nacp: one * NAUTICAL_MILE_M for nacp, one in miles.items()} | {9: 30.0, 10: 10.0, 11: 3.0}
    found = radius_m.get(nacp)
    return None if found is None else found / math.sqrt(-2 * math.log(0.05))


def test_place_height_and_motion_of_a_system_track_are_libasterix_s() -> None:
    told: Counter[str] = Counter()
    for record, their in made(62):
        heights = {"130": ("ft", 1), "136": ("FL", 100), "135": ("FL", 100)}
        source = next((name for name in heights if name in record), None)
        if int.from_bytes(record.get("105", b"")) == 0:
            with pytest.raises(BadRecord, match=r"without latitude|both 0"):
                position_fields(62, record)
            continue
        fields = position_fields(62, record)
        wanted: dict[str, Any] = {name.lower(): quantity(their, "105", name, "°") for name in ("LAT", "LON")}
        if source is not None:
            unit, feet = heights[source]
            wanted["altitude_m"] = quantity(their, source, "CTB" if source == "135" else None, unit) * feet * FOOT_M
        if "380/ADR" in record:
            wanted["icao24"] = f"{part_of(their, '380', 'ADR').as_uint():06x}"
        if "185" in record:
            east_mps, north_mps = (quantity(their, "185", name, "m/s") for name in ("VX", "VY"))
            wanted["speed_mps"] = abs(complex(north_mps, east_mps))
            turn = complex(math.cos(math.radians(fields["heading_deg"])), math.sin(math.radians(fields["heading_deg"])))
            assert turn * abs(complex(north_mps, east_mps)) == pytest.approx(complex(north_mps, east_mps), abs=1e-6)
            assert 0 <= fields.pop("heading_deg") < 360
        if "500/APC" in record:
            x_m, y_m = (quantity(their, "500", f"APC/{name}", "m") for name in ("X", "Y"))
            if x_m or y_m:
                wanted["sigma_m"] = math.sqrt((x_m**2 + y_m**2) / 2)
        assert ("callsign" in fields) == ("380/ID" in record or "245" in record)
        fields.pop("callsign", None)
        assert fields == pytest.approx(wanted, abs=1e-6)
        told.update(list(fields))
        told[source or "no height"] += 1
    # A height is missing in few.
    assert told.pop("no height") > 0 and min(told.values()) > 5
    assert len(told) == 9


@pytest.mark.parametrize(("category", "names"), [(21, ("073", "071", "075", "077")), (48, ("140",)), (62, ("070",))])
def test_the_time_of_day_is_libasterix_s_and_a_day_has_86400_seconds(category: int, names: tuple[str, ...]) -> None:
    seen = Counter[bool]()
    for record, their in made(category):
        name = next((name for name in names if name in record), None)
        wanted_s = None if name is None else quantity(their, name, None, "s")
        if wanted_s is not None and wanted_s >= 86_400:
            with pytest.raises(BadRecord, match="time of day"):
                time_of_day_s(category, record)
        else:
            assert time_of_day_s(category, record) == wanted_s
            seen[wanted_s is None] += 1
    assert min(seen.values()) > 5
    last = 86_400 * 128 - 1
    assert time_of_day_s(category, {names[0]: last.to_bytes(3, "big")}) == last / 128
    with pytest.raises(BadRecord, match="time of day"):
        time_of_day_s(category, {names[0]: (last + 1).to_bytes(3, "big")})


@pytest.mark.parametrize(
    ("category", "item", "flags"),
    [(1, "020", UNREAL), (48, "020", UNREAL), (21, "040", UNREAL), (62, "080", ("SIM",))],
)
def test_simulated_test_and_monitoring_targets_are_no_aircraft_and_no_other_flag_makes_one_unreal(
    category: int, item: str, flags: tuple[str, ...]
) -> None:
    seen = Counter[bool]()
    for record, their in made(category):
        wanted = any(flag(their, item, name) for name in flags)
        assert (unreal(category, record) is not None) == wanted
        seen[wanted] += 1
    assert min(seen.values()) > 40


def test_a_callsign_is_spelt_as_libasterix_spells_it_and_one_that_is_no_word_is_none() -> None:
    from asterix.base import StringICAO

    chance = random.Random(0)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for letter in letters:
        text = letter + "".join(chance.choices(letters, k=chance.randint(0, 7)))
        octets = StringICAO.from_string(48, text.ljust(8)).to_bytes(6, "big")
        assert callsign(octets) == text
    assert callsign(StringICAO.from_string(48, " " * 8).to_bytes(6, "big")) is None
    for wrong in sorted(set(range(64)) - {StringICAO.from_char(letter) for letter in (*letters, " ")}):
        assert callsign((int.from_bytes(octets, "big") & ~63 | wrong).to_bytes(6, "big")) is None


def test_position_range_and_direction_of_a_passive_target_are_libasterix_s() -> None:
    told: Counter[str] = Counter()
    for seed in range(3):
        for record, their in made(15, seed):
            place, azimuth, far = (part_of(their, *path) for path in (("600", "P84"), ("627", "AZ"), ("625", "R")))
            extrapolated = place is not None and flag(their, "170", "CSTP")
            if extrapolated or (place is None and azimuth is None):
                with pytest.raises(BadRecord, match=r"without position or azimuth|extrapolated"):
                    passive_fields(record)
                continue
            kind, fields = passive_fields(record)
            if place is not None:
                assert kind is Position
                lat, lon = (quantity(their, "600", f"P84/{name}", "°") for name in ("LATITUDE", "LONGITUDE"))
                wanted: dict[str, Any] = {"lat": lat, "lon": lon}
                if part_of(their, "601", "GH") is not None:
                    wanted["altitude_m"] = quantity(their, "601", "GH", "m")
                if part_of(their, "600", "HPP") is not None:
                    x_m, y_m = (quantity(their, "600", f"HPP/{name}", "m") for name in ("SDHPX", "SDHPY"))
                    wanted |= {"sigma_m": math.sqrt((x_m**2 + y_m**2) / 2)} if x_m or y_m else {}
            else:
                wanted = {"azimuth_deg": quantity(their, "627", "AZ", "°")}
                one_place = "020" in record and part_of(their, "020", "MOMU").as_uint() == 0
                assert kind is (Plot if far is not None and one_place else Bearing)
                if kind is Plot:
                    wanted["range_m"] = quantity(their, "625", "R", "m")
                else:
                    said = part_of(their, "627", "SDASZ")
                    wanted["sigma_deg"] = 0 if said is None else quantity(their, "627", "SDASZ", "°")
            assert fields == pytest.approx(wanted, abs=1e-9)
            told.update([kind.__name__, *fields])
    assert min(told.values()) > 3
    assert len(told) == 10


def test_where_a_source_stands_and_how_fast_its_antenna_turns_are_libasterix_s() -> None:
    told: Counter[str] = Counter()
    for category in (2, 16, 34):
        for record, their in made(category):
            found = place_of(category, record)
            item = {2: "", 16: "400", 34: "120"}[category]
            assert (found is None) == (item not in record)
            if found is not None:
                wanted = [quantity(their, item, name, "°") for name in ("LAT", "LON")]
                height, part = ("120", "HGT") if category == 34 else ("405", None)
                wanted.append(quantity(their, height, part, "m") if height in record else 0.0)
                assert list(found) == pytest.approx(wanted, abs=1e-9)
                told[f"place {category}"] += 1
            turns = turn_s(category, record)
            assert (turns is None) == (category == 16 or record.get("041", b"\0\0") == b"\0\0")
            if turns is not None:
                assert turns == pytest.approx(quantity(their, "041", None, "s"))
                told[f"turn {category}"] += 1
    assert len(told) == 4 and min(told.values()) > 50
