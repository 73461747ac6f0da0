"""A cut: which sector decides which zones. Of a zone that is on its way to another sector, both do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.model.errors import BadRecord, BadSettings, BadValue
from tocsin.model.value import UNREADABLE, Name, Value
from tocsin.model.zone import Zone

# Part of subjects of the brokers: no dot, no space, no wildcard.
SECTOR_PATTERN = r"^[A-Za-z0-9_-]{1,40}$(?!\n)"
SectorName = Annotated[str, Meta(min_length=1, max_length=40, pattern=SECTOR_PATTERN)]
SECTORS_MAX = 64
CUT_BYTES_MAX = 20_000_000


class Moving(Value, frozen=True, kw_only=True):
    """Zones on their way from one sector to another: both decide them."""

    zones: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=20_000)]
    giver: SectorName
    receiver: SectorName


class Cut(Value, frozen=True, kw_only=True):
    """A country in sectors.

    sectors   name -> ids of the zones whose warnings it decides; a zone that moves stands in two
    moving    zones that have a receiver and still a giver
    """

    sectors: Annotated[dict[SectorName, tuple[Name, ...]], Meta(min_length=1, max_length=SECTORS_MAX)]
    moving: Annotated[tuple[Moving, ...], Meta(max_length=1_000)] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if empty := [name for name, zones in self.sectors.items() if not zones]:
            raise BadValue(f"sector {empty[0]} has no zones; leave it out, or give it some")
        for move in self.moving:
            if move.giver == move.receiver or {move.giver, move.receiver} - self.sectors.keys():
                raise BadValue(
                    f"zones move from {move.giver} to {move.receiver}; name two different sectors of the cut"
                )
        if twice := sorted(
            zone for zone, times in Counter(z for m in self.moving for z in m.zones).items() if times > 1
        ):
            raise BadValue(f"zone {twice[0]} moves twice at a time; finish one move first")
        between = {zone: {move.giver, move.receiver} for move in self.moving for zone in move.zones}
        if lost := sorted(between.keys() - self.owners().keys()):
            raise BadValue(f"zone {lost[0]} moves and is in no sector; its giver and its receiver both have it")
        for zone, owners in self.owners().items():
            lawful = between.get(zone, set(owners[:1]))
            if len(owners) != len(lawful) or set(owners) != lawful:
                said = " and ".join(sorted(lawful)) if zone in between else "one"
                raise BadValue(f"zone {zone} is in the sectors {', '.join(owners)}; it belongs to {said}")

    def owners(self) -> dict[str, list[str]]:
        """Zone -> the sectors that decide it, in the order of the sectors."""
        owners: dict[str, list[str]] = {}
        for name, zones in self.sectors.items():
            for zone in zones:
                owners.setdefault(zone, []).append(name)
        return owners


def check_cut(cut: Cut, zones: Iterable[Zone], sector: str) -> None:
    """Refuse a cut that leaves a zone to nobody, or names one that is not there, or lacks a sector.

    Raises BadSettings.
    """
    if sector not in cut.sectors:
        raise BadSettings(f"the cut has no sector {sector!r}; there are {', '.join(cut.sectors)}")
    known, cut_zones = {zone.id for zone in zones}, cut.owners().keys()
    if left := sorted(known - cut_zones):
        raise BadSettings(f"zone {left[0]} is in no sector, and nobody would warn it; cut again (tocsin sectors plan)")
    if strange := sorted(cut_zones - known):
        raise BadSettings(f"the cut has the zone {strange[0]}, which the zones file has not; cut again")


def cut_of(names: Sequence[str], label: Sequence[int], zones: Sequence[Zone]) -> Cut:
    """The cut in which zone i is in the sector `names[label[i]]`. Raises BadSettings over a name."""
    sectors = {
        name: tuple(zone.id for zone, one in zip(zones, label, strict=True) if one == number)
        for number, name in enumerate(names)
    }
    try:
        return Cut(sectors=sectors)
    except BadValue as error:
        raise BadSettings(str(error)) from error


def cut_from_json(data: bytes) -> Cut:
    """The cut of a sectors.json. Raises BadRecord."""
    if len(data) > CUT_BYTES_MAX:
        raise BadRecord(f"it has {len(data)} bytes; a cut has at most {CUT_BYTES_MAX}")
    try:
        return msgspec.json.decode(data, type=Cut)
    except (*UNREADABLE, BadValue) as error:
        raise BadRecord(f"it is no cut: {error}") from error


def cut_to_json(cut: Cut) -> bytes:
    """As `cut_from_json` reads it, for people to read, too."""
    return msgspec.json.format(msgspec.json.encode(cut), indent=1) + b"\n"
