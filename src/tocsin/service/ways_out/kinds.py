"""Every kind of `[[channel]]`. A new one is its file here, which says what it can be told and makes the channel, and
one more name in `Kind`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tocsin.service.ways_out.files import FilesWay
from tocsin.service.ways_out.messengers import MessengersWay
from tocsin.service.ways_out.mqtt import MqttWay
from tocsin.service.ways_out.nchan import NchanWay
from tocsin.service.ways_out.sirens import SirensWay
from tocsin.service.ways_out.static import StaticWay
from tocsin.service.ways_out.web_push import WebPushWay
from tocsin.service.ways_out.webhook import WebhookWay

Kind = Annotated[
    FilesWay | MessengersWay | MqttWay | NchanWay | SirensWay | StaticWay | WebPushWay | WebhookWay,
    Field(discriminator="kind"),
]
