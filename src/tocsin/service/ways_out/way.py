"""What every `[[channel]]` has, and what the service lends to the channel that is made of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.channel import Pushed
from tocsin.announce.choice import Raising, Worlds
from tocsin.announce.sample import Sample
from tocsin.announce.static_files import Beside
from tocsin.announce.warned_map import WarnedMap
from tocsin.cap.write import Issuer
from tocsin.model.errors import BadSettings
from tocsin.model.zone import Zone
from tocsin.service.names import Name
from tocsin.service.placed import paths_of, placed
from tocsin.service.secrets_kept import secret_at


@dataclass(frozen=True, slots=True)
class Ground:
    """What a channel may know of the service it stands in; the same for as long as the service runs.

    zones      every zone, with its names, outline, parent and population
    sites      the zones in which each site lies, by its id
    board      how every zone stands now, blindness as the public may see it, and whether all is a drill
    messages   the CAP messages that are kept, and the press that makes and signs them
    warned_map draws the zones that are warned
    issuer     in whose name warnings go out, in which languages
    sector     the short name of this service
    now        its time: the clock that everything is dated by
    base_url   how the outside reaches its pages, without a slash at the end; empty where the settings do not say
    folder     where a channel may keep files of its own, under its own id; it may not be there yet
    journal    which journal names the warnings; asked only when it is open
    beside     files of the public log, for a channel of files; waits for the disk
    """

    zones: tuple[Zone, ...]
    sites: Mapping[str, tuple[str, ...]]
    board: Board
    messages: CapMessages
    warned_map: WarnedMap
    issuer: Issuer
    sector: str
    now: Callable[[], datetime]
    base_url: str
    folder: Path
    journal: Callable[[], str] = str
    beside: Callable[[], Iterable[Beside]] = tuple

    @property
    def drill(self) -> bool:
        """Whether all that is announced now is a drill; it may change while the service runs."""
        return self.board.drill


class Way(BaseModel, ABC):
    """A channel as the settings name it. Fields that end in `_file` or `_files` lead to secrets; paths are relative to
    the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="Its name, in metrics, logs and `/v1/delivery`.")
    zones: tuple[Name, ...] = Field(
        (),
        max_length=20_000,
        description="Of which zones it tells: ids, what they are part of, or `site:ID`, those of a site; none: of all.",
    )
    levels: tuple[Raising, ...] = Field(
        ("prepare", "take_cover"),
        min_length=1,
        description="Levels that it begins to tell of; what follows on them is told to the all clear.",
    )
    worlds: Worlds = Field(
        "both", description="Whether it tells of `live` raids, of `drills`, or of `both`; an all clear always follows."
    )

    canary: bool = Field(
        False, description="Whether a sample listener hears it as people do, and its silence is an alarm."
    )

    @abstractmethod
    def make(self, ground: Ground) -> Pushed:
        """The channel, named by `id`. Raises BadSettings and BadFile; whatever it raises, the service goes on."""

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """Who hears this channel, which `make` made, where the settings ask for `canary`. Raises BadSettings."""
        raise BadSettings("there is no sample listener for this kind; take out `canary`")

    def secrets(self) -> Iterator[Path]:
        """Where its secrets are."""
        for name, given in paths_of(self):
            if name.endswith(("_file", "_files")):
                yield from given

    def check(self) -> None:
        """Whether every secret is where the settings say. Raises BadSettings."""
        for place in self.secrets():
            secret_at(place)

    def below(self, folder: Path) -> Self:
        """The same, with every path that is relative taken from that folder."""
        return placed(self, folder)
