"""Zones go from one sector to another: for a while both decide them, then the giver lets go.

At every step each zone has somebody who decides it, whichever step each machine has come to, as long as the receiver
takes each before the giver. Warnings that both issue are the same, and fall to their id.
"""

from __future__ import annotations

from collections.abc import Collection

from tocsin.model.errors import BadSettings
from tocsin.sectors.cut import Cut, Moving


def begun(cut: Cut, zones: Collection[str], receiver: str) -> Cut:
    """The receiver decides some zones, and so does whoever did. Raises BadSettings."""
    if receiver not in cut.sectors:
        raise BadSettings(f"the cut has no sector {receiver!r}; there are {', '.join(cut.sectors)}")
    owners = cut.owners()
    givers: dict[str, list[str]] = {}
    for zone in sorted(set(zones)):
        if zone not in owners:
            raise BadSettings(f"the cut has no zone {zone!r}")
        if any(zone in move.zones for move in cut.moving):
            raise BadSettings(f"zone {zone} is on its way already; finish that move first (--finish)")
        if owners[zone] == [receiver]:
            raise BadSettings(f"zone {zone} is in the sector {receiver} already")
        givers.setdefault(owners[zone][0], []).append(zone)
    leaving = {name: {zone for move in cut.moving if move.giver == name for zone in move.zones} for name in givers}
    for giver, going in givers.items():
        if not set(cut.sectors[giver]) - leaving[giver] - set(going):
            raise BadSettings(f"nothing would be left of the sector {giver}; cut again (tocsin sectors plan)")
    moving = tuple(Moving(zones=tuple(going), giver=giver, receiver=receiver) for giver, going in givers.items())
    own = (*cut.sectors[receiver], *sorted(set(zones)))
    return Cut(sectors=cut.sectors | {receiver: own}, moving=(*cut.moving, *moving))


def finished(cut: Cut) -> Cut:
    """Givers let go of what their receivers decide. Raises BadSettings where nothing is on its way."""
    if not cut.moving:
        raise BadSettings("nothing is on its way; begin a move first (--zone, --to)")
    gone = {(move.giver, zone) for move in cut.moving for zone in move.zones}
    return Cut(sectors={name: tuple(z for z in zones if (name, z) not in gone) for name, zones in cut.sectors.items()})
