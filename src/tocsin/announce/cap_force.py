"""CAP messages in force: those that speak for a zone, and those that take back what somebody may still believe.

A subscriber reads what is in force at the moments of his choice. What he holds from before is either in force, or a
message in force refers to it, or it has expired by what it says itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from tocsin.cap.write import Message, expires_in_cap
from tocsin.model.warning import Level, Warning

# The valid time of a warning in seconds, and more: there is hardly more than one message a second that refers to
# anything. Beyond it the oldest are left out: whoever was away for so long has the pages of the feed.
REFERENCES_MAX = 500
_RANK: dict[Level, int] = {"all_clear": 0, "prepare": 1, "take_cover": 2}


class Said(msgspec.Struct, array_like=True):
    """A message in force.

    reference   how a later message names it
    until       from then on nobody believes anything because of it, or for want of it
    behind      earlier messages that it takes the place of, and until when somebody may believe them, oldest first
    """

    message: Message
    reference: str
    until: datetime
    behind: dict[str, datetime]


def claims(earlier: Warning, level: Level, now: datetime) -> bool:
    """Whether who believes an earlier warning at `now` believes at least that level of its zone."""
    warns = earlier.level != "all_clear" and expires_in_cap(earlier) > now
    return warns and _RANK[earlier.level] >= _RANK[level]


class Force:
    """The messages in force, oldest first."""

    def __init__(self, said: Iterable[Said] = (), latest: dict[str, Warning] | None = None) -> None:
        self.said: dict[str, Said] = {}
        self.latest: dict[str, Warning] = latest or {}
        self._by_zone: dict[str, dict[str, Warning]] = {}
        for one in said:
            self._hold(one)

    def knows(self, warning: Warning) -> bool:
        """Whether it is the last that was told of its zone."""
        latest = self.latest.get(warning.zone)
        return latest is not None and latest.id == warning.id

    def claiming(self, warning: Warning) -> list[Said]:
        """The messages that say as much about the zone of a warning as it does, or more; the newest last."""
        about = self._by_zone.get(warning.zone, {})
        return [self.said[name] for name, one in about.items() if claims(one, warning.level, warning.time)]

    def shadowed(self, said: Said, changed: Collection[str], now: datetime) -> list[Said]:
        """Messages that would be believed again once this one is taken back: of zones of which it told last, and of
        which nothing of it stands any more."""
        over = (
            warning.zone
            for warning in said.message.warnings
            if warning.zone not in changed and self.knows(warning) and warning.expires <= now
        )
        return [
            self.said[name]
            for zone in over
            for name, one in self._by_zone[zone].items()
            if name != said.message.identifier and claims(one, "prepare", now)
        ]

    def rest(self, said: Said, changed: Collection[str], now: datetime) -> list[Warning]:
        """What of a message still stands for other zones than those that change."""
        return [
            warning
            for warning in said.message.warnings
            if warning.zone not in changed
            and warning.level != "all_clear"
            and warning.expires > now
            and self.knows(warning)
        ]

    def behind(self, replaced: Sequence[Said], now: datetime) -> dict[str, datetime]:
        """What a message that takes the place of these refers to: them, and what somebody may believe before them."""
        found = {name: until for said in replaced for name, until in said.behind.items() if until > now}
        found |= {said.reference: _believed_until(said.message) for said in replaced}
        return dict(list(found.items())[-REFERENCES_MAX:])

    def take(self, message: Message, reference: str, behind: dict[str, datetime], replaced: Iterable[Said]) -> None:
        """A message is in force from now on, in the place of others."""
        for said in replaced:
            self._drop(said.message)
        # What it says is newer than what others say of its zones, and must be there as long as that is believed.
        older = [one for warning in message.warnings for one in self._by_zone.get(warning.zone, {}).values()]
        ends = [expires_in_cap(warning) for warning in (*message.warnings, *older)]
        self._hold(Said(message, reference, max(*ends, *behind.values()) if behind else max(ends), behind))
        self.latest.update((warning.zone, warning) for warning in message.warnings)

    def lapse(self, now: datetime) -> list[Message]:
        """Let go of what is over by itself, and return it."""
        over = [said.message for said in self.said.values() if said.until <= now]
        for message in over:
            self._drop(message)
        return over

    def _hold(self, said: Said) -> None:
        name = said.message.identifier
        assert name not in self.said, "a message is said once"
        self.said[name] = said
        for warning in said.message.warnings:
            self._by_zone.setdefault(warning.zone, {})[name] = warning

    def _drop(self, message: Message) -> None:
        if self.said.pop(message.identifier, None) is None:
            return
        for warning in message.warnings:
            about = self._by_zone[warning.zone]
            del about[message.identifier]
            if not about:
                del self._by_zone[warning.zone]


def _believed_until(message: Message) -> datetime:
    """Until when somebody may believe that a zone of it is warned."""
    return max(
        (expires_in_cap(warning) for warning in message.warnings if warning.level != "all_clear"), default=message.sent
    )
