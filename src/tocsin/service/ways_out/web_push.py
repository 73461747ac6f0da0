"""`kind = "web_push"`: phones and browsers that asked for it, by Web Push and UnifiedPush."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.service.ways_out.made import zones_of
from tocsin.service.ways_out.way import Ground, Way

if TYPE_CHECKING:
    from tocsin.announce.web_push.channel import WebPush

# A message each; what holds for them holds for the others.
SAMPLED_ZONES = 20


class Shard(BaseModel):
    """One of several services among which the subscribers are divided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,39}$", description="Its name; keep it, it says whose somebody is.")
    url: str = Field(
        pattern="^https?://.*[^/]$", max_length=500, description="Where the others reach it, as `http://10.0.0.7:8080`."
    )


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

    shard: str = Field(
        "",
        max_length=40,
        description="Which of `shards` this service is; empty: one that leaves, and gives all its subscribers away.",
    )
    shards: tuple[Shard, ...] = Field(
        (),
        max_length=1_000,
        description="The services among which subscribers are divided, [[channel.shards]] tables; none: all are here.",
    )

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        names = [one.id for one in self.shards]
        if len(set(names)) != len(names):
            raise ValueError("two shards have one id; every service needs its own")
        if self.shard and self.shard not in names:
            raise ValueError(f"shard {self.shard!r} is none of the shards: {', '.join(names) or 'there are none'}")
        return self

    def check(self) -> None:
        """Whether its key is one, and the time zone is known. Raises BadSettings."""
        from tocsin.announce.keys import p256_key_in
        from tocsin.words.catalogue import timezone_named

        p256_key_in(self.vapid_key_file)
        timezone_named(self.timezone)

    def make(self, ground: Ground) -> Pushed:
        """The channel to all who subscribed."""
        return self._to_all(self.id, ground, private=self.private, divided=bool(self.shards))

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """A browser on this machine that asked for some of the zones, and is told what phones are told."""
        from tocsin.service.canary.push_listener import PushListener

        # A sample's own memory begins anew: it has another address now.
        name = f"{self.id}.canary"
        for ending in ("db", "db-wal", "db-shm", "json"):
            (ground.folder / f"{name}.{ending}").unlink(missing_ok=True)
        chosen, _ = zones_of(self.zones, ground.zones)
        zones = [zone.id for zone in ground.zones if chosen is None or zone.id in chosen]
        sampled = zones[:: max(1, len(zones) // SAMPLED_ZONES)][:SAMPLED_ZONES]
        recipient = self._to_all(name, ground, private=True)
        listener = PushListener(name, sampled, ground.issuer.languages[0])
        for one in listener.subscriptions:
            recipient.store.crowd.join(one)
        recipient.expected = listener.expect
        listener.call = recipient.call
        return Sample(listener, recipient, frozenset(sampled))

    def _to_all(self, name: str, ground: Ground, *, private: bool, divided: bool = False) -> WebPush:
        from tocsin.announce.keys import p256_key_in
        from tocsin.announce.rung import Rung
        from tocsin.announce.web_push.channel import WebPush
        from tocsin.announce.web_push.shards import Shards, shared_key
        from tocsin.announce.web_push.subscriptions import Subscriptions
        from tocsin.announce.web_push.vapid import Vapid
        from tocsin.earth.zone_index import ZoneIndex
        from tocsin.words.catalogue import timezone_named

        store = Subscriptions(
            ground.folder / f"{name}.db", ZoneIndex(ground.zones), most=self.subscribers_max, private=private
        )
        key = p256_key_in(self.vapid_key_file)
        addresses = {one.id: one.url for one in self.shards}
        return WebPush(
            name,
            store,
            Vapid(key, self.contact),
            {zone.id: zone for zone in ground.zones},
            Rung(ground.folder / f"{name}.json", ground.journal),
            now=ground.now,
            timezone=timezone_named(self.timezone),
            private=private,
            shards=Shards(self.shard, addresses, shared_key(key)) if divided else None,
        )
