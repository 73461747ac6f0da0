"""What the settings say of signing in with what an organisation has already (OpenID Connect)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator

from tocsin.announce.outward import endpoint
from tocsin.model.errors import BadSettings
from tocsin.service.people.roles import Role
from tocsin.service.section import Section

# With a secret that both hold, whoever knows the client's secret could write himself a token; with `none`, anybody.
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
Claim = Annotated[str, Field(min_length=1, max_length=200)]


class OpenId(Section):
    """One provider of sign-ins: an `[[openid]]` table."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,31}$", description="Short name; part of the address it returns to.")
    name: str = Field(min_length=1, max_length=60, description="What its button is called.")
    issuer: str = Field(max_length=500, description="Its address, exactly as it names itself.")
    client_id: str = Field(min_length=1, max_length=500, description="Who we are to it.")
    client_secret_file: Path | None = Field(
        None, description="File with the secret that it gave us, mode 0600, or `env:NAME`; none: a public client."
    )
    private: bool = Field(False, description="It may lie in a private network, and be without TLS.")
    person: Claim = Field(
        "preferred_username",
        description="Claim that holds a person's id here; one that nobody can choose for himself.",
    )
    roles_from: Claim | None = Field(
        None, description="Claim whose values give roles; none: only people who are known here sign in."
    )
    roles: dict[str, tuple[Role, ...]] = Field(
        {}, max_length=100, description="Which roles each value of that claim gives; every other gives none."
    )
    second_factor: bool = Field(
        False, description="It asks everybody for more than a password; else its tokens must say so (`amr`)."
    )
    scopes: tuple[Annotated[str, Field(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,100}$")], ...] = Field(
        ("profile", "email"), max_length=20, description="What we ask for beside `openid`."
    )
    algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "PS256", "ES256"), min_length=1, description="Signatures that are believed."
    )

    @field_validator("scopes")
    @classmethod
    def _once(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for one in given if one != "openid"))

    def model_post_init(self, _: object) -> None:
        """Refuse what could never work."""
        try:
            endpoint(self.issuer, private=self.private)
        except BadSettings as error:
            raise ValueError(f"issuer: {error}") from error
        if (self.roles_from is None) != (not self.roles):
            raise ValueError(f"[[openid]] {self.id}: give both roles_from and [openid.roles], or neither")
