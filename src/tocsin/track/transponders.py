"""What transponders say, kept apart from what sensors see: it moves no track, and speaks for few.

A transponder says what its owner likes. That it speaks for a track that sensors hold counts only where it has done so
from the beginning, without a gap or a contradiction, where the track flies as a civil aircraft does by the sensors' own
measurements, and as long as nobody has been sent into cover because of it. Even then it is evidence of bounded weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from tocsin.earth.frames import LocalFrame
from tocsin.model.observation import Position
from tocsin.model.track import Track
from tocsin.model.value import seconds_of

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


class Heard(NamedTuple):
    """The newest report of one transponder: degrees, metres a second, degrees clockwise from north."""

    at_s: float
    lat: float
    lon: float
    speed_mps: float
    course_deg: float


class Companion(msgspec.Struct):
    """The transponder that has flown with a track since it came into view; `lost` for good once it did not."""

    first_s: float
    name: str = ""
    lost: bool = False


class Transponders:
    """The transponders heard in one sector, and which tracks they have spoken for all along."""

    def __init__(self, frame: LocalFrame) -> None:
        self._frame = frame
        self._heard: dict[tuple[str, str], Heard] = {}
        self._companions: dict[str, Companion] = {}
        self._voices: Counter[str] = Counter()

    def note(self, position: Position, voice: str) -> str | None:
        """Take in what a transponder said. Returns why it does not count, or None.

        One that is older than what is known changes nothing, and is nothing to tell of: receivers overtake each other.
        """
        name = (voice, position.icao24 or position.callsign or "unnamed")
        time_s, known = seconds_of(position.time), self._heard.get(name)
        if known is None:
            if self._voices[voice] >= PER_VOICE_MAX:
                return f"{PER_VOICE_MAX} aircraft of one voice are kept at a time; this is one more"
            if len(self._heard) >= HEARD_MAX:
                return f"{HEARD_MAX} aircraft are kept at a time; this is one more"
            self._voices[voice] += 1
            assert self._voices.total() == len(self._heard) + 1, "who speaks for each transponder is known"
        elif known.at_s >= time_s:
            return None
        self._heard[name] = Heard(
            time_s, position.lat, position.lon, position.speed_mps or 0.0, position.heading_deg or 0.0
        )
        return None

    def believed(self, now_s: float, tracks: Sequence[Track], called: Collection[str]) -> tuple[Track, ...]:
        """The tracks, those that a transponder has spoken for all along as what they most likely are.

        called   ids of tracks because of which people are in cover: nothing is believed of them any more
        """
        self._heard = {name: one for name, one in self._heard.items() if now_s - one.at_s <= GAP_S}
        self._voices = Counter(voice for voice, _ in self._heard)
        known = {track.id for track in tracks}
        self._companions = {name: one for name, one in self._companions.items() if name in known}
        names = ["/".join(name) for name in self._heard]
        places = self._places(now_s) if tracks and names else np.empty((0, 2))
        return tuple(self._of(now_s, track, names, places, called) for track in tracks)

    def _places(self, now_s: float) -> Any:
        """Where every transponder is by now, by what it said: metres east and north, float64 [N, 2]."""
        at_s, lat, lon, speed, course = np.array(list(self._heard.values())).T
        flown_m, course = (now_s - at_s) * speed, np.radians(course)
        east, north = self._frame.to_local(lat, lon)
        return np.stack([east + flown_m * np.sin(course), north + flown_m * np.cos(course)], axis=-1)

    def _of(self, now_s: float, track: Track, names: list[str], places: Any, called: Collection[str]) -> Track:
        companion = self._companions.setdefault(track.id, Companion(now_s))
        if companion.lost:
            return track
        if track.id in called:
            companion.lost = True
            return track
        near = self._near(track, names, places)
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

    def _near(self, track: Track, names: list[str], places: Any) -> list[str]:
        """The transponders that say they are where a track is."""
        if not names:
            return []
        east, north = (float(part) for part in self._frame.to_local(track.lat, track.lon))
        away = np.hypot(places[:, 0] - east, places[:, 1] - north)
        return [names[k] for k in np.flatnonzero(away <= AGREE_M + 3.0 * track.sigma_m)]

    def dump(self) -> dict[str, Any]:
        """Plain containers, for a snapshot."""
        companions = {name: msgspec.structs.astuple(one) for name, one in self._companions.items()}
        return {"heard": [(*name, *one) for name, one in self._heard.items()], "companions": companions}

    @classmethod
    def load(cls, state: dict[str, Any], frame: LocalFrame) -> Transponders:
        """What `dump` gave, going on."""
        made = cls(frame)
        made._heard = {(voice, name): Heard(*one) for voice, name, *one in state["heard"]}
        made._voices = Counter(voice for voice, _ in made._heard)
        made._companions = {name: Companion(*one) for name, one in state["companions"].items()}
        return made
