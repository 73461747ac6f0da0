"""The rule: of every zone goes out the highest that any voter holds. Raising needs one, lowering needs all.

Until all lower, what was published stands, and is renewed before it runs out. An all clear is always one that a voter
gave; where nobody has one to give, the warning ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.model.warning import Warning, ZoneState
from tocsin.twins.held import unheard_said
from tocsin.twins.ids import Ids
from tocsin.twins.published import Published, dated, in_place, lapsing, renewed, state_of
from tocsin.twins.voter import Voter, Word, rank

# What is held is renewed this long before it would run out; engines renew what they hold earlier.
RENEW = timedelta(seconds=30)


class Publication:
    """What is published of every zone.

    zones     those of which something is
    apart     zones that are not simply as all voters have them -> since when
    floors    zones that may not be lowered below a level -> that level's rank, and why
    counting  the voters that count
    unheard   who lives and has not said what he holds: until then nothing is lowered
    until     up to which tick all that count were heard; None: one of them never was. Nothing is lowered by a word
              that is newer: another may have raised in that very tick, and what it said be on its way
    changed   zones that are published otherwise than when it was last emptied
    """

    def __init__(self, counting: tuple[Voter, ...]) -> None:
        self.zones: dict[str, Published] = {}
        self.ids = Ids()
        self.apart: dict[str, datetime] = {}
        self.floors: dict[str, tuple[int, str]] = {}
        self.counting = counting
        self.unheard: tuple[str, ...] = ()
        self.until: datetime | None = None
        self.changed: dict[str, None] = {}

    def settle(self, zones: Iterable[str], now: datetime) -> list[Warning]:
        """Bring these zones to what the voters hold by now; what goes out."""
        return [warning for zone in zones if (warning := self._settle(zone, now)) is not None]

    def lowered(self, zones: Iterable[str]) -> list[str]:
        """Those that would be lowered if nothing held them."""
        return [zone for zone in zones if (one := self.zones.get(zone)) is not None and self._top(zone) < one.rank]

    def state(self, zone: str, said: ZoneState | None, by: Voter | None, *, drill: bool) -> ZoneState:
        """How a zone stands by what is published; `said`: by one of the voters."""
        if said is not None and self.counting == (by,) and zone not in self.apart:
            return said
        why = next((why for voter in self.counting if (why := voter.blind(zone)) is not None), None)
        return state_of(zone, self.zones.get(zone), why, drill=drill if said is None else said.drill)

    def _settle(self, zone: str, now: datetime) -> Warning | None:
        before, found = self.zones.get(zone), None
        top, stands = self._top(zone), 0 if before is None else before.rank
        if top > 0 and top >= stands:
            best = self._best(zone, top)
            if before is None or top > stands or best.time > before.warning.time:
                found = self._say(zone, best, before, now, fresh=False)
        elif before is not None and top < stands:
            found = self._lower(zone, top, before, now)
        elif before is None or self._passed(zone, before, now):
            self._drop(zone)
        self._compare(zone, now)
        return found

    def _lower(self, zone: str, top: int, before: Published, now: datetime) -> Warning | None:
        """Lower a zone to `top`, or hold it; what goes out, if anything."""
        least, why = self._floor(zone, before.rank)
        if self.until is None or any(word.warning.time > self.until for word in self._words(zone)):
            least, why = before.rank, "not all have decided on it yet"
        if least > top:
            if least == before.rank and before.warning.expires - now > RENEW:
                return None
            warning = renewed(before.warning, now, why, step_down=least < before.rank)
            return self._publish(zone, warning, before, now, ours=True)
        word = self._best(zone, top) if top > 0 else self._clear(zone, before)
        if word is not None:
            return self._say(zone, word, before, now, fresh=zone in self.apart)
        if before.rank > 1:
            return self._publish(zone, lapsing(before.warning, now), before, now, ours=True)
        if now >= before.warning.expires:
            self._drop(zone)
        return None

    def _clear(self, zone: str, before: Published) -> Warning | None:
        """The newest all clear that a voter gave since the zone was first warned; None where one of them gave none."""
        now = [word for word in self._words(zone) if word.warning.time >= before.begun]
        if any(word.over and rank(word.warning) > 0 for word in now):
            # To one of them it ended by itself, because nobody sees there: an all clear would be a guess.
            return None
        return max((word.warning for word in now if rank(word.warning) == 0), key=_time, default=None)

    def _floor(self, zone: str, stands: int) -> tuple[int, str]:
        """The rank below which a zone may not be lowered although nobody that is heard holds it, and why."""
        if self.unheard:
            return stands, unheard_said(self.unheard)
        least, why = self.floors.get(zone, (0, ""))
        return min(least, stands), why

    def _passed(self, zone: str, before: Published, now: datetime) -> bool:
        """Whether an all clear is not shown any longer."""
        shown = any(zone in voter.words and not voter.words[zone].over for voter in self.counting)
        return not shown and (not before.ours or now >= before.warning.expires)

    def _say(self, zone: str, word: Warning, before: Published | None, now: datetime, *, fresh: bool) -> Warning:
        """Publish a voter's word; see `dated`."""
        warning = word if before is None else dated(word, before.warning, now, fresh=fresh)
        return self._publish(zone, warning, before, now, ours=warning is not word)

    def _publish(
        self, zone: str, warning: Warning, before: Published | None, now: datetime, *, ours: bool = False
    ) -> Warning:
        force = before.warning if before is not None and before.rank > 0 else None
        assert force is not None or rank(warning) > 0, f"an all clear for {zone}, where nothing stands"
        warning = in_place(warning, self.ids.of(warning, force, now), force)
        same = before is not None and before.warning.level == warning.level
        self.zones[zone] = Published(
            warning,
            since=before.since if before is not None and same else warning.time,
            begun=before.begun if before is not None and force is not None else warning.time,
            ours=ours,
        )
        self.changed[zone] = None
        return warning

    def _drop(self, zone: str) -> None:
        """Publish nothing of a zone any more, and forget what ended there."""
        if self.zones.pop(zone, None) is not None:
            self.changed[zone] = None
        for voter in self.counting:
            if zone in voter.words and voter.words[zone].over:
                del voter.words[zone]

    def _compare(self, zone: str, now: datetime) -> None:
        """Write down whether a zone is published as all have it."""
        one = self.zones.get(zone)
        alike = one is not None and not one.ours and any(_same(word.warning, one.warning) for word in self._words(zone))
        if one is None or (alike and all(voter.rank(zone) == one.rank for voter in self.counting)):
            self.apart.pop(zone, None)
        else:
            self.apart.setdefault(zone, now)

    def _words(self, zone: str) -> list[Word]:
        """What those that count said last of a zone."""
        return [word for voter in self.counting if (word := voter.words.get(zone)) is not None]

    def _top(self, zone: str) -> int:
        """The most that anybody who counts asks for in a zone."""
        return max((voter.rank(zone) for voter in self.counting), default=0)

    def _best(self, zone: str, top: int) -> Warning:
        """The newest warning of those that ask for so much."""
        return max((voter.words[zone].warning for voter in self.counting if voter.rank(zone) == top), key=_time)


def _same(one: Warning, other: Warning) -> bool:
    return (one.id, one.replaces) == (other.id, other.replaces)


def _time(warning: Warning) -> datetime:
    return warning.time
