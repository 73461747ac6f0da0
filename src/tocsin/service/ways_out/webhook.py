"""`kind = "webhook"`: an operator's own endpoint that hears of warnings as signed HTTP requests."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.service.ways_out.secrets_kept import secret_at
from tocsin.service.ways_out.way import Ground, Way


class WebhookWay(Way):
    """Signed HTTP requests to one endpoint, by the Standard Webhooks specification."""

    kind: Literal["webhook"]
    url: str = Field(pattern="^https?://", max_length=2_000, description="Where to: https, or http where `private`.")
    key_files: tuple[Path, ...] = Field(
        min_length=1,
        max_length=4,
        description="Files of the keys that sign (`tocsin keys make webhook` or `webhook-secret`), all at once: a new "
        "key goes beside the old one until the receiver knows it. `env:NAME`: from the environment.",
    )
    private: bool = Field(False, description="The endpoint may lie in a private network, and need not speak TLS.")

    def make(self, ground: Ground) -> Pushed:
        """The channel to that endpoint."""
        from tocsin.announce.signing_keys import signing_key
        from tocsin.announce.webhooks import Webhooks

        keys = [signing_key(secret_at(path).text()) for path in self.key_files]
        names = {zone.id: zone.name for zone in ground.zones}
        return Webhooks(self.id, self.url, keys, now=ground.now, zones=names, private=self.private)
