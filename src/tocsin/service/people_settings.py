"""What the settings say of people: how they sign in, and who holds a token."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from tocsin.announce.choice import Worlds
from tocsin.model.event import Action
from tocsin.service.names import Name
from tocsin.service.section import Section


class Officer(Section):
    """What a duty officer may do, and where, by whichever way we know him."""

    id: Name = Field(description="Who acts; every act is journalled under it.")
    actions: tuple[Action, ...] = Field(
        get_args(Action), min_length=1, description="What he may do: raise, confirm, cancel, release, approve."
    )
    zones: tuple[Name, ...] = Field(
        (),
        max_length=20_000,
        description="Where he may act: ids of zones, or of what they are part of; none: everywhere.",
    )
    worlds: Worlds = Field(
        "both", description="When he may act: `drills`, `live`, or `both`; give one person a token for each."
    )


class Operator(Officer):
    """A duty officer with a token: what he may do, and where."""

    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bearer token, in hexadecimal.")


class Watcher(Section):
    """A monitoring system that may see how every sensor does, and may do nothing else."""

    id: Name = Field(description="Its name.")
    token_sha256: str = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of its bearer token, in hexadecimal.")


class People(Section):
    """How people sign in."""

    path: Path | None = Field(None, description="The SQLite file of who there is; else `people.db` beside the journal.")
    idle_s: float = Field(
        3_600.0, ge=60, le=86_400, description="Seconds after which a session ends whose pages are all closed."
    )
    lifetime_s: float = Field(
        46_800.0, ge=60, le=604_800, description="Seconds after which any session ends: a shift and its hand-over."
    )
    invitation_s: float = Field(
        86_400.0, ge=60, le=604_800, description="Seconds in which an invitation must be taken up."
    )
    second_factor: Literal["required", "offered"] = Field(
        "required",
        description="Whether who acts, approves or administers needs more than a password; `offered` only in a drill, "
        "or where the service listens on this machine alone.",
    )
