"""What the settings say of more than one machine: which brokers hold the log, and who decides this sector with us."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from tocsin.model.errors import BadSettings
from tocsin.service.secrets_kept import secret_at
from tocsin.service.section import Section

if TYPE_CHECKING:
    from tocsin.journal.jetstream.connection import Brokers

# Part of subjects, of keys and of the names of messages: no dot, no space, no wildcard.
Node = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,32}$")]
Server = Annotated[str, Field(pattern=r"^(nats|tls)://[A-Za-z0-9.\-\[\]:]{1,253}$")]


class Cluster(Section):
    """More than one machine: an agreed log in NATS JetStream, and twins; without this table this machine is alone."""

    servers: tuple[Server, ...] = Field(
        min_length=1, max_length=20, description="Addresses of the brokers, `nats://HOST:PORT` or `tls://HOST:PORT`."
    )
    node: Node = Field(description="What this machine is called among its twins.")
    twins: tuple[Node, ...] = Field(
        min_length=1,
        max_length=9,
        description="Who decides this sector, this machine among them; an all clear needs all of them that live. All "
        "have the same `veil.key` beside their journals.",
    )
    prefix: Node = Field("tocsin", description="Begins the names of the stream, of subjects and of buckets.")
    replicas: int = Field(3, ge=1, le=5, description="Brokers that each keep the log; a majority of them acknowledges.")
    user: str | None = Field(None, max_length=200, description="Who we are to the brokers.")
    password_file: Path | None = Field(None, description="File of the password, mode 0600; or `env:NAME`.")
    ca: Path | None = Field(None, description="Certificates (PEM) that vouch for the brokers; none: the machine's own.")
    certificate: Path | None = Field(None, description="Our own certificate (PEM), where the brokers ask for one.")
    tls_key_file: Path | None = Field(None, description="Its key (PEM), mode 0600.")
    keep_s: float = Field(
        86_400.0, ge=600, le=2_592_000, description="How long the brokers keep the log: who was away longer lost some."
    )
    keep_bytes: int = Field(
        8_000_000_000, ge=100_000_000, description="How much of it each of them keeps; the oldest goes first."
    )
    dead_after_s: float = Field(
        15.0, ge=5, le=600, description="A twin that the brokers have not heard of for so long no longer counts."
    )
    island_after_s: float = Field(
        10.0, ge=7, le=120, description="So long without the brokers, and this machine goes on alone."
    )
    sectors: Path | None = Field(
        None, description="How zones are cut into sectors (`tocsin sectors plan`); none: one sector is everything."
    )

    def model_post_init(self, _: object) -> None:
        """Refuse what could never work."""
        if self.node not in self.twins:
            raise ValueError(f"twins does not name this node, {self.node}: it decides, too")
        if len(set(self.twins)) != len(self.twins):
            raise ValueError("twins names one of them twice; every machine needs a name of its own")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("give both user and password_file, or neither")
        if (self.certificate is None) != (self.tls_key_file is None):
            raise ValueError("give both certificate and tls_key_file, or neither")

    def brokers(self) -> Brokers:
        """How to get to the brokers. Raises BadSettings."""
        from tocsin.journal.jetstream.connection import Brokers

        password = None if self.password_file is None else secret_at(self.password_file).text()
        return Brokers(self.servers, self.user, password, self._tls())

    def _tls(self) -> ssl.SSLContext | None:
        if not any(one.startswith("tls:") for one in self.servers):
            if self.ca is not None or self.certificate is not None:
                raise BadSettings("cluster.ca and cluster.certificate need servers at tls:// addresses")
            return None
        from tocsin.announce.mqtt_broker import secured

        if self.tls_key_file is not None:
            secret_at(self.tls_key_file)
        files = (None if path is None else str(path) for path in (self.ca, self.certificate, self.tls_key_file))
        try:
            return secured(*files)
        except (OSError, ssl.SSLError) as error:
            raise BadSettings(f"cluster: ca, certificate or tls_key_file cannot be used for TLS: {error}") from error
