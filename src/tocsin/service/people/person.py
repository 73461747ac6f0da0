"""A person, as administrators see one; and what he shows that he is it with, which nobody sees."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from tocsin.announce.choice import Worlds
from tocsin.model.errors import BadValue
from tocsin.model.event import Action
from tocsin.model.value import Name, PublicReason, Time, Value
from tocsin.service.people.roles import Role, actions
from tocsin.service.people_settings import Officer

ALSO_MAX = 20
# More than a minute has; where a clock ran ahead, those of that time are kept until it is that late.
STEPS_KEPT = 20


class Person(Value, frozen=True, kw_only=True):
    """Who signs in, and what he may do.

    id        what he signs in with, and under what he acts; nobody else ever gets it
    name      what he is called
    actions   of the acts that his roles let him do; zones: where, none: everywhere; worlds: when
    also      ids of [[operator]] and [[watcher]] tokens that are his: he approves nothing that he did with those
    gone_at   since when he is nobody any more; kept so that his id stays his
    """

    id: Name
    name: PublicReason = ""
    roles: Annotated[tuple[Role, ...], Meta(min_length=1, max_length=6)]
    actions: tuple[Action, ...] = get_args(Action)
    zones: Annotated[tuple[Name, ...], Meta(max_length=20_000)] = ()
    worlds: Worlds = "both"
    also: Annotated[tuple[Name, ...], Meta(max_length=ALSO_MAX)] = ()
    made_at: Time
    gone_at: Time | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if "/" in self.id:
            raise BadValue(f"id {self.id} has a / in it; take another")

    @property
    def officer(self) -> Officer | None:
        """What he may do as a duty officer; None: he is none."""
        can = tuple(action for action in actions(*self.roles) if action in self.actions)
        return Officer(id=self.id, actions=can, zones=self.zones, worlds=self.worlds) if can else None


class Credentials(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one person signs in with. All of it but `totp` is hashes.

    password     Argon2id, in its usual form
    totp         the secret that his telephone shares, base32; whoever reads this file can make his codes
    totp_steps   the steps of 30 s of which codes were taken, the latest sign-in's last: none is taken twice
    recovery     SHA-256 of the codes that are left for who has lost his telephone
    invitation   SHA-256 of the code with which he makes himself a password, until `invited_until` (POSIX seconds)
    """

    password: str | None = None
    totp: str | None = None
    totp_steps: tuple[int, ...] = ()
    recovery: tuple[str, ...] = ()
    invitation: str | None = None
    invited_until: float = 0.0

    def less_used(self, other: Credentials) -> Credentials:
        """The same, without the codes of the same telephone and list that were used in the other."""
        if self.totp is None or self.totp != other.totp:
            return self
        left = tuple(code for code in self.recovery if code in other.recovery)
        used = self
        for step in other.totp_steps:
            used = used.with_used(step)
        return msgspec.structs.replace(used, recovery=left)

    def with_used(self, step: int) -> Credentials:
        """The same, when the code of a step was taken."""
        steps = (*(one for one in self.totp_steps if one != step), step)
        return msgspec.structs.replace(self, totp_steps=steps[-STEPS_KEPT:])
