"""What the settings say of HTTP: where the service listens, for whom it sits in, and who hears it as people do."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator

from tocsin.service.section import Port, Section


class Http(Section):
    """Where the service listens."""

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: Port = Field(8080, description="Port to listen on; 0 takes a free one.")
    listeners_max: int = Field(19_000, ge=1, description="Live pages connected at once; more are answered 503.")
    listeners_per_address_max: int | None = Field(
        None, ge=1, description="Live pages connected from one address; more are answered 503."
    )
    connections_max: int = Field(
        20_000,
        ge=10,
        description="Connections at once, and no more than files may be open; beyond, those that ask for nothing give "
        "way, then those of the address that has most.",
    )
    connections_per_address_max: int = Field(
        5_000, ge=1, description="Connections from one address, or one IPv6 /64; a telephone network's thousands fit."
    )
    headers_s: float = Field(5.0, gt=0, le=60, description="Seconds until a request's headers must be there.")
    unread_bytes_max: int = Field(
        64_000_000, ge=100_000, description="Bytes that may wait for all who do not read; beyond, the slowest are cut."
    )
    requests_per_address_per_s: float = Field(
        200.0,
        ge=1,
        le=1_000_000,
        description="Requests a second from one address, ten seconds' worth at once; beyond, they wait, then get 429. "
        "Whoever is signed in, or sends a token that the settings name, is not counted; sites are.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.0/8", "::1/128"),
        max_length=100,
        description="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed; they "
        "are not bounded as one address.",
    )
    base_url: str | None = Field(None, description="How the outside reaches us; used in CAP and Atom links.")

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ip_network(one)
        return given


class Compat(Section):
    """Seats for existing clients, under /compat/…: forms that they poll elsewhere."""

    seats: tuple[Literal["alerts_in_ua", "siren", "home_front"], ...] = Field(
        ("alerts_in_ua", "siren", "home_front"),
        description="Forms that are served: that of alerts.in.ua, that of siren.pp.ua, the Home Front Command's.",
    )
    drills: bool = Field(
        False, description="Serve a drill in the first two as well, where its only mark is a note that no client reads."
    )


class Canary(Section):
    """Sample listeners of the event stream and the feed: they hear as people do, and their silence is an alarm.

    Those of channels are asked for by `canary` in the `[[channel]]` table.
    """

    on: bool = Field(True, description="Whether `tocsin run` listens to its own event stream and feed.")
    address: str | None = Field(
        None,
        pattern=r"^https?://[^/\s]+$",
        description="Where from: best the address that people use, through every proxy; else the service's own.",
    )
