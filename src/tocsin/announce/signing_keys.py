"""Keys that sign webhooks, as the Standard Webhooks specification writes them: `whsec_…` (HMAC), `whsk_…` (Ed25519).

Signed is `id.timestamp.body`; a signature is `v1,…` or `v1a,…`, in base64.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.model.errors import BadSettings

HMAC_PREFIX, ED25519_PREFIX = "whsec_", "whsk_"
# Of the specification.
HMAC_BYTES_MIN, HMAC_BYTES_MAX = 24, 64
ED25519_BYTES = (32, 64)
HOW_TO_MAKE = (
    'make one with `python -c \'import base64, secrets; print("whsec_" + '
    "base64.b64encode(secrets.token_bytes(32)).decode())'`"
)


class Key(Protocol):
    """Signs bytes; shows itself to nobody."""

    def sign(self, signed: bytes) -> str:
        """The signature, with its version."""


class HmacKey:
    """A secret that both sides hold."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, signed: bytes) -> str:
        """`v1,…`."""
        return f"v1,{b64encode(hmac.new(self._secret, signed, hashlib.sha256).digest()).decode()}"


class Ed25519Key:
    """A private key; receivers hold the public one, and can forge nothing with it."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    def sign(self, signed: bytes) -> str:
        """`v1a,…`."""
        return f"v1a,{b64encode(self._key.sign(signed)).decode()}"

    @property
    def public(self) -> str:
        """What receivers verify with: `whpk_…`."""
        return f"whpk_{b64encode(self._key.public_key().public_bytes_raw()).decode()}"


def key_of(text: str) -> HmacKey | Ed25519Key:
    """A key as it is written. Raises BadSettings, which shows nothing of it."""
    kind = next((one for one in (HMAC_PREFIX, ED25519_PREFIX) if text.startswith(one)), None)
    if kind is None:
        raise BadSettings(f"a webhook key begins with {HMAC_PREFIX} or {ED25519_PREFIX}; {HOW_TO_MAKE}")
    try:
        key = b64decode(text.removeprefix(kind), validate=True)
    except binascii.Error:
        # Not chained: the message of the error may quote the key.
        raise BadSettings(f"what follows {kind} in a webhook key is not base64; {HOW_TO_MAKE}") from None
    if kind == HMAC_PREFIX:
        if not HMAC_BYTES_MIN <= len(key) <= HMAC_BYTES_MAX:
            raise BadSettings(
                f"a {kind} key has {len(key)} bytes, not {HMAC_BYTES_MIN} to {HMAC_BYTES_MAX}; {HOW_TO_MAKE}"
            )
        return HmacKey(key)
    if len(key) not in ED25519_BYTES:
        raise BadSettings(f"a {kind} key has {len(key)} bytes, not 32 (the seed) or 64 (with the public key)")
    made = Ed25519Key(key[:32])
    if len(key) == 64 and made.public != f"whpk_{b64encode(key[32:]).decode()}":
        raise BadSettings(f"the halves of a {kind} key do not belong together; write it anew")
    return made
