"""ASTERIX datagrams into observations, with several sources in one stream.

Quality: every record must fill its block; a damaged block loses itself only; targets that are simulated or under test
are rejected with that reason; a height or code that the radar itself calls invalid or garbled is left out. North
marks become `status` reports, so that a radar that sees nothing is known to be alive. Categories we do not read are
counted by name. A height that cannot be true is left out, and its report used without. Where a radar says where it
stands, that is compared with the sensors file, which counts. Lost: doubtful Doppler, tracks' own velocities in category
048 (we track ourselves) and 015, what pairs of transmitter and receiver measured alone, weather, and editions of
categories 021 and 062 older than 2 and 1, which nothing in a record tells apart.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tocsin.earth.frames import LocalFrame
from tocsin.ingest.asterix.blocks import Block, blocks_of
from tocsin.ingest.asterix.clock import Clock
from tocsin.ingest.asterix.layouts import PROFILES, TITLES
from tocsin.ingest.asterix.records import Record
from tocsin.ingest.asterix.reports import (
    Place,
    impossible_height,
    north_mark,
    out_of_service,
    passive_fields,
    place_of,
    plot_fields,
    position_fields,
    time_of_day_s,
    unreal,
    unsigned,
)
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Bearing, Observation, Plot, Position, Status
from tocsin.model.sensor import Sensor, with_defaults
from tocsin.model.value import time_of

# A recorder whose clock is further from the radar's than this says nothing about when a report arrived.
RECORDED_DELAY_S_MAX = 600.0
# Plots of a radar that stands so far from where the sensors file has it are as far off. Positions are sent to within
# 3 m; a survey of the site and one of the antenna differ by less than this.
ASTRAY_M = 1_000.0
# A radar that never stands still is told of so often.
ASTRAY_TOLD_MAX = 3
# What a direction is worth where neither the report nor the sensor says.
BEARING_SIGMA_DEG = 1.0
TRACK_ENDS = 5
_ID = re.compile(r"^(\d{1,3})/(\d{1,3})$")
Source = tuple[int, int]
# Told of every record whose source is known: category, source, record, and its time where it has one.
Watch = Callable[[int, Source, Record, float | None], None]


def sources_of(sensors: Sequence[Sensor]) -> dict[Source, Sensor]:
    """(SAC, SIC) -> its sensor, by each sensor's `asterix` or an id of the form SAC/SIC."""
    found: dict[Source, Sensor] = {}
    for sensor in sensors:
        if sensor.asterix is not None:
            found[sensor.asterix] = sensor
        elif match := _ID.match(sensor.id):
            found[int(match[1]), int(match[2])] = sensor
    return found


# Times that a calendar has: midnights given for a recording may lie at its ends.
_FIRST_S, _LAST_S = -62_135_596_800.0, 253_402_300_799.0


def _apart_m(one: Place, other: Place) -> float:
    """Metres along the ground between two places."""
    return math.hypot(*map(float, LocalFrame(one.lat, one.lon).to_local(other.lat, other.lon)))


class AsterixReader:
    """Turns the datagrams of one stream into observations.

    day_s   POSIX seconds of the midnight that begins the first report's day, where no capture times tell
    live    capture times are our own: kept as `received` whatever the radar's clock says
    watch   told of every record
    """

    def __init__(
        self,
        sensors: Sequence[Sensor],
        rejects: Rejects,
        *,
        day_s: float = 0.0,
        live: bool = False,
        watch: Watch | None = None,
    ) -> None:
        self._sensors = sources_of(sensors)
        self._rejects = rejects
        self._clock = Clock(day_s, rejects.notice, live=live)
        self._live = live
        self._watch = watch
        self._unknown: set[Source] = set()
        # Of each sensor the place that it said last, and those of which was told.
        self._said: dict[str, Place] = {}
        self._astray: dict[str, list[Place]] = {}
        self.records: Counter[int] = Counter()
        self.good_blocks = 0

    def read(
        self,
        data: bytes,
        captured_s: float | None,
        where: str,
        *,
        start: int = 0,
        end: int | None = None,
        trailer: int = 0,
    ) -> Iterator[Observation]:
        """The observations of one datagram or recording, or of a stretch of it; `where` names it in the rejects."""
        for block in blocks_of(data, start, end, trailer=trailer):
            self.good_blocks += block.category is not None and block.fault is None
            place = f"{where}@{block.at}"
            if block.fault is not None:
                # What follows the fault, to the end of the block, counts as one.
                self._rejects.read()
                self._rejects.add(f"ASTERIX: {block.fault}", block.octets[:250], place)
                if block.skipped:
                    self._rejects.remark("an octet between data blocks", block.skipped)
            elif block.category is not None and block.category not in PROFILES:
                self._rejects.read()
                title = TITLES.get(block.category, "unknown")
                self._rejects.pass_over(f"a block of ASTERIX category {block.category:03} ({title})")
            yield from self._block(block, captured_s, place)

    def learn(self, rehearsed: AsterixReader, *, whole: bool) -> None:
        """Begin with what sources' clocks were off by when the same capture, or the `whole` of it, was gone through."""
        self._clock.learn(rehearsed._clock, whole=whole)

    def _block(self, block: Block, captured_s: float | None, place: str) -> Iterator[Observation]:
        source: Source | None = None
        category = block.category
        if category is None:
            return
        for record, octets in block.records:
            self.records[category] += 1
            self._rejects.read()
            # Within a block, a record without a source is of the one before.
            if "010" in record:
                source = (record["010"][0], record["010"][1])
            try:
                if source is None:
                    raise BadRecord("a record that does not name its source (item 010)")
                observation = self._observation(category, record, octets, source, captured_s)
            except BadInput as error:
                self._rejects.add(f"ASTERIX: {error}", octets, place)
                continue
            if observation is not None:
                self._rejects.use()
                yield observation

    def _time_s(self, category: int, record: Record, source: Source, captured_s: float | None) -> float:
        of_day_s = time_of_day_s(category, record)
        time_s: float | None
        if of_day_s is not None:
            time_s = self._clock.full_s(of_day_s, captured_s, source)
        elif "141" in record:
            time_s = self._clock.truncated_s(unsigned(record["141"]) / 128, captured_s, source)
        else:
            time_s = self._clock.reached_s(captured_s, source)
        if time_s is None:
            what = "with a truncated time" if "141" in record else "without a time"
            raise BadRecord(f"a record {what}, before any time was known by a north mark (category 002) or a capture")
        if not _FIRST_S <= time_s <= _LAST_S:
            raise BadRecord("a time outside the years 1 to 9999; give the recording's --date")
        return time_s

    def _observation(
        self, category: int, record: Record, octets: bytes, source: Source, captured_s: float | None
    ) -> Observation | None:
        """The observation a record stands for, None for one that only keeps the clock. Raises BadInput."""
        try:
            time_s = self._time_s(category, record, source, captured_s)
        except BadRecord:
            if self._watch is not None:
                self._watch(category, source, record, None)
            raise
        if self._watch is not None:
            self._watch(category, source, record, time_s)
        known = self._sensors.get(source)
        name = known.id if known else f"{source[0]}/{source[1]}"
        received_s = captured_s
        if received_s is not None and not self._live and abs(received_s - time_s) > RECORDED_DELAY_S_MAX:
            received_s = None
        # The octets themselves make the id: twins, replays and doubled multicast feeds add nothing.
        common: dict[str, Any] = {
            "id": f"{name}/{round(time_s * 1000)}/{category:03}-{zlib.crc32(octets):08x}",
            "time": time_of(time_s),
            "received": None if received_s is None else time_of(received_s),
            "source": name,
        }
        if category in (2, 16, 34):
            return self._status(category, record, known, common)
        if reason := unreal(category, record):
            raise BadRecord(reason)
        return self._report(category, record, source, known, common)

    def _report(
        self, category: int, record: Record, source: Source, known: Sensor | None, common: dict[str, Any]
    ) -> Observation | None:
        """What a target report says. Raises BadInput."""
        kind: type[Plot | Position | Bearing]
        if category in (21, 62):
            kind, fields = Position, position_fields(category, record)
        elif category == 15:
            message = record.get("000", b"\0")[0] >> 1
            if message == TRACK_ENDS:
                self._rejects.pass_over("a message of ASTERIX category 015 that a track has ended")
                return None
            kind, fields = passive_fields(record)
            if kind is not Position and message in (1, 2):
                self._rejects.pass_over("a measurement of one transmitter and receiver (ASTERIX category 015)")
                return None
        else:
            if known is not None and category == 48 and record.get("020", b"\xff")[0] >> 5 == 0:
                raise BadRecord("a report without a detection")
            kind, fields = Plot, {} if known is None else plot_fields(category, record)
        if kind is Position:
            return Position(**common, **self._believable(fields, None))
        if known is None:
            self._unplaced(source)
            return None
        if kind is Bearing:
            fields["sigma_deg"] = fields["sigma_deg"] or with_defaults(known).sigma_azimuth_deg or BEARING_SIGMA_DEG
            return Bearing(**common, sensor=known.id, **fields)
        return Plot(**common, sensor=known.id, **self._believable(fields, known))

    def _believable(self, fields: dict[str, Any], radar: Sensor | None) -> dict[str, Any]:
        """The fields of a report, without a height that cannot be true."""
        altitude_m = fields.get("altitude_m")
        if altitude_m is None:
            return fields
        above_m, far_m = altitude_m, math.inf
        if radar is not None and radar.range_kind == "slant":
            above_m, far_m = altitude_m - radar.altitude_m, fields["range_m"]
        if reason := impossible_height(altitude_m, above_m, far_m):
            self._rejects.leave_out(reason)
            del fields["altitude_m"]
        return fields

    def _status(self, category: int, record: Record, known: Sensor | None, common: dict[str, Any]) -> Status | None:
        if known is not None and (place := place_of(category, record)) is not None:
            self._compare(known, place)
        if known is None and self._watch is not None:
            self._rejects.use()
            return None
        if known is None:
            self._rejects.pass_over("a service message of an ASTERIX source that is not in the sensors file")
            return None
        if not (north_mark(category, record) or out_of_service(record)):
            # Used: it keeps the clock.
            self._rejects.use()
            return None
        down = out_of_service(record)
        return Status(
            **common,
            sensor=known.id,
            state="down" if down else "up",
            reason="its data must not be used, it says" if down else None,
        )

    def _compare(self, sensor: Sensor, said: Place) -> None:
        """Say it where a radar says twice in a row that it stands elsewhere than the sensors file has it.

        Once alone may be damage. The file counts; a radar that says yet another place, as when it moves, is told again.
        """
        if not (abs(said.lat) <= 90 and abs(said.lon) <= 180):
            return
        before, self._said[sensor.id] = self._said.get(sensor.id), said
        told = self._astray.setdefault(sensor.id, [])
        if before is None or len(told) >= ASTRAY_TOLD_MAX or _apart_m(before, said) > ASTRAY_M:
            return
        apart_m = _apart_m(Place(sensor.lat, sensor.lon, sensor.altitude_m), said)
        if apart_m > ASTRAY_M and all(_apart_m(one, said) > ASTRAY_M for one in told):
            told.append(said)
            self._rejects.notice(
                f"sensor {sensor.id} says that it stands at {said.lat:.5f}, {said.lon:.5f}, {apart_m / 1_000:.1f} km "
                "from where the sensors file has it; the file counts: correct it, or make sure of its SAC and SIC"
            )

    def _unplaced(self, source: Source) -> None:
        """A plot of a radar whose place nobody told us: reported once, then counted."""
        if self._watch is not None:
            # It is of use to who looks what there is.
            self._rejects.use()
            return
        reason = (
            f"ASTERIX source {source[0]}/{source[1]} (SAC/SIC) is not in the sensors file, so its plots cannot be "
            "placed: give its radar these two numbers as `asterix`, or see `tocsin sensors discover`"
        )
        if source in self._unknown:
            self._rejects.count(reason)
        else:
            self._unknown.add(source)
            self._rejects.add(reason, "", f"{source[0]}/{source[1]}")
