"""What one node tells of its sector, as it goes over the wire: what the public may know, and nothing else.

Front ends stand where everybody reaches them. So what is told to them names no track, sensor, reason or probability,
and blindness only as the node's veil shows it: who takes a front end over learns what its pages show.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime

import msgspec

from tocsin.announce.bodies import PublicWarning, PublicZone
from tocsin.model.errors import BadRecord
from tocsin.model.value import UNREADABLE, Id, Name, Probability, Time
from tocsin.model.warning import Warning

# A country of 20,000 zones, all of them blind, is 5 MB; more unpacked is no node's word.
UNPACKED_BYTES_MAX = 32_000_000
# Machines that keep time differ by milliseconds; one that lost its time server for a day, by a second or two.
CLOCKS_DIFFER_S = 5.0
_json = msgspec.json.Encoder()


class ToldWarning(PublicWarning, frozen=True, kw_only=True):
    """A warning as everybody may read it in CAP; `probability` is of CAP's three steps (`cap_archive.told`)."""

    probability: Probability = 0.0

    def warning(self) -> Warning:
        """As an effect, for channels."""
        return Warning(**{name: getattr(self, name) for name in self.__struct_fields__})


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since the node told last; or, where `whole`, how everything stands.

    number      one more each time, from 1 since the node's start; where one is missing, so is what it told
    now         the node's clock; picture_at: the time of its last picture; null before the first
    drill       everything there is an exercise
    doubtful    the node cannot vouch for what it tells: its disk or its clock fails
    zones       zones that changed; in a whole one those that are not calm and seen, and all others are
    warnings    new ones, in order; in a whole one the last of each zone that is not at level `none`
    owned       in a whole one: the zones that it speaks for. What nobody speaks for, nobody sees
    twins       who decides the sector with it, itself among them; none: it alone
    veil        `Veil.mark`: two nodes of a sector that hide blindness by unlike secrets give away what each hides
    """

    sector: Name
    node: Name
    number: int
    now: Time
    picture_at: Time | None
    drill: bool
    doubtful: bool
    whole: bool = False
    zones: tuple[PublicZone, ...] = ()
    warnings: tuple[ToldWarning, ...] = ()
    owned: tuple[Id, ...] = ()
    twins: tuple[Name, ...] = ()
    veil: str = ""

    def age_s(self, now: datetime) -> float | None:
        """How old the picture is for who hears of it at `now`; None: there is none.

        By the node's own clock; where ours is ahead of it by more than clocks differ, it came late, and is older.
        """
        if self.picture_at is None:
            return None
        here_s = (now - self.picture_at).total_seconds() - CLOCKS_DIFFER_S
        return max(0.0, here_s, (self.now - self.picture_at).total_seconds())

    def calm(self) -> Iterator[str]:
        """Ids of the zones that a whole one passes over: they are calm, and seen."""
        told = {state.zone for state in self.zones}
        return (zone for zone in self.owned if zone not in told)


def calm_zone(zone: str, *, drill: bool) -> PublicZone:
    """How a zone stands of which nothing is said."""
    return PublicZone(zone=zone, drill=drill)


def packed(told: Told) -> bytes:
    """For the wire."""
    return zlib.compress(_json.encode(told), 1)


def unpacked(data: bytes) -> Told:
    """From the wire. Raises BadRecord where it is none, or too much."""
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(data, UNPACKED_BYTES_MAX)
        if inflate.unconsumed_tail or not inflate.eof:
            raise BadRecord(f"what a node tells is cut off, or more than {UNPACKED_BYTES_MAX:,} bytes; it is left out")
        return msgspec.json.decode(plain, type=Told)
    except (zlib.error, *UNREADABLE) as error:
        raise BadRecord(f"what a node tells cannot be read ({error}); run the same version on all machines") from error
