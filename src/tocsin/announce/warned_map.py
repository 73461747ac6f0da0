"""The zones under a warning as GeoJSON, for maps and home automation: one feature each, with `id` and `title`.

A zone that is all clear, or at no level, is not there: readers take a feature that goes for the end of it. So they must
look at `degraded` and `picture_at`, too, which say that we may not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from tocsin.announce.bodies import Warned, WarnedProperties, WarnedZones
from tocsin.announce.outlines import PublicMap
from tocsin.cap.texts import texts_in
from tocsin.cap.write import Issuer
from tocsin.model.warning import ZoneState
from tocsin.model.zone import Zone

_json = msgspec.json.Encoder()


class WarnedMap:
    """Draws zones that are warned; each outline once. Used from any thread."""

    def __init__(self, zones: Sequence[Zone], public_map: PublicMap, issuer: Issuer) -> None:
        self._zones = {zone.id: zone for zone in zones}
        self._map = public_map
        self._language = issuer.languages[0]
        self._drawn: dict[str, msgspec.Raw] = {}

    @cached_property
    def _texts(self) -> Any:
        return texts_in(self._language)

    def geojson(
        self, states: Sequence[ZoneState], *, picture_at: datetime | None, degraded: bool, drill: bool
    ) -> bytes:
        """`bodies.WarnedZones`; the first call takes about a second where there are many zones."""
        features = tuple(self._feature(state) for state in states if state.level in ("prepare", "take_cover"))
        return _json.encode(WarnedZones(picture_at=picture_at, degraded=degraded, drill=drill, features=features))

    def _feature(self, state: ZoneState) -> Warned:
        zone = self._zones.get(state.zone)
        place = zone.name_in(self._language) if zone is not None else state.zone
        assert state.level in ("prepare", "take_cover")
        headline = self._texts.headline(state.level, state.drill)
        if state.zone not in self._drawn:
            self._drawn[state.zone] = msgspec.Raw(_json.encode(self._map.parts(state.zone)))
        return Warned(
            id=state.zone,
            geometry=self._drawn[state.zone],
            properties=WarnedProperties(
                title=f"{headline}: {place}",
                zone=state.zone,
                name=place,
                level=state.level,
                since=state.since,
                expires=state.expires,
                warning=state.warning,
                degraded=state.degraded,
                drill=state.drill,
            ),
        )
