"""The spotters of one service: their posts, what each may send now, and whose voice a post's report is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.earth.zone_index import ZoneIndex
from tocsin.forecast.heard import PAIR_S
from tocsin.ingest.rate import Allowance
from tocsin.journal import Journal
from tocsin.model.access import Access
from tocsin.model.event import Tick
from tocsin.model.value import seconds_of
from tocsin.service.spotters.fates import OVER_S, Fates
from tocsin.service.spotters.settings import Spotters
from tocsin.service.spotters.store import Post, Posts

# What a post may save up: a night's queue is sent at once when the line comes back.
BURST_S = 360.0


def posts_path(journal: Path) -> Path:
    """Where the posts of the service with that journal lie."""
    return journal.with_name("spotters.db")


# A report is over after OVER_S, and one that bears it out may be PAIR_S older; of more events than these, which are
# read in a second, the last.
RECALLED_S = OVER_S + PAIR_S
RECALLED_MAX = 100_000


class Enrolled:
    """Open while the service runs."""

    def __init__(self, settings: Spotters, journal: Path, index: ZoneIndex, access: Access) -> None:
        self.settings = settings
        self.posts = Posts(posts_path(journal), settings.posts_max)
        self.fates = Fates(index, access, self.posts)
        self._allowances: dict[str, Allowance] = {}

    def recall(self, journal: Journal) -> None:
        """Take up again the reports that were not over when the service stopped. Raises JournalError."""
        unsettled = self.posts.unsettled()
        if not unsettled:
            return
        events = [event for _, event in journal.read(max(0, journal.last_seq - RECALLED_MAX), pass_over=_left)]
        ended_s = max((seconds_of(one.time) for one in events if isinstance(one, Tick)), default=0.0)
        self.fates.recall((one for one in events if seconds_of(one.time) > ended_s - RECALLED_S), unsettled)

    def voice(self, post: Post) -> str:
        """Whose voice its reports are: posts invited together may be one person with two telephones."""
        return post.name if self.settings.vouches else post.team

    def allowance(self, post: Post) -> Allowance:
        """How much it may send now."""
        # Revoked and forgotten ones among them; what is forgotten here is only what they had saved up.
        if len(self._allowances) > 2 * self.settings.posts_max:
            self._allowances.clear()
        return self._allowances.setdefault(post.name, Allowance(self.settings.per_minute_max / 60.0, BURST_S))

    def reliability(self, post: Post) -> float | None:
        """The share of its reports that others bore out; None: too few are over to say."""
        over: Sequence[int] = (post.borne_out, post.unanswered, post.contradicted)
        return round(post.borne_out / sum(over), 2) if sum(over) >= RELIABLE_MIN else None


def _left(seq: int, reason: str) -> None:
    """An event that this version cannot read: the start has said so already."""


# Fewer say more about luck than about a post.
RELIABLE_MIN = 5
