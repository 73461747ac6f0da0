"""What a `scenarios/*.toml` says: the raid, the sensors, the traffic, the faults. Places are relative to the zones.

Directions are degrees clockwise from true north, seen from the centre: the most populous zone. A pair of numbers
`[low, high]` means that each object or sensor draws its own value from that interval. Times count from the start.
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tocsin.model.errors import BadRecord, BadValue
from tocsin.model.sensor import SensorKind
from tocsin.model.value import Altitude, Distance, Latitude, Longitude, Probability, Sigma, Text, Time, Value
from tocsin.simulate.interval import DURATION_S_MAX, Moment, Pair, ordered
from tocsin.simulate.threats import OBJECTS_MAX, Threats

SENSORS_MAX = 20_000
SCENARIO_BYTES_MAX = 1_000_000

Prefix = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9-]*$(?!\n)")]


class Place(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Over which towns the scenario is played.

    country    ISO 3166-1 alpha-2; used where no zones are given by name or file
    zones      a GeoJSON file of zones, relative to the scenario's own folder; goes before `country`
    centre     [lat, lon] of the middle of the play; absent: the most populous zone
    radius_m   zones within this distance of the centre can be attacked
    """

    country: Annotated[str, Meta(max_length=2, pattern="^[A-Z]{2}$")] = "CH"
    zones: Annotated[str, Meta(max_length=1_000)] | None = None
    centre: tuple[Latitude, Longitude] | None = None
    radius_m: Annotated[float, Meta(ge=1_000, le=1_000_000)] = 100_000.0


class Terrain(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parallel winding valleys between ridges, drawn from the seed.

    relief_m     height of the ridges above the valley floors; 0: a smooth Earth
    valley_deg   the direction in which the valleys run
    spacing_m    distance between two valley floors
    meander_m    how far the valleys wind to each side
    """

    relief_m: Annotated[float, Meta(ge=0, le=5_000)] = 0.0
    valley_deg: Annotated[float, Meta(ge=0, le=360)] = 0.0
    spacing_m: Annotated[float, Meta(ge=1_000, le=200_000)] = 16_000.0
    meander_m: Annotated[float, Meta(ge=0, le=50_000)] = 3_000.0


class Sensors(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of like sensors. Figures left out are the planning defaults of the kind.

    name                   prefix of their ids
    kind                   radar, acoustic, presence, spotter or adsb
    place                  ring (`count` of them around the centre), mesh (every `spacing_m`) or towns (`count` largest)
    count                  how many, for ring and towns
    spacing_m              mean distance between neighbours, for mesh
    distance_m             [low, high]: how far from the centre they stand
    sector_deg             [low, high]: in which directions from the centre they stand
    mast_m                 antenna or observer above the ground
    range_m                reach
    range_kind             slant or ground
    sigma_range_m          one standard deviation of the range error
    sigma_azimuth_deg      one standard deviation of the azimuth error
    sigma_altitude_m       one standard deviation of the height error of a radar with `height`
    scan_s                 time between two looks; a spotter's between two reports
    detection_probability  per look
    false_plots_per_scan   expected number over the whole coverage
    delay_s                typical time from measurement to arrival
    height                 the radar measures height
    secondary              the radar reads transponders: address, code and height of civil traffic
    doppler                the radar measures radial speed
    ceiling_m              the radar sees nothing higher
    range_bias_m           one standard deviation of each sensor's constant range error
    azimuth_bias_deg       the same in azimuth
    clock_bias_s           the same of its clock
    wrong_class            the share of reports that name another class
    noise_factor           true errors of range, azimuth and height are this many times what the sensor declares
    gap_share              the share of the time in which nothing comes from it, in bursts; not for spotters
    gap_s                  the mean length of such a burst
    err_share              the share of the time in which people and microphones name another class and a wrong place
    err_s                  the mean length of such a burst
    announced              who reports only what it notices says at the beginning that it listens
    again_s                a microphone reports the same thing no more often than this; 0: every time it listens
    asterix                they speak ASTERIX: each gets a SAC/SIC
    """

    name: Prefix
    kind: SensorKind
    place: Literal["ring", "mesh", "towns"] = "ring"
    count: Annotated[int, Meta(ge=1, le=SENSORS_MAX)] = 1
    spacing_m: Annotated[float, Meta(ge=200, le=500_000)] = 8_000.0
    distance_m: Pair = (0.0, 50_000.0)
    sector_deg: Pair = (0.0, 360.0)
    mast_m: Annotated[float, Meta(ge=0, le=5_000)] = 2.0
    range_m: Distance | None = None
    range_kind: Literal["slant", "ground"] = "slant"
    sigma_range_m: Sigma | None = None
    sigma_azimuth_deg: Annotated[float, Meta(gt=0, le=180)] | None = None
    sigma_altitude_m: Sigma | None = None
    scan_s: Annotated[float, Meta(gt=0.1, le=3_600)] | None = None
    detection_probability: Probability | None = None
    false_plots_per_scan: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    delay_s: Annotated[float, Meta(ge=0, le=3_600)] | None = None
    height: bool = False
    secondary: bool = False
    doppler: bool = False
    ceiling_m: Altitude = 30_000.0
    range_bias_m: Annotated[float, Meta(ge=0, le=10_000)] = 0.0
    azimuth_bias_deg: Annotated[float, Meta(ge=0, le=30)] = 0.0
    clock_bias_s: Annotated[float, Meta(ge=0, le=3_600)] = 0.0
    wrong_class: Probability = 0.1
    noise_factor: Annotated[float, Meta(gt=0, le=20)] = 1.0
    gap_share: Probability = 0.0
    gap_s: Annotated[float, Meta(ge=1, le=86_400)] = 30.0
    err_share: Probability = 0.0
    err_s: Annotated[float, Meta(ge=1, le=86_400)] = 300.0
    announced: bool = True
    again_s: Annotated[float, Meta(ge=0, le=3_600)] = 0.0
    asterix: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        ordered("distance_m", self.distance_m, 0, 1_500_000)
        ordered("sector_deg", self.sector_deg, 0, 720)
        if self.gap_share and self.kind == "spotter":
            raise BadValue(f"gap_share of {self.name} is {self.gap_share:g}; spotters have no gaps, leave it out")
        if self.err_share and self.kind in ("radar", "adsb"):
            raise BadValue(f"err_share of {self.name} is {self.err_share:g}; only people and microphones err in bursts")


class Traffic(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Civil aircraft that cross the play.

    flights_per_hour   on average
    altitude_m         [low, high]
    speed_mps          [low, high]
    silent             the share without a transponder (light aircraft)
    landing            the share that lands in the play instead of crossing it
    until_s            no new flights after this: airspace is closed when a raid is known; absent: to the end
    """

    flights_per_hour: Annotated[float, Meta(ge=0, le=500)] = 0.0
    altitude_m: Pair = (2_000.0, 11_500.0)
    speed_mps: Pair = (110.0, 250.0)
    silent: Probability = 0.0
    landing: Probability = 0.0
    until_s: Moment | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        ordered("altitude_m", self.altitude_m, 100, 20_000)
        ordered("speed_mps", self.speed_mps, 20, 350)


class Reports(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people report beyond what is there.

    false_sightings_per_hour   sightings of nothing, all spotters together
    visibility_m               nobody sees farther
    night                      in the dark most things are heard, not seen
    """

    false_sightings_per_hour: Annotated[float, Meta(ge=0, le=3_600)] = 0.0
    visibility_m: Annotated[float, Meta(ge=50, le=100_000)] = 10_000.0
    night: bool = True


class Fault(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something happens to some sensors of one group.

    kind      lost (destroyed: never again), silent (for a while), clock (stamps are wrong by `offset_s`) or
              flood (`factor` times its false plots)
    group     the `name` of the sensors' group
    count     how many of the group, drawn from the seed
    at_s      when it begins
    lasts_s   how long; absent: to the end
    offset_s  what a faulty clock adds
    factor    how many times more false plots a flooded sensor reports
    told      somebody reports the sensor down (`status`) after this many seconds; absent: nobody does
    """

    kind: Literal["lost", "silent", "clock", "flood"]
    group: Prefix
    count: Annotated[int, Meta(ge=1, le=SENSORS_MAX)] = 1
    at_s: Moment = 0.0
    lasts_s: Moment | None = None
    offset_s: Annotated[float, Meta(ge=-86_400, le=86_400)] = 0.0
    factor: Annotated[float, Meta(ge=1, le=1_000)] = 10.0
    told: Annotated[float, Meta(ge=0, le=86_400)] | None = None


class Scenario(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One raid, drill or quiet week.

    name         short name, part of every observation's id
    title        one line for people
    start        when it begins, with a time zone
    duration_s   how long it lasts
    place        over which towns
    terrain      valleys, if any
    threats      groups of attackers
    sensors      groups of sensors
    traffic      civil aircraft
    reports      what people report
    faults       what goes wrong with sensors
    """

    name: Prefix
    title: Text = ""
    start: Time
    duration_s: Annotated[float, Meta(ge=10, le=DURATION_S_MAX)]
    place: Place = Place()
    terrain: Terrain = Terrain()
    threats: Annotated[tuple[Threats, ...], Meta(max_length=200)] = ()
    sensors: Annotated[tuple[Sensors, ...], Meta(max_length=200)] = ()
    traffic: Traffic = Traffic()
    reports: Reports = Reports()
    faults: Annotated[tuple[Fault, ...], Meta(max_length=200)] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        names = [group.name for group in self.sensors]
        if len(set(names)) < len(names):
            raise BadValue(f"two groups of sensors share a name among {sorted(names)}; names must differ")
        for fault in self.faults:
            if fault.group not in names:
                raise BadValue(f"a fault strikes the group {fault.group!r}; there are {sorted(names)}")
        if sum(group.count for group in self.threats) > OBJECTS_MAX:
            raise BadValue(f"more than {OBJECTS_MAX} attackers; take fewer or shorter groups")


def scenario_from_toml(text: bytes, name: str) -> Scenario:
    """A scenario from the bytes of its TOML file; `name` is the file's, for messages. Raises BadRecord: file:key."""
    if len(text) > SCENARIO_BYTES_MAX:
        raise BadRecord(f"{name}: a scenario of {len(text)} bytes; at most {SCENARIO_BYTES_MAX} are read")
    try:
        table = tomllib.loads(text.decode())
        return msgspec.convert(table, Scenario)
    except UnicodeDecodeError as error:
        raise BadRecord(f"{name}: not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadRecord(f"{name}: not TOML: {error}") from error
    except msgspec.ValidationError as error:
        what, _, key = str(error).partition(" - at `$")
        raise BadRecord(f"{name}:{key.strip('.`') or 'scenario'}: {what}") from error
