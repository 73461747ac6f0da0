"""`kind = "files"`: warnings as files in a folder, for whoever transmits them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.service.ways_out.way import Ground, Way

if TYPE_CHECKING:
    from tocsin.announce.forms.files import Wanted

_Forms = Literal["title", "full", "sms", "cell", "mesh", "spoken", "same", "camf"]


class FilesWay(Way):
    """Files for text messages, cell broadcast, mesh radios, voices, SAME and CAMF."""

    kind: Literal["files"]
    folder: Path = Field(description="Where the files go; it is made where it is not there.")
    forms: tuple[_Forms, ...] = Field(
        ("sms", "cell", "spoken"), min_length=1, description="Which forms, each a file of its own."
    )
    languages: tuple[str, ...] = Field(
        (), max_length=20, description="Which languages the texts are in; none: those that CAP messages are in."
    )
    timezone: str = Field("UTC", max_length=60, description="Whose time of day the texts tell, as `Europe/Kyiv`.")
    station: str = Field("TOCSIN", max_length=8, description="Who transmits SAME: up to eight capitals and digits.")
    camf_country: int | None = Field(None, ge=0, le=511, description="The country that warns, in CAMF's table A2.")
    camf_authority: int = Field(0, ge=0, le=31, description="The authority that warns, in CAMF's table A3.")

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """Who looks into the folder."""
        from tocsin.announce.file_drop import FileDrop
        from tocsin.service.canary.files_listener import FilesListener

        assert isinstance(channel, FileDrop)
        return Sample(FilesListener(self.id, self.folder, lambda: channel.written))

    def check(self) -> None:
        """Whether there are words, a station and a provider for its forms. Raises BadSettings."""
        self._wanted(self.languages)

    def _wanted(self, languages: tuple[str, ...]) -> Wanted:
        from tocsin.announce.forms.camf import Provider
        from tocsin.announce.forms.files import Wanted
        from tocsin.words.catalogue import timezone_named

        country = self.camf_country
        return Wanted(
            forms=self.forms,
            languages=languages,
            timezone=timezone_named(self.timezone),
            station=self.station,
            provider=None if country is None else Provider(country, self.camf_authority),
        )

    def make(self, ground: Ground) -> Pushed:
        """The channel into that folder."""
        from tocsin.announce.file_drop import FileDrop

        wanted = self._wanted(self.languages or ground.issuer.languages)
        zones = {zone.id: zone for zone in ground.zones}
        return FileDrop(self.id, self.folder, zones, wanted, ground.folder / f"{self.id}.json")
