"""What is published of a sector that several decide, out of what every one of them says, step by step."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.model.effect import Effect, Picture
from tocsin.model.warning import Warning, ZoneState
from tocsin.twins.held import Held, held_in
from tocsin.twins.publication import Publication
from tocsin.twins.published import Published
from tocsin.twins.voter import Life, Voter, Word, rank

# A voter of which nothing newer is heard while others decide for this long is late: it counts when it has caught up.
LATE = timedelta(seconds=15)
# Of the zones that would be lowered, those that may not be below a level now; the level, and why.
Floors = Mapping[str, tuple[Literal["prepare", "take_cover"], str]]
Doubts = Callable[[Sequence[str]], Floors]
_RANKS = {"prepare": 2, "take_cover": 3}


class Agreement:
    """The one publication of several voters; the rule is `Publication`'s.

    Nothing here looks at a clock: time is that of the voters' ticks. A lone voter's effects come back as they are.

    voters  by name, and how each lives
    own     the one in this process: its pictures go out whole, and what else it says; of the others only what their
            warnings change. None: all are others
    late    for how long others may decide without a voter before it does not count
    """

    def __init__(self, voters: Mapping[str, Life], *, own: str | None = None, late: timedelta = LATE) -> None:
        assert voters and (own is None or own in voters), "an agreement of nobody, or without oneself"
        # Our own first: where several say why we may be blind, it is our own reason that is told.
        names = sorted(voters, key=lambda name: (name != own, name))
        self._voters = {name: Voter(name, voters[name]) for name in names}
        self.publication = Publication(tuple(self._voters.values()))
        self._own, self._late = own, late
        self._now: datetime | None = None
        # Times of ticks that anybody spoke of, in order, for twice as long as one may be late.
        self._ticks: list[datetime] = []
        self._drill = False
        self._shown: dict[str, ZoneState] = {}
        self._recount()

    @property
    def now(self) -> datetime | None:
        """The newest time of which anybody who lives spoke; None: nobody did."""
        return self._now

    @property
    def lives(self) -> dict[str, Life]:
        """How every voter lives."""
        return {name: voter.life for name, voter in self._voters.items()}

    def take(self, name: str, effects: Sequence[Effect], doubts: Doubts | None = None) -> list[Effect]:
        """What is published of one step of a voter; `doubts` is asked at every one of them that decides."""
        voter = self._voters[name]
        if voter.life == "dead":
            return []
        if not any(isinstance(effect, (Warning, Picture)) for effect in effects):
            return list(effects) if name == self._own else []
        touched = voter.listen(effects) | self._recount()
        if any(isinstance(effect, Picture) for effect in effects):
            # What time alone may change.
            touched |= dict.fromkeys(self.publication.apart)
        if doubts is not None:
            self.doubt(doubts(self.publication.lowered(touched)))
        return self._rewritten(voter, effects, touched)

    def doubt(self, doubts: Floors) -> None:
        """From now on these zones are not published as less than that, and why; no others are."""
        self.publication.floors = {zone: (_RANKS[level], why) for zone, (level, why) in doubts.items()}

    def raised(self, name: str, warnings: Iterable[Warning]) -> list[Effect]:
        """What is published of warnings of a voter that may raise only, because not all it said was heard."""
        voter = self._voters[name]
        return self.take(name, [one for one in warnings if rank(one) >= max(1, voter.rank(one.zone))])

    def begin(self, warnings: Iterable[Warning], picture: Picture) -> None:
        """Go on with what our own voter held, and with that published, as after a restart."""
        assert self._own is not None, "others tell what they hold"
        since = {state.zone: state.since for state in picture.zones}
        for warning in warnings:
            at = since.get(warning.zone) or warning.time
            self.publication.zones[warning.zone] = Published(warning, at, at)
            self.publication.ids.know(warning)
        self._voters[self._own].listen([*warnings, picture])
        self._recount()

    def stand(self, name: str, warnings: Sequence[Warning], picture: Picture) -> list[Effect]:
        """What is published once a voter told all that it holds, in the place of all it said before; it is heard."""
        voter = self._voters[name]
        if voter.life == "dead":
            return []
        before, known = voter.forget(), set(self.publication.zones)
        voter.life = "living"
        self.publication.changed |= before
        effects: list[Effect] = [*warnings, picture]
        touched = before | voter.listen(effects) | self._recount() | dict.fromkeys(self.publication.apart)
        found = self._rewritten(voter, effects, touched)
        for state in picture.zones:
            one = None if state.zone in known else self.publication.zones.get(state.zone)
            if one is not None and one.warning.id == state.warning and state.since is not None:
                one.since, one.begun = state.since, min(one.begun, state.since)
        return found

    def expect(self, name: str) -> list[Effect]:
        """A voter lives, and what it holds is not known: nothing is lowered until it has told all of it."""
        self._voters[name].life = "unheard"
        return self._turned(self._recount())

    def lose(self, name: str) -> list[Effect]:
        """What is published once a voter does not live any more."""
        voter = self._voters[name]
        voter.life = "dead"
        before = voter.forget()
        self.publication.changed |= before
        return self._turned(before | self._recount() | dict.fromkeys(self.publication.apart))

    def standing(self) -> tuple[Warning, ...]:
        """The warnings in force as they are published, and all clears that are still shown, by zone."""
        return tuple(one.warning for _, one in sorted(self.publication.zones.items()))

    def picture(self, name: str, said: Picture) -> Picture:
        """A voter's picture of every zone, as it is published."""
        here = {state.zone for state in said.zones}
        states = [self._state(state.zone, state, self._voters[name]) for state in said.zones]
        states += [self._state(zone) for zone in self.publication.zones if zone not in here]
        return msgspec.structs.replace(said, zones=tuple(states))

    def held(self) -> tuple[Held, ...]:
        """Where somebody would lower what is published, and does not get his way."""
        publication, found = self.publication, []
        for zone, since in publication.apart.items():
            floor = publication.floors.get(zone)
            one = held_in(zone, publication.zones[zone], since, publication.counting, floor, publication.unheard)
            found += [] if one is None else [one]
        return tuple(found)

    def whole(self, name: str) -> tuple[tuple[Warning, ...], Picture] | None:
        """All that a voter holds, as it said it last; None: it never spoke."""
        return self._voters[name].whole()

    def words(self, name: str) -> Mapping[str, Word]:
        """What a voter said last, by zone."""
        return self._voters[name].words

    def set_apart(
        self,
        name: str,
        zones: Iterable[tuple[str, datetime, Published, Word | None, tuple[int, int] | None]],
    ) -> None:
        """Go on with zones that were not as a voter had them: since when, what was published, and what it had said."""
        for zone, since, published, word, last in zones:
            self.publication.zones[zone] = published
            self.publication.apart[zone] = since
            if word is not None:
                self._voters[name].words[zone] = word
            if last is not None:
                self.publication.ids.last[zone] = last

    def _recount(self) -> dict[str, None]:
        """Bring up to date who counts, and what time it is; the zones of those who begin or cease to count."""
        alive = [voter for voter in self._voters.values() if voter.life != "dead"]
        self.publication.unheard = tuple(voter.name for voter in alive if voter.life == "unheard")
        newest = max((voter.at for voter in alive if voter.at is not None), default=None)
        if newest is not None and (self._now is None or newest > self._now):
            self._now = newest
            self._ticks = [*self._ticks[bisect_left(self._ticks, newest - 2 * self._late) :], newest]
        alive = [voter for voter in alive if not self._is_late(voter)]
        before, self.publication.counting = self.publication.counting, tuple(alive)
        heard = [voter.at for voter in alive if voter.at is not None]
        self.publication.until = min(heard) if heard and len(heard) == len(alive) else None
        turned = [voter for voter in self._voters.values() if (voter in before) != (voter in alive)]
        return {zone: None for voter in turned for zone in (*voter.words, *voter.states)}

    def _is_late(self, voter: Voter) -> bool:
        """Whether others have gone on without a voter for too long: where nobody decided meanwhile, nobody is late."""
        if voter.at is None or not self._ticks or voter.at >= self._ticks[-1]:
            return False
        return self._ticks[-1] - self._ticks[bisect_right(self._ticks, voter.at)] >= self._late

    def _rewritten(self, voter: Voter, effects: Sequence[Effect], touched: dict[str, None]) -> list[Effect]:
        """A voter's effects, rewritten; `touched` are the zones that may be published otherwise than before."""
        assert self._now is not None, "a warning or a picture tells the time"
        found: list[Effect] = []
        last = max((n for n, effect in enumerate(effects) if isinstance(effect, Picture)), default=-1)
        for number, effect in enumerate(effects):
            if isinstance(effect, Warning):
                touched.pop(effect.zone, None)
                found += self.publication.settle([effect.zone], self._now)
            elif isinstance(effect, Picture):
                shown = [state.zone for state in effect.zones]
                found += self.publication.settle(touched if number == last else shown, self._now)
                found.append(self._pictured(voter, effect))
            elif voter.name == self._own:
                found.append(effect)
        return found if last >= 0 else [*found, *self._turned(touched)]

    def _turned(self, touched: Iterable[str]) -> list[Effect]:
        """What changes in these zones, and a picture of it."""
        if self._now is None:
            return []
        found: list[Effect] = [*self.publication.settle(touched, self._now)]
        if self.publication.changed:
            found.append(Picture(time=self._now, zones=self._states(None, ())))
        return found

    def _pictured(self, voter: Voter, picture: Picture) -> Picture:
        """A voter's picture as it is published: our own with all it shows, another's with what it changes."""
        assert self._now is not None, "a picture tells the time"
        states = self._states(voter, picture.zones)
        if voter.name == self._own:
            self._shown.update((state.zone, state) for state in states)
            return msgspec.structs.replace(picture, zones=states)
        new = tuple(state for state in states if self._shown.get(state.zone) != state)
        self._shown.update((state.zone, state) for state in new)
        return Picture(time=self._now, zones=new)

    def _states(self, voter: Voter | None, said: Iterable[ZoneState]) -> tuple[ZoneState, ...]:
        """These zones as they are published, and those that changed since this was last asked."""
        found: dict[str, ZoneState] = {}
        for state in said:
            self._drill = state.drill
            found[state.zone] = self._state(state.zone, state, voter)
        found |= {zone: self._state(zone) for zone in self.publication.changed if zone not in found}
        self.publication.changed = {}
        return tuple(found.values())

    def _state(self, zone: str, said: ZoneState | None = None, by: Voter | None = None) -> ZoneState:
        return self.publication.state(zone, said, by, drill=self._drill)
