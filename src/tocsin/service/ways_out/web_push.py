"""`kind = "web_push"`: phones and browsers that asked for it, by Web Push and UnifiedPush."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.service.ways_out.way import Ground, Way


class WebPushWay(Way):
    """Encrypted messages to everybody who subscribed at `/v1/push/subscriptions`."""

    kind: Literal["web_push"]
    vapid_key_file: Path = Field(description="The key that push services know us by: `tocsin keys make vapid`.")
    contact: str = Field(
        pattern="^(mailto:|https://)",
        max_length=300,
        description="How push services reach you, as `mailto:duty@city.example`.",
    )
    subscribers_max: int = Field(200_000, ge=1, le=5_000_000, description="How many may subscribe.")
    timezone: str = Field("UTC", max_length=60, description="Whose time of day the messages tell, as `Europe/Kyiv`.")
    private: bool = Field(
        False, description="Push services may lie in a private network and be without TLS: for UnifiedPush at home."
    )

    def make(self, ground: Ground) -> Pushed:
        """The channel to all who subscribed."""
        from tocsin.announce.keys import p256_key_in
        from tocsin.announce.rung import Rung
        from tocsin.announce.web_push.channel import WebPush
        from tocsin.announce.web_push.subscriptions import Subscriptions
        from tocsin.announce.web_push.vapid import Vapid
        from tocsin.earth.zone_index import ZoneIndex
        from tocsin.words.catalogue import timezone_named

        file = ground.folder / f"{self.id}.db"
        store = Subscriptions(file, ZoneIndex(ground.zones), most=self.subscribers_max, private=self.private)
        return WebPush(
            self.id,
            store,
            Vapid(p256_key_in(self.vapid_key_file), self.contact),
            {zone.id: zone for zone in ground.zones},
            Rung(ground.folder / f"{self.id}.json"),
            now=ground.now,
            timezone=timezone_named(self.timezone),
            private=self.private,
        )
