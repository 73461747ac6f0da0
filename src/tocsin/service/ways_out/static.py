"""`kind = "static"`: what the public may read, as files for a plain web server or a CDN."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.model.errors import BadSettings
from tocsin.service.ways_out.way import Ground, Way


class StaticWay(Way):
    """States, messages and feeds as files in a folder."""

    kind: Literal["static"]
    path: Path = Field(description="The folder; others may read what is in it.")
    url: str = Field(
        "", pattern="^(https?://.*[^/])?$", max_length=500, description="How the outside reaches it; else `base_url`."
    )
    every_s: float = Field(1.0, ge=0.5, le=60, description="Seconds between two writings of the states.")
    page: bool = Field(False, description="Whether the live page itself is among the files.")
    events: str = Field(
        "",
        pattern="^(https?://.+)?$",
        max_length=500,
        description="Where that page finds the stream, as `https://stream.city.example/v1/events`; else beside it.",
    )

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """Who reads the feed and its messages from where people do."""
        from tocsin.service.canary.feed_listener import FeedListener

        if not self.url:
            raise BadSettings("its sample listener reads as people do; name their address as `url`")
        # A start that has read its record puts another archive in the place of the first.
        return Sample(FeedListener(self.url, lambda name: ground.messages.archive.told_in(name), self.id))

    def make(self, ground: Ground) -> Pushed:
        """The channel into that folder."""
        from tocsin.announce.static_files import StaticFiles
        from tocsin.service.static_page import page_files

        if self.zones or self.levels != type(self).model_fields["levels"].default or self.worlds != "both":
            raise BadSettings("files show all that is public; leave `zones`, `levels` and `worlds` out")
        if self.events and not self.page:
            raise BadSettings("`events` is for the page among the files; say `page = true`")
        pages = page_files(self.events) if self.page else ()
        return StaticFiles(
            self.id,
            self.path,
            ground.board,
            ground.messages,
            ground.warned_map,
            ground.now,
            url=self.url or ground.base_url,
            every_s=self.every_s,
            beside=lambda: (*pages, *ground.beside()),
        )
