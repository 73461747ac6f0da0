"""What transponders say, kept apart from what sensors see: it moves no track, and speaks for few.

A transponder says what its owner likes. That it speaks for a track that sensors hold counts only where it has done so
from the beginning, without a gap or a contradiction, where the track flies as a civil aircraft does by the sensors' own
measurements, and as long as nobody has been sent into cover because of it. Even then it is evidence of bounded weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Position
from tocsin.model.track import Track
from tocsin.model.value import seconds_of

Floats = NDArray[np.float64]

# A receiver hears an aircraft every second or two; one that says nothing for this long is not heard any more.
GAP_S = 15.0
# A radar may see an aircraft a little before a receiver behind a hill hears it, no more.
BEGIN_S = 30.0
# Places agree within this and three standard deviations of the track: an airliner flies 1 km in four seconds.
AGREE_M = 1_500.0
# The share of the classes "civil" and "aircraft", by what sensors measured, from which a transponder is believed.
CIVIL_LIKE = 0.8
# What is then left of the track's danger, as the share of "aircraft" beside "civil".
LEFT = 0.1
HEARD_MAX = 20_000
# A receiver on the best site hears fewer aircraft than this; one that says more keeps nobody else's out.
PER_VOICE_MAX = 2_000
OF_ONE_VOICE = f"{PER_VOICE_MAX} aircraft of one voice are kept at a time; this is one more"
OF_ALL = f"{HEARD_MAX} aircraft are kept at a time; this is one more"


class Companion(msgspec.Struct):
    """The transponder that has flown with a track since it came into view; `lost` for good once it did not."""

    first_s: float
    name: str = ""
    lost: bool = False


class Transponders:
    """The transponders heard in one sector, and which tracks they have spoken for all along."""

    def __init__(self, frame: LocalFrame) -> None:
        self._frame = frame
        # (voice, name) of each row of what was heard, and the row of each.
        self._names: list[tuple[str, str]] = []
        self._row: dict[tuple[str, str], int] = {}
        self._voices: Counter[str] = Counter()
        # POSIX seconds, degrees, metres a second, degrees clockwise from north; the place in metres once it is asked
        # for, NaN until then: of most that a receiver hears it never is.
        self._at_s, self._lat, self._lon, self._speed, self._course = np.empty((5, HEARD_MAX))
        self._east, self._north = np.empty((2, HEARD_MAX))
        self._companions: dict[str, Companion] = {}

    def note(self, position: Position, voice: str) -> str | None:
        """Take in what a transponder said. Returns why it does not count, or None.

        One that is older than what is known changes nothing, and is nothing to tell of: receivers overtake each other.
        """
        name = (voice, position.icao24 or position.callsign or "unnamed")
        row = self._row.get(name)
        if row is None:
            if self._voices[voice] >= PER_VOICE_MAX:
                return OF_ONE_VOICE
            if len(self._names) >= HEARD_MAX:
                return OF_ALL
            self._voices[voice] += 1
            row = self._row[name] = len(self._names)
            self._names.append(name)
            self._at_s[row] = -np.inf
        time_s = seconds_of(position.time)
        if self._at_s[row] >= time_s:
            return None
        self._at_s[row], self._lat[row], self._lon[row] = time_s, position.lat, position.lon
        self._speed[row], self._course[row] = position.speed_mps or 0.0, position.heading_deg or 0.0
        self._east[row] = np.nan
        return None

    def believed(self, now_s: float, tracks: Sequence[Track], called: Collection[str]) -> tuple[Track, ...]:
        """The tracks, those that a transponder has spoken for all along as what they most likely are.

        called   ids of tracks because of which people are in cover: nothing is believed of them any more
        """
        self._forget(now_s)
        known = {track.id for track in tracks}
        self._companions = {name: one for name, one in self._companions.items() if name in known}
        for track in tracks:
            companion = self._companions.setdefault(track.id, Companion(now_s))
            companion.lost |= track.id in called
        open_ones = [track for track in tracks if not self._companions[track.id].lost]
        if not open_ones:
            return tuple(tracks)
        near = dict(zip((track.id for track in open_ones), self._near(now_s, open_ones), strict=True))
        return tuple(self._of(now_s, track, near[track.id]) if track.id in near else track for track in tracks)

    def _forget(self, now_s: float) -> None:
        """Drop what has not been heard for a while."""
        count = len(self._names)
        kept = np.flatnonzero(now_s - self._at_s[:count] <= GAP_S)
        if len(kept) == count:
            return
        for column in self._columns():
            column[: len(kept)] = column[kept]
        self._names = [self._names[row] for row in kept.tolist()]
        self._number()

    def _number(self) -> None:
        self._row = {name: row for row, name in enumerate(self._names)}
        assert len(self._row) == len(self._names), "one row for each transponder"
        self._voices = Counter(voice for voice, _ in self._names)

    def _columns(self) -> tuple[Floats, ...]:
        return self._at_s, self._lat, self._lon, self._speed, self._course, self._east, self._north

    def _places(self, now_s: float) -> tuple[Floats, Floats]:
        """Where every transponder is by now, by what it said: metres east, metres north, each float64 [N]."""
        heard = slice(0, len(self._names))
        new = np.flatnonzero(np.isnan(self._east[heard]))
        if len(new):
            self._east[new], self._north[new] = self._frame.to_local(self._lat[new], self._lon[new])
        flown_m, course = (now_s - self._at_s[heard]) * self._speed[heard], np.radians(self._course[heard])
        return self._east[heard] + flown_m * np.sin(course), self._north[heard] + flown_m * np.cos(course)

    def _of(self, now_s: float, track: Track, near: list[str]) -> Track:
        companion = self._companions[track.id]
        if not companion.name and len(near) == 1:
            companion.name = near[0]
        if companion.name not in near:
            # Not there yet is forgiven for a while, not there any more is not.
            companion.lost = bool(companion.name) or now_s - companion.first_s > BEGIN_S
            return track
        civil = track.classes.get("civil", 0.0) + track.classes.get("aircraft", 0.0)
        if civil < CIVIL_LIKE or track.arc is not None:
            return track
        return msgspec.structs.replace(
            track, threat="civil", probability=1.0 - LEFT, classes={"civil": 1.0 - LEFT, "aircraft": LEFT}
        )

    def _near(self, now_s: float, tracks: Sequence[Track]) -> list[list[str]]:
        """Of each track the transponders that say they are where it is."""
        east_m, north_m = self._places(now_s)
        east, north = self._frame.to_local([track.lat for track in tracks], [track.lon for track in tracks])
        found = []
        for track, track_east, track_north in zip(tracks, east.tolist(), north.tolist(), strict=True):
            within_m = AGREE_M + 3.0 * track.sigma_m
            # Thousands may be heard, and nearly all of them are elsewhere already by how far north they are.
            rows = np.flatnonzero(np.abs(north_m - track_north) <= within_m)
            rows = rows[np.hypot(east_m[rows] - track_east, north_m[rows] - track_north) <= within_m]
            found.append(["/".join(self._names[row]) for row in rows.tolist()])
        return found

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        said = np.stack(self._columns()[:5], axis=-1)[: len(self._names)].tolist()
        companions = {name: msgspec.structs.astuple(one) for name, one in self._companions.items()}
        return {"heard": [(*name, *one) for name, one in zip(self._names, said, strict=True)], "companions": companions}

    @classmethod
    def load(cls, state: dict[str, Any], frame: LocalFrame) -> Transponders:
        """What `dump` gave, going on."""
        made = cls(frame)
        made._names = [(voice, name) for voice, name, *_ in state["heard"]]
        for column, said in zip(
            made._columns(), zip(*(one for _, _, *one in state["heard"]), strict=True), strict=False
        ):
            column[: len(said)] = said
        made._east[: len(made._names)] = np.nan
        made._number()
        made._companions = {name: Companion(*one) for name, one in state["companions"].items()}
        return made
