"""CAP messages at /cap/…: what `cap_archive` makes of the warnings, written out when somebody reads it.

Order     a message is made in the same call as its warnings, and refers to the messages it takes the place of
Retries   readers come again; a message never changes once it is there
Bounds    those of the archive, and of the press
Proof     signed where the settings name a key; the service makes and signs what is new right after it was decided, in
          a thread of its own, and what somebody asks for before that, or long after, when he asks
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import get_args

from tocsin.announce.cap_archive import ZONES_MAX, Archive
from tocsin.announce.cap_press import Press
from tocsin.announce.channel import Batch
from tocsin.announce.quality import Quality, done, exempt
from tocsin.cap.signers import Signers
from tocsin.cap.write import Author, Message
from tocsin.model.effect import Degraded
from tocsin.model.errors import BadRecord
from tocsin.model.warning import Level, Warning


class CapMessages:
    """The channel: an archive, and the author that writes its messages out."""

    name = "cap_messages"
    quality = Quality(
        one_batch=done("test_zones_warned_in_the_same_moment_share_a_message"),
        order=done("test_a_receiver_who_only_follows_cap_believes_what_the_warnings_say"),
        idempotent=done("test_warnings_told_again_make_no_message"),
        bounded=done("test_the_last_messages_are_kept_and_those_in_force"),
        stands_alone=done("test_a_listener_that_always_raises_stops_nothing_and_is_said_once"),
        retries=exempt("readers come and fetch the messages"),
        deadline=exempt("every message carries its expiry"),
        receipts=exempt("readers come and fetch the messages"),
        restart=done("test_the_same_warnings_give_the_same_bytes_across_a_restart"),
        drill=done("test_a_drill_says_so_in_every_language"),
        private=done("test_no_message_holds_a_track_a_sensor_or_a_reason"),
        blindness=done("test_messages_say_where_we_may_be_blind_as_far_as_the_public_is_told"),
        languages=done("test_a_drill_says_so_in_every_language"),
        proof=done("test_what_the_service_serves_is_signed_and_verified_by_somebody_elses_code"),
    )

    def __init__(
        self,
        author: Author,
        signers: Signers | str | None = None,
        blind: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self.author = author
        self.archive = Archive(author.issuer)
        self.press = Press(author, signers)
        self._new: list[Message] = []
        self._blind = blind

    def fold(self, batch: Batch) -> None:
        """Make the messages that tell of a batch's warnings, and of blindness as it is shown by now."""
        # After a restart nothing is shown as blind before this is heard of again; what was kept still holds.
        if batch.whole or any(isinstance(effect, Degraded) for effect in batch.effects):
            self.archive.blind = self._blind()
        self._new = [*self._new, *self.archive.apply(batch.warnings)][-ZONES_MAX:]

    def take_new(self) -> tuple[Message, ...]:
        """What was decided since the last call, and is not made yet."""
        new, self._new = self._new, []
        return tuple(new)

    @property
    def withheld(self) -> tuple[Message, ...]:
        """What could not be signed and is still served."""
        found = (self.archive.find(name) for name in self.press.withheld)
        return tuple(message for message in found if message is not None)

    def load(self, data: bytes) -> None:
        """Go on with the messages of a snapshot; a dump that cannot be read is done without."""
        try:
            self.archive = Archive.load(data, self.author.issuer)
        except BadRecord:
            self.archive = Archive(self.author.issuer)

    def xml(self, name: str) -> bytes | None:
        """A message by its identifier or by the id of a warning in it; None: not kept. Raises Withheld."""
        message = self.archive.find(name)
        return None if message is None else self.press.made(message)


def rehearsals(author: Author, now: datetime) -> list[Message]:
    """Messages at every level over all zones, for nobody."""
    zones = author.zone_ids
    return [
        Message(
            identifier=f"rehearsal-{level}-{first}",
            sent=now,
            kind="Alert",
            warnings=tuple(
                Warning(id=f"rehearsal-{zone}", zone=zone, level=level, time=now, expires=now + timedelta(minutes=5))
                for zone in zones[first : first + ZONES_MAX]
            ),
        )
        for level in get_args(Level)
        for first in range(0, len(zones), ZONES_MAX)
    ]
