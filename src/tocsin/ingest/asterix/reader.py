"""ASTERIX datagrams into observations, with several sources in one stream.

Quality: every record must fill its block; a damaged block loses itself only; targets that are simulated or under test
are rejected with that reason; a height or code that the radar itself calls invalid or garbled is left out. North
marks become `status` reports, so that a radar that sees nothing is known to be alive. Categories we do not read are
counted. Lost: doubtful Doppler, tracks' own velocities in category 048 (we track ourselves), weather, and editions of
categories 021 and 062 older than 2 and 1, which nothing in a record tells apart.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tocsin.ingest.asterix.blocks import Block, blocks_of
from tocsin.ingest.asterix.clock import Clock
from tocsin.ingest.asterix.layouts import PROFILES
from tocsin.ingest.asterix.records import Record
from tocsin.ingest.asterix.reports import (
    north_mark,
    out_of_service,
    plot_fields,
    position_fields,
    time_of_day_s,
    unreal,
    unsigned,
)
from tocsin.ingest.rejects import Rejects
from tocsin.model.errors import BadInput, BadRecord
from tocsin.model.observation import Observation, Plot, Position, Status
from tocsin.model.sensor import Sensor
from tocsin.model.value import time_of

# A recorder whose clock is further from the radar's than this says nothing about when a report arrived.
RECORDED_DELAY_S_MAX = 600.0
_ID = re.compile(r"^(\d{1,3})/(\d{1,3})$")
Source = tuple[int, int]


def sources_of(sensors: Sequence[Sensor]) -> dict[Source, str]:
    """(SAC, SIC) -> sensor id, from each sensor's `asterix` or an id of the form SAC/SIC."""
    found: dict[Source, str] = {}
    for sensor in sensors:
        if sensor.asterix is not None:
            found[sensor.asterix] = sensor.id
        elif match := _ID.match(sensor.id):
            found[int(match[1]), int(match[2])] = sensor.id
    return found


class AsterixReader:
    """Turns the datagrams of one stream into observations.

    day_s   POSIX seconds of the midnight that begins the first report's day, where no capture times tell
    live    capture times are our own: kept as `received` whatever the radar's clock says
    """

    def __init__(self, sensors: Sequence[Sensor], rejects: Rejects, *, day_s: float = 0.0, live: bool = False) -> None:
        self._sensors = sources_of(sensors)
        self._rejects = rejects
        self._clock = Clock(day_s)
        self._live = live
        self._unknown: set[Source] = set()
        self.records: Counter[int] = Counter()

    def read(
        self, data: bytes, captured_s: float | None, where: str, *, start: int = 0, trailer: int = 0
    ) -> Iterator[Observation]:
        """The observations of one datagram or recording; `where` names it in the rejects."""
        for block in blocks_of(data, start, trailer=trailer):
            place = f"{where}@{block.at}"
            if block.fault is not None:
                # What follows the fault, to the end of the block, counts as one.
                self._rejects.read()
                self._rejects.add(f"ASTERIX: {block.fault}", block.octets[:250], place)
            elif block.category is not None and block.category not in PROFILES:
                self._rejects.read()
                self._rejects.pass_over(f"a block of ASTERIX category {block.category:03}")
            yield from self._block(block, captured_s, place)

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
        if of_day_s is not None:
            return self._clock.full_s(of_day_s, captured_s, source)
        if "141" in record:
            time_s = self._clock.truncated_s(unsigned(record["141"]) / 128, captured_s, source)
        else:
            time_s = self._clock.reached_s(captured_s, source)
        if time_s is None:
            raise BadRecord("a record without a time, before any time was known")
        return time_s

    def _observation(
        self, category: int, record: Record, octets: bytes, source: Source, captured_s: float | None
    ) -> Observation | None:
        """The observation a record stands for, None for one that only keeps the clock. Raises BadInput."""
        time_s = self._time_s(category, record, source, captured_s)
        known = self._sensors.get(source)
        name = known or f"{source[0]}/{source[1]}"
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
        if category in (2, 34):
            return self._status(category, record, known, common)
        if reason := unreal(category, record):
            raise BadRecord(reason)
        if category in (21, 62):
            return Position(**common, **position_fields(category, record))
        if known is None:
            self._unplaced(source)
            return None
        if category == 48 and record.get("020", b"\xff")[0] >> 5 == 0:
            raise BadRecord("a report without a detection")
        return Plot(**common, sensor=known, **plot_fields(category, record))

    def _status(self, category: int, record: Record, known: str | None, common: dict[str, Any]) -> Status | None:
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
            sensor=known,
            state="down" if down else "up",
            reason="its data must not be used, it says" if down else None,
        )

    def _unplaced(self, source: Source) -> None:
        """A plot of a radar whose place nobody told us: reported once, then counted."""
        reason = (
            f"ASTERIX source {source[0]}/{source[1]} (SAC/SIC) is not in the sensors file, so its plots cannot be "
            "placed: give its radar these two numbers as `asterix`"
        )
        if source in self._unknown:
            self._rejects.count(reason)
        else:
            self._unknown.add(source)
            self._rejects.add(reason, "", f"{source[0]}/{source[1]}")
