"""`kind = "messengers"`: messages to people through mail, chats and gateways, by Apprise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tocsin.announce.channel import Pushed
from tocsin.announce.sample import Sample
from tocsin.model.errors import BadSettings
from tocsin.service.secrets_kept import secret_at
from tocsin.service.ways_out.way import Ground, Way

if TYPE_CHECKING:
    from tocsin.announce.messengers import Messengers

ADDRESSES_MAX = 100


class MessengersWay(Way):
    """Messages in one language through services that people have: mail, Telegram, Signal, Matrix, text messages."""

    kind: Literal["messengers"]
    urls_file: Path = Field(
        description="File of Apprise URLs, one a line (`mailto://…`, `tgram://…`, `matrixs://…`): where to, and with "
        "which password. `env:NAME`: from the environment."
    )
    language: str | None = Field(None, max_length=35, description="Of the messages; none: the first of `languages`.")
    timezone: str = Field("UTC", max_length=60, description="Whose time of day the messages tell, as `Europe/Kyiv`.")
    per_minute_max: float = Field(
        20.0, ge=12, le=600, description="Messages a minute to one address; what comes meanwhile goes into the next."
    )

    def make(self, ground: Ground) -> Pushed:
        """The channel to those addresses."""
        lines = (line.strip() for line in secret_at(self.urls_file).text().splitlines())
        urls = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
        if not 0 < len(urls) <= ADDRESSES_MAX:
            raise BadSettings(f"its file holds {len(urls)} addresses; write 1 to {ADDRESSES_MAX}, one a line")
        return self._to(urls, self.id, ground)

    def sample(self, ground: Ground, channel: Pushed) -> Sample:
        """A service on this machine that is told what people are told."""
        from tocsin.service.canary.message_listener import MessageListener

        name = f"{self.id}.canary"
        # A sample's memory begins anew: it has another address now.
        (ground.folder / f"{name}-0.json").unlink(missing_ok=True)
        listener = MessageListener(name)
        recipient = self._to((listener.url,), name, ground)
        recipient.expected = listener.expect
        listener.call = recipient.call
        return Sample(listener, recipient)

    def _to(self, urls: tuple[str, ...], name: str, ground: Ground) -> Messengers:
        from tocsin.announce.messengers import Messengers
        from tocsin.words.catalogue import catalogue_in, timezone_named

        language = self.language or ground.issuer.languages[0]
        catalogue_in(language)
        return Messengers(
            name,
            urls,
            {zone.id: zone for zone in ground.zones},
            language=language,
            timezone=timezone_named(self.timezone),
            folder=ground.folder,
            journal=ground.journal,
            per_s_max=self.per_minute_max / 60,
        )
