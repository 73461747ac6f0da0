"""What existing clients are told of: for each zone the time under cover or in readiness, from its start to its end.

Order     folded after the board, whose doubts it shares: where the picture is old, no form says that all is quiet
Retries   clients poll
Bounds    one episode a zone that stands, ENDED_MAX that have ended, and what began or ended within PULSE_S
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from tocsin.announce.board import Board, warned
from tocsin.announce.channel import Batch
from tocsin.announce.compat.places import Places
from tocsin.announce.quality import Quality, done, exempt
from tocsin.model.effect import Picture
from tocsin.model.threat import ThreatClass
from tocsin.model.warning import Warning, ZoneState
from tocsin.model.zone import Zone

ENDED_MAX = 20_000
# The Home Front Command's list shows what is new for about so long, and its clients look every second or two.
PULSE_S = 30.0
Raised = Literal["prepare", "take_cover"]


class Unseen(Exception):
    """Nobody sees what is asked for, and a form that can only list alerts would say that all is quiet."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One zone's time at one level.

    number   the same for the same episode, across restarts
    zone     its number in the order of the zones
    """

    number: int
    zone: int
    level: Raised
    threat: ThreatClass
    began: datetime
    drill: bool
    ended: datetime | None = None


class Episodes:
    """The channel.

    since      from when on they are known; None: nothing was folded yet
    standing   by number of the zone
    ended      times under cover that are over, the oldest first
    changed_at a whole second that differs whenever anything does: what clients send back as If-Modified-Since
    """

    name = "compat"
    quality = Quality(
        one_batch=done("test_the_zones_of_a_tick_are_told_together"),
        order=done("test_unmodified_clients_follow_a_raid_from_start_to_end"),
        idempotent=done("test_what_is_told_again_changes_no_answer"),
        bounded=done("test_what_has_ended_is_kept_within_bounds"),
        stands_alone=exempt("it is a view in memory; whoever reads slowly holds up nobody"),
        retries=exempt("clients poll, and see what stands"),
        deadline=exempt("an answer shows what stands when it is asked for"),
        receipts=exempt("clients poll without an account"),
        restart=done("test_a_restart_rings_nothing_again_and_keeps_its_numbers"),
        drill=done("test_a_drill_is_marked_or_not_served"),
        private=done("test_no_answer_names_a_track_a_reason_or_a_probability"),
        blindness=done("test_where_we_may_be_blind_no_form_says_that_all_is_quiet"),
        languages=exempt("each form has the language that its clients expect"),
        proof=exempt("the forms have no place for a signature; TLS says who serves them"),
    )

    def __init__(self, zones: Sequence[Zone], board: Board) -> None:
        self.zones = tuple(zones)
        self.places = Places(zones)
        self.board = board
        self.standing: dict[int, Episode] = {}
        self.ended: deque[Episode] = deque(maxlen=ENDED_MAX)
        self.since: datetime | None = None
        self.changed_at: datetime | None = None
        self._number = {zone.id: number for number, zone in enumerate(self.zones)}
        self._blind: frozenset[str] = frozenset()
        self._states: dict[str, ZoneState] = {}
        self._lately: deque[tuple[datetime, Episode]] = deque()

    def fold(self, batch: Batch) -> None:
        """Take in what one tick brought."""
        self.since = self.since or batch.now
        touched: dict[str, ZoneState] = {}
        for effect in batch.effects:
            if isinstance(effect, Warning):
                before = touched.get(effect.zone) or self._states.get(effect.zone) or ZoneState(zone=effect.zone)
                touched[effect.zone] = warned(before, effect)
            elif isinstance(effect, Picture):
                touched.update((state.zone, state) for state in effect.zones)
        moved = [self._put(state, batch.now) for state in touched.values()]
        if any(moved) or self.board.blind != self._blind or self.changed_at is None:
            self._blind = self.board.blind
            self.changed_at = self._later(batch.now)
        while self._lately and (batch.now - self._lately[0][0]).total_seconds() > PULSE_S:
            self._lately.popleft()

    def _later(self, now: datetime) -> datetime:
        second = now.replace(microsecond=0)
        return second if self.changed_at is None else max(second, self.changed_at + timedelta(seconds=1))

    def _put(self, state: ZoneState, now: datetime) -> bool:
        """Show a zone's state; whether an episode began or ended."""
        number = self._number.get(state.zone)
        if number is None:
            return False
        self._states[state.zone] = state
        before, after = self.standing.get(number), _episode(state, number, now)
        if before is not None and after is not None and before.level == after.level and before.drill == after.drill:
            self.standing[number] = replace(before, threat=after.threat)
            return before.threat != after.threat
        if before is not None:
            over = replace(before, ended=state.since if state.since and state.since >= before.began else now)
            if over.level == "take_cover":
                self.ended.append(over)
            if after is None:
                self._lately.append((now, over))
            del self.standing[number]
        if after is not None:
            self.standing[number] = after
            # Whoever is told to come out of cover and stay ready hears of it when it is over.
            if before is None or after.level == "take_cover":
                self._lately.append((after.began, after))
        return before is not None or after is not None

    def lately(self, now: datetime) -> list[Episode]:
        """What began or ended within PULSE_S, as far as it still holds, in that order."""
        known: dict[int, Episode] = {}
        for at, episode in self._lately:
            standing = self.standing.get(episode.zone)
            holds = standing is None if episode.ended is not None else standing is not None
            if holds and 0 <= (now - at).total_seconds() <= PULSE_S:
                known.pop(episode.zone, None)
                known[episode.zone] = episode
        return list(known.values())

    def covered(self) -> Iterator[Episode]:
        """The zones under cover, in the order of the zones."""
        return (self.standing[number] for number in sorted(self.standing) if self._covers(number))

    def _covers(self, number: int) -> bool:
        return self.standing[number].level == "take_cover"

    def look(self, zones: Iterable[int] | None = None) -> None:
        """Raise Unseen where none of these zones (None: of all) is under cover and all of them may be blind."""
        asked, covered, _, blind = self.level(range(len(self.zones)) if zones is None else zones)
        if asked and blind == asked and not covered:
            raise Unseen

    def level(self, zones: Iterable[int]) -> tuple[int, int, int, int]:
        """Of some zones: how many there are, are under cover, are at least to prepare, and are not under cover and may
        be blind."""
        numbers = list(zones)
        episodes = [self.standing.get(number) for number in numbers]
        covered = sum(one is not None and one.level == "take_cover" for one in episodes)
        blind = sum(
            (one is None or one.level != "take_cover") and self.zones[number].id in self._blind
            for number, one in zip(numbers, episodes, strict=True)
        )
        return len(numbers), covered, sum(one is not None for one in episodes), blind


def _episode(state: ZoneState, number: int, now: datetime) -> Episode | None:
    if state.level not in ("prepare", "take_cover"):
        return None
    began = state.since or now
    told = f"{state.zone}/{state.level}/{began.isoformat()}"
    # Six octets: what clients in JavaScript hold without rounding.
    name = int.from_bytes(hashlib.sha256(told.encode()).digest()[:6], "big")
    return Episode(name, number, state.level, state.threat or "unknown", began, state.drill)
