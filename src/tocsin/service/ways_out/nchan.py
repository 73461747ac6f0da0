"""`kind = "nchan"`: the live page's stream at nginx servers with nchan, for as many listeners as they hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.model.errors import BadSettings
from tocsin.service.ways_out.way import Ground, Way

_Url = Annotated[str, Field(pattern="^https?://.*[^/]$", max_length=500)]


class NchanWay(Way):
    """The stream of the live page, told once to each server and by it to everybody."""

    kind: Literal["nchan"]
    urls: tuple[_Url, ...] = Field(
        min_length=1,
        max_length=100,
        description="Where each server is told, as `http://10.0.0.5:8081`; only this service may reach it there.",
    )
    url: str = Field(
        "",
        pattern="^(https?://.*[^/])?$",
        max_length=500,
        description="How the outside reaches the servers; the sample listener hears `/v1/events` there.",
    )

    def make(self, ground: Ground) -> Pushed:
        """The channel to those servers."""
        from tocsin.announce.nchan import Nchan

        if self.zones or self.levels != type(self).model_fields["levels"].default or self.worlds != "both":
            raise BadSettings("the stream shows all that is public; leave `zones`, `levels` and `worlds` out")
        return Nchan(self.id, self.urls, ground.board, ground.now)

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """Who listens where people do."""
        from tocsin.service.canary.page_listener import PageListener

        if not self.url:
            raise BadSettings("its sample listener hears as people do; name their address as `url`")
        return Sample(PageListener(self.url, self.id))
