"""Ids of what is published: an engine's own where they are new, and otherwise some that nobody gave yet."""

from __future__ import annotations

from datetime import datetime

from tocsin.model.warning import Warning

Numbers = tuple[int, int]
# More revisions than an episode can have.
_ALL = 1_000_000_000


class Ids:
    """The highest episode and revision published of every zone: none is ever given twice.

    An engine's id is zone/episode/revision/level. Two engines that once differed number differently ever after, so that
    an id of one may be one that the other used long ago; whoever hears it would take it for known. Ids made here hold
    the time of the tick, which is the same for all that decide by one log.
    """

    def __init__(self) -> None:
        self.last: dict[str, Numbers] = {}
        # When an id was last made here for a zone, and how many in that tick.
        self._made: dict[str, tuple[datetime, int]] = {}

    def know(self, warning: Warning) -> None:
        """Take in an id that is in use."""
        numbers = _numbers(warning)
        if numbers is not None:
            self.last[warning.zone] = max(numbers, self.last.get(warning.zone, numbers))

    def close(self, zone: str, episode: int) -> None:
        """Take in that every id of an episode may be in use."""
        self.last[zone] = max((episode, _ALL), self.last.get(zone, (0, 0)))

    def of(self, warning: Warning, before: Warning | None, now: datetime) -> str:
        """Under which id a warning is published after `before`, which is in force.

        While something is in force the episode stays: sirens sound anew for a new one.
        """
        numbers, last = _numbers(warning), self.last.get(warning.zone)
        stays = before is None or _episode(warning) == _episode(before)
        if numbers is not None and stays and (last is None or numbers > last):
            self.last[warning.zone] = numbers
            return warning.id
        episode, revision = (0, 0) if last is None else last
        shown = str(episode) if before is None else _episode(before)
        made_at, count = self._made.get(warning.zone, (now, 0))
        count = count + 1 if made_at == now else 1
        self._made[warning.zone] = (now, count)
        at = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}" + (f".{count}" if count > 1 else "")
        return f"{warning.zone}/{shown}/{0 if revision == _ALL else revision}-{at}/{warning.level}"


def _episode(warning: Warning) -> str:
    return warning.id.removeprefix(f"{warning.zone}/").partition("/")[0]


def _numbers(warning: Warning) -> Numbers | None:
    """Episode and revision of an engine's id; None: it was made here."""
    episode, _, rest = warning.id.removeprefix(f"{warning.zone}/").partition("/")
    revision = rest.partition("/")[0]
    return (int(episode), int(revision)) if episode.isdecimal() and revision.isdecimal() else None
