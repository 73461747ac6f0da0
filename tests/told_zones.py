"""Voters of the twins' tests: what an engine would say of zones of which it is told how they shall stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import UNSET

from tocsin.model.effect import Effect, Picture
from tocsin.model.warning import Level, Warning, ZoneState

START = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
VALID_S, RENEW_S, SHOWN_S = 300, 60, 600


def at(seconds: float) -> datetime:
    """A time of the test."""
    return START + timedelta(seconds=seconds)


class Teller:
    """Says at every tick what an engine says whose zones shall stand at these levels: ids, renewals and ends as there.

    A level is `none`, `prepare`, `take_cover` or `lapse`: prepare that ends by itself, without an all clear.
    """

    def __init__(self) -> None:
        self._episode: dict[str, int] = {}
        self._revision: dict[str, int] = {}
        self.shown: dict[str, Warning] = {}
        self._since: dict[str, datetime] = {}

    def tick(self, now_s: float, wanted: Mapping[str, str]) -> list[Effect]:
        """The effects of one tick."""
        warnings, states = [], []
        for zone, level in sorted(wanted.items()):
            before = self.shown.get(zone)
            warning = self._zone(zone, level, at(now_s))
            warnings += [] if warning is None else [warning]
            if self.shown.get(zone) != before:
                states.append(self._state(zone))
        return [*warnings, Picture(time=at(now_s), zones=tuple(states))]

    def whole(self, now_s: float) -> tuple[tuple[Warning, ...], Picture]:
        """All that stands."""
        warnings = tuple(self.shown[zone] for zone in sorted(self.shown))
        return warnings, Picture(time=at(now_s), zones=tuple(self._state(zone) for zone in sorted(self._episode)))

    def rank(self, zone: str) -> int:
        """How much it asks of people in a zone."""
        warning = self.shown.get(zone)
        if warning is None or warning.level == "all_clear":
            return 0
        return 3 if warning.level == "take_cover" else 1 if warning.lapses is True else 2

    def _zone(self, zone: str, level: str, now: datetime) -> Warning | None:
        before, rank = self.shown.get(zone), self.rank(zone)
        if level == "none" and rank == 0:
            if before is not None and before.expires <= now:
                del self.shown[zone]
            return None
        if level == "lapse" and rank == 0:
            return None
        if rank == 1 and level in ("lapse", "none"):
            assert before is not None
            if before.expires <= now:
                del self.shown[zone]
            return None
        shown: Level = "all_clear" if level == "none" else "prepare" if level == "lapse" else level  # type: ignore[assignment]
        due = before is not None and before.expires - now <= timedelta(seconds=RENEW_S)
        if before is not None and before.level == shown and (before.lapses is True) == (level == "lapse") and not due:
            return None
        if rank == 0:
            self._episode[zone], self._revision[zone] = self._episode.get(zone, 0) + 1, 0
        self._revision[zone] += 1
        if before is None or before.level != shown:
            self._since[zone] = now
        warning = Warning(
            id=f"{zone}/{self._episode[zone]}/{self._revision[zone]}/{shown}",
            zone=zone,
            level=shown,
            time=now,
            expires=now + timedelta(seconds=SHOWN_S if level == "none" else VALID_S),
            replaces=before.id if before is not None and rank > 0 else None,
            lapses=True if level == "lapse" else UNSET,
        )
        self.shown[zone] = warning
        return warning

    def _state(self, zone: str) -> ZoneState:
        warning = self.shown.get(zone)
        if warning is None:
            return ZoneState(zone=zone)
        return ZoneState(
            zone=zone,
            level=warning.level,
            since=self._since[zone],
            expires=warning.expires,
            threat=None if warning.level == "all_clear" else warning.threat,
            warning=warning.id,
        )
