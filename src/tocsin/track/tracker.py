"""The tracker: observations in, in any order; tracks out, at any time.

Time is cut into slices on an absolute grid. Everything up to the last whole slice is settled in the filter bank; what
lies between there and `now` is worked through on a copy. Late observations go back to a checkpoint and forward again,
so that the answer is the one that order would have given.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.identity import identity_of_report
from tocsin.model.masking import Masking
from tocsin.model.observation import Alert, Bearing, Impact, Launch, Observation, Plot, Presence, Status
from tocsin.model.sensor import Sensor, SensorHealth, with_defaults
from tocsin.model.track import Track
from tocsin.model.value import seconds_of
from tocsin.model.wire import pack, unpack
from tocsin.track.arc.report import arcs_of
from tocsin.track.bank import TAKEN, Bank, empty, kept, packed, restored, unpacked
from tocsin.track.rearrange import rearranged
from tocsin.track.report import look, pictures, room_for, tracks_of
from tocsin.track.report_rows import EAST, NORTH, TIME, row_of
from tocsin.track.sensors.health import Watch
from tocsin.track.sensors.learned import UP, Sensed, copy_of, sensed_from, sensed_state, unlearned
from tocsin.track.sensors.sites import NO_LAND, sites_of
from tocsin.track.settings import TrackSettings, for_kernels
from tocsin.track.sky import Sky, sky_of
from tocsin.track.window import Window

Floats = NDArray[np.float64]

# Reporters that no sensor file names (spotters' phones); beyond this many they share numbers.
STRANGERS_MAX = 64
# A restart for a late observation goes back at most this much farther than it must.
CHECKPOINT_S = 10.0
# A sender's clock may run ahead of ours by this much; more, and the time it gives is not to be trusted.
AHEAD_S = 10.0
ROOM_MIN = 64

_SENSOR_KINDS = (Plot, Bearing, Presence)


def worked(sky: Sky, rows: Floats, begin: int, end: int) -> Bank:
    """Rows begin..end worked through, in a larger bank where need be; what `sky` has is used up."""
    from tocsin.track.kernel import run

    # The kernel does not look whether a row is there.
    assert 0 <= begin <= end <= len(rows), f"rows {begin} to {end} of {len(rows)}"
    while begin < end:
        begin = run(sky, rows, begin, end)
        if begin < end:
            sky = sky._replace(bank=roomier(sky.bank, end - begin, sky.settings.tracks_max))
    return sky.bank


def roomier(bank: Bank, rows: int, tracks_max: int) -> Bank:
    """A larger bank with the same tracks, for that many rows more; never larger than `tracks_max`."""
    room = max(2 * len(bank.x), int(bank.tally[TAKEN]) + min(rows, 1_000))
    return restored(kept(bank), min(room, tracks_max))


class Tracker:
    """Everything in the air, from everything anybody reports. Same calls, same answers, bit for bit.

    masking   by radar: what the land hides from it; others see over a smooth Earth
    """

    def __init__(
        self,
        sensors: Sequence[Sensor],
        frame: LocalFrame,
        settings: TrackSettings = TrackSettings(),  # noqa: B008
        masking: Mapping[str, Masking] = NO_LAND,
    ) -> None:
        self.sensors = tuple(with_defaults(sensor) for sensor in sensors)
        self.frame = frame
        self.settings = settings
        self._told = for_kernels(settings)
        self._sites = sites_of(sensors, frame, STRANGERS_MAX, masking)
        self._index = {sensor.id: i for i, sensor in enumerate(self.sensors)}
        self._strangers: dict[str, int] = {}
        self._room = min(ROOM_MIN, settings.tracks_max)
        self._bank = empty(self._room)
        self._look_in = room_for(self._room)
        self._sensed = unlearned(self._sites)
        self._window = Window()  # reports settled within the late window, then the ones to come
        self._new: list[list[float]] = []
        self._settled_s = -math.inf
        self._checkpoints: deque[tuple[float, Bank, Sensed]] = deque()
        self._ids: dict[str, float] = {}
        self._forgotten_s = -math.inf
        self._watch = Watch(self.sensors)

    def observe(self, observation: Observation) -> str | None:
        """Take an observation in, in order of arrival. Returns why it cannot be used, or None."""
        if isinstance(observation, (Launch, Impact, Alert)):
            return None
        if isinstance(observation, Status):
            return self._status(observation)
        time_s = seconds_of(observation.time)
        received_s = seconds_of(observation.received_at)
        sent = identity_of_report(observation)
        if sent in self._ids:
            return None
        name = observation.sensor if isinstance(observation, _SENSOR_KINDS) else observation.source
        number = self._index.get(name)
        untimely = self._untimely(time_s, received_s)
        if untimely is not None:
            if number is not None:
                self._watch.refused(number)
            return untimely
        if len(self._window) + len(self._new) >= self.settings.pending_max:
            return f"{self.settings.pending_max} observations are waiting; nothing more is taken in"
        if number is None:
            if isinstance(observation, _SENSOR_KINDS):
                return f"no sensor is called {name}; add it to the sensors"
            number = self._stranger(name)
        if isinstance(observation, Plot) and self.sensors[number].kind != "radar":
            return f"{name} is of kind {self.sensors[number].kind}; plots come from radars: mend the sensors"
        row = row_of(observation, number, self.sensors, self.frame)
        if row is None:
            return None
        assert math.isfinite(row[EAST]) and math.isfinite(row[NORTH]), "a report from nowhere would spoil its track"
        self._ids[sent] = time_s
        self._new.append(row)
        self._watch.heard(number, time_s, received_s)
        return None

    def advance(self, now_s: float) -> tuple[Track, ...]:
        """Apply everything taken in with time <= now, coast, and return the tracks alive at now, oldest first."""
        self._advance(now_s)
        bank = self._bank
        begin, end = self._window.until(self._settled_s), self._window.until(now_s)
        if end > begin:
            bank = kept(bank)
            bank = self._worked(bank, copy_of(self._sensed), begin, end)
        if len(self._look_in.seen.at_s) < len(bank.x):
            self._look_in = room_for(len(bank.x))
        seen = look(bank, now_s, self._sites.origin, self._look_in)
        return tracks_of(pictures(seen, self.frame), arcs_of(bank, seen), tuple(self._index))

    def health(self, now_s: float) -> tuple[SensorHealth, ...]:
        """What is known of every sensor's performance, in the order of the sensors file."""
        return self._watch.health(now_s, self._sensed, self._sites)

    def dump(self) -> bytes:
        """The whole state; `load` gives a tracker that goes on identically."""
        return pack(
            {
                "bank": packed(self._bank),
                "sensed": sensed_state(self._sensed),
                "rows": self._window.rows,
                # Apart from the rows: only `advance` knows how far back it must go for them.
                "new": self._new,
                "settled_s": self._settled_s,
                "forgotten_s": self._forgotten_s,
                "checkpoints": [[at, packed(bank), sensed_state(sensed)] for at, bank, sensed in self._checkpoints],
                "ids": self._ids,
                "strangers": self._strangers,
                "watch": self._watch.dump(),
                "sensors": [sensor.id for sensor in self.sensors],
                "radars": self._sites.radars,
            }
        )

    @classmethod
    def load(
        cls,
        data: bytes,
        sensors: Sequence[Sensor],
        frame: LocalFrame,
        settings: TrackSettings = TrackSettings(),  # noqa: B008
        masking: Mapping[str, Masking] = NO_LAND,
    ) -> Tracker:
        """The tracker that `dump` described; the frame must be the same. Other settings and land hold from here on.

        Where the sensors are others, tracks go on, and what was learned of a sensor stays with its id.
        """
        state: dict[str, Any] = unpack(data)
        tracker = cls(sensors, frame, settings, masking)
        names = [sensor.id for sensor in sensors]
        if names != state["sensors"] or not np.array_equal(tracker._sites.radars, state["radars"]):
            state = rearranged(state, state["sensors"], names, tracker._sites)
        tracker._bank = restored(unpacked(state["bank"]), tracker._room)
        tracker._sensed = sensed_from(state["sensed"])
        tracker._window = Window(state["rows"])
        tracker._new = state["new"]
        tracker._settled_s = state["settled_s"]
        tracker._forgotten_s = state["forgotten_s"]
        tracker._checkpoints = deque(
            (at, unpacked(bank), sensed_from(sensed)) for at, bank, sensed in state["checkpoints"]
        )
        tracker._ids = state["ids"]
        tracker._strangers = state["strangers"]
        tracker._watch.load(state["watch"])
        return tracker

    def _untimely(self, time_s: float, received_s: float) -> str | None:
        """Why a report of that time is of no use any more, or not to be believed; None: it is."""
        if time_s > received_s + AHEAD_S:
            return f"its time is {time_s - received_s:.0f} s after it was received; set the sender's clock"
        late_s = self._settled_s - time_s
        if late_s > self.settings.late_s:
            return f"it is {late_s:.0f} s late; the tracker goes back {self.settings.late_s:.0f} s"
        return None

    def _stranger(self, name: str) -> int:
        if name not in self._strangers and len(self._strangers) < STRANGERS_MAX:
            self._strangers[name] = len(self._strangers)
        return len(self.sensors) + self._strangers.get(name, STRANGERS_MAX - 1)

    def _status(self, status: Status) -> str | None:
        number = self._index.get(status.sensor)
        if number is None:
            return f"no sensor is called {status.sensor}; add it to the sensors"
        self._watch.said(number, status.state, seconds_of(status.received_at))
        radar = int(self._sites.number[number])
        if radar >= 0:
            self._sensed.state[radar, UP] = 1.0 if status.state == "up" else 0.0
        return None

    def _advance(self, now_s: float) -> None:
        earliest_s = self._window.add(self._new)
        self._new = []
        if earliest_s <= self._settled_s:
            self._go_back(earliest_s)
        target_s = math.floor(now_s / self.settings.slice_s) * self.settings.slice_s
        if not math.isfinite(self._settled_s):
            # Begin as far back as anything may still come from.
            first_s = min(target_s, float(self._window.rows[0, TIME])) if len(self._window) else target_s
            self._settled_s = math.floor((first_s - self.settings.late_s) / CHECKPOINT_S - 1) * CHECKPOINT_S
        while self._settled_s < target_s:
            step_s = min(target_s, (math.floor(self._settled_s / CHECKPOINT_S) + 1) * CHECKPOINT_S)
            begin, end = self._window.until(self._settled_s), self._window.until(step_s)
            if begin == len(self._window) and target_s - step_s > CHECKPOINT_S:
                # Nothing is waiting: no need to walk through an empty night ten seconds at a time.
                step_s = math.floor(target_s / CHECKPOINT_S) * CHECKPOINT_S
            if self._settled_s % CHECKPOINT_S == 0.0:
                self._checkpoints.append((self._settled_s, kept(self._bank), copy_of(self._sensed)))
            self._bank = self._worked(self._bank, self._sensed, begin, end)
            assert step_s > self._settled_s, "time does not move on"
            self._settled_s = step_s
        self._forget()

    def _go_back(self, time_s: float) -> None:
        """Return to the newest checkpoint before a time."""
        up = self._sensed.state[:, UP].copy()
        while len(self._checkpoints) > 1 and self._checkpoints[-1][0] >= time_s:
            self._checkpoints.pop()
        at, bank, sensed = self._checkpoints.pop()
        assert at <= self._settled_s, "a checkpoint of a time that is yet to come"
        self._settled_s, self._bank, self._sensed = at, restored(bank, self._room), copy_of(sensed)
        self._sensed.state[:, UP] = up

    def _worked(self, bank: Bank, sensed: Sensed, begin: int, end: int) -> Bank:
        return worked(sky_of(bank, self._sites, sensed, self._told), self._window.rows, begin, end)

    def _forget(self) -> None:
        """Drop checkpoints, rows and ids that no late observation can need any more."""
        oldest_s = self._settled_s - self.settings.late_s
        while len(self._checkpoints) > 1 and self._checkpoints[1][0] < oldest_s:
            self._checkpoints.popleft()
        if self._checkpoints and oldest_s - self._forgotten_s > CHECKPOINT_S:
            self._forgotten_s = oldest_s
            first_s = self._checkpoints[0][0]
            self._window.drop(self._window.until(first_s))
            self._ids = {name: time for name, time in self._ids.items() if time > first_s}
