"""Which part of a country this machine speaks for; without a cut all of it."""

from __future__ import annotations

import msgspec

from tocsin.model.errors import BadSettings
from tocsin.model.event import Configuration
from tocsin.replay.sectors import read_cut
from tocsin.sectors.cut import check_cut
from tocsin.sectors.ours import Ours
from tocsin.service.settings import Settings


class Sectoring:
    """The part of a country that the settings give to this machine.

    shown   what is shown and acted on here: every sensor, and the zones that it decides
    ours    what it says of what its engine decides

    Raises BadSettings where the cut does not fit the zones, or does not have this sector; BadFile.
    """

    def __init__(self, settings: Settings, country: Configuration) -> None:
        self.shown, self.ours = country, Ours()
        path = None if settings.cluster is None else settings.cluster.sectors
        if path is None:
            return
        cut = read_cut(path)
        try:
            check_cut(cut, country.zones, settings.sector)
        except BadSettings as error:
            raise BadSettings(f"cluster.sectors is {path}: {error}") from error
        own = frozenset(cut.sectors[settings.sector])
        self.ours = Ours(own)
        self.shown = msgspec.structs.replace(country, zones=tuple(zone for zone in country.zones if zone.id in own))
