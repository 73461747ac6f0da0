"""Every kind of `[[channel]]`. A new one is its file here, which says what it can be told and makes the channel, and
one more name in `Kind`."""

from __future__ import annotations

from tocsin.service.ways_out.webhook import WebhookWay

# From the second kind on: Kind = Annotated[WebhookWay | OtherWay, Field(discriminator="kind")]
Kind = WebhookWay
