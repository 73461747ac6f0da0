"""`kind = "webhook"`: an operator's own endpoint that hears of warnings as signed HTTP requests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.service.secrets_kept import secret_at
from tocsin.service.ways_out.way import Ground, Way

if TYPE_CHECKING:
    from tocsin.announce.signing_keys import PrivateKey, SharedKey
    from tocsin.announce.webhooks import Webhooks


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

    def check(self) -> None:
        """Whether its keys can sign, and its endpoint may be called. Raises BadSettings."""
        from tocsin.announce.outward import endpoint

        self._keys()
        endpoint(self.url, private=self.private)

    def make(self, ground: Ground) -> Pushed:
        """The channel to that endpoint."""
        return self._to(self.url, self.id, ground, private=self.private)

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """A receiver on this machine that is told the same, signed with the same keys."""
        from tocsin.service.canary.webhook_listener import WebhookListener

        name = f"{self.id}.canary"
        listener = WebhookListener(name, [key.verifying for key in self._keys()], ground.now)
        recipient = self._to(listener.url, name, ground, private=True)
        listener.call = recipient.call
        return Sample(listener, recipient)

    def _to(self, url: str, name: str, ground: Ground, *, private: bool) -> Webhooks:
        from tocsin.announce.webhooks import Webhooks

        names = {zone.id: zone.name for zone in ground.zones}
        return Webhooks(name, url, self._keys(), now=ground.now, zones=names, private=private)

    def _keys(self) -> list[SharedKey | PrivateKey]:
        from tocsin.announce.signing_keys import signing_key

        return [signing_key(secret_at(path).text()) for path in self.key_files]
