"""How the settings lead to an MQTT 5 broker, whether we publish there or listen."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from tocsin.model.errors import BadSettings
from tocsin.service.secrets_kept import secret_at

if TYPE_CHECKING:
    from tocsin.announce.mqtt_broker import Broker


class AtBroker(BaseModel):
    """What every table has that leads to a broker."""

    host: str = Field(max_length=253, description="Where the broker is.")
    port: int = Field(8883, ge=1, le=65_535, description="Its port; 8883 is MQTT over TLS.")
    tls: bool = Field(True, description="Whether it speaks TLS; without, only on the same machine or wire.")
    ca: Path | None = Field(None, description="Certificates (PEM) that vouch for the broker; none: the machine's own.")
    certificate: Path | None = Field(None, description="Our own certificate (PEM), where the broker asks for one.")
    tls_key_file: Path | None = Field(None, description="Its key (PEM), mode 0600.")
    user: str | None = Field(None, max_length=200, description="Who we are to the broker.")
    password_file: Path | None = Field(None, description="File of the password, mode 0600; or `env:NAME`.")

    def broker(self) -> Broker:
        """The broker. Raises BadSettings."""
        from tocsin.announce.mqtt_broker import Broker, secured

        password = None if self.password_file is None else secret_at(self.password_file).text()
        context = None
        if self.tls:
            if self.tls_key_file is not None:
                secret_at(self.tls_key_file)
            files = (None if path is None else str(path) for path in (self.ca, self.certificate, self.tls_key_file))
            try:
                context = secured(*files)
            except (OSError, ssl.SSLError) as error:
                raise BadSettings(f"ca, certificate or tls_key_file cannot be used for TLS: {error}") from error
        return Broker(self.host, self.port, context, self.user, password)
