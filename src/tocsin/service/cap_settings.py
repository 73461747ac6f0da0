"""What the settings say of CAP messages: what they claim, and with which keys they are signed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from tocsin.cap.claims import CLAIMED, Claimed
from tocsin.cap.sign import Signer
from tocsin.cap.signers import Signers
from tocsin.model.errors import BadSettings
from tocsin.service.placed import placed
from tocsin.service.secrets_kept import secret_at
from tocsin.service.section import Section


class Signing(Section):
    """With which key CAP messages are signed; without this table they are not."""

    key_file: Path = Field(
        description="The private key, PEM, mode 0600 or `env:NAME`; `tocsin keys make cap` makes one."
    )
    certificate_file: Path = Field(description="Its certificate, PEM; those of authorities above it may follow.")
    next_key_file: Path | None = Field(None, description="The key that follows.")
    next_certificate_file: Path | None = Field(None, description="The certificate of that.")
    next_from: AwareDatetime | None = Field(
        None, description="What is sent from then on is signed by the next key; what was sent before keeps its bytes."
    )
    warned_days: float = Field(
        30.0, ge=1, le=365, description="That certificates end is a trouble this many days before."
    )

    @model_validator(mode="after")
    def _next_is_whole(self) -> Self:
        given = (self.next_key_file, self.next_certificate_file, self.next_from)
        if any(one is None for one in given) and any(one is not None for one in given):
            raise ValueError("a next key needs next_key_file, next_certificate_file and next_from: give all, or none")
        return self

    def below(self, folder: Path) -> Self:
        """The same, with every path that is relative taken from that folder."""
        return placed(self, folder)

    @property
    def signers(self) -> Signers:
        """Who signs, and when. Raises BadSettings."""
        first = _signer(self.key_file, self.certificate_file)
        following = None
        if self.next_key_file is not None and self.next_certificate_file is not None:
            following = _signer(self.next_key_file, self.next_certificate_file)
        return Signers(first, following, self.next_from, timedelta(days=self.warned_days))


def _signer(key: Path, certificate: Path) -> Signer:
    try:
        return Signer(secret_at(key).reveal(), certificate.read_bytes())
    except OSError as error:
        raise BadSettings(f"the certificate {certificate} cannot be read ({error.strerror})") from error


class Cap(Section):
    """What CAP messages claim."""

    profiles: tuple[Claimed, ...] = Field(
        (),
        max_length=len(CLAIMED),
        description="Profiles that every message keeps to, and is checked against when it is made: `google`, `ipaws`, "
        "`cap-cp`, `cap-au`, `wmo`, `uk`. One that does not goes out without the claim, and is a trouble.",
    )
