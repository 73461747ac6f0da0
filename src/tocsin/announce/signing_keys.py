"""Keys of webhooks, as the Standard Webhooks specification has them: shared (HMAC, `v1`) or pairs (Ed25519, `v1a`).

Signed is `id.timestamp.body`. A key is written `whsec_…` (shared), `whsk_…` or as PEM (private), `whpk_…` (public).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tocsin.announce.keys import SECRET_PREFIX, standard_webhooks_key
from tocsin.model.errors import BadSettings

PRIVATE_PREFIX, PUBLIC_PREFIX = "whsk_", "whpk_"
# Of the specification.
SHARED_BYTES_MIN, SHARED_BYTES_MAX = 24, 64
_PEM = "-----BEGIN"
_HOW = "make one with `tocsin keys make webhook-secret` (shared) or `tocsin keys make webhook` (a pair)"


class Signing(Protocol):
    """Whoever signs."""

    def sign(self, signed: bytes) -> str:
        """A signature, with its version."""


class Verifying(Protocol):
    """Whoever checks."""

    def verifies(self, signed: bytes, signature: str) -> bool:
        """Whether a signature, with its version, is of this key and of these bytes."""


class SharedKey:
    """A secret that both sides hold: whoever can verify can forge."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, signed: bytes) -> str:
        """`v1,…`."""
        return f"v1,{b64encode(hmac.new(self._secret, signed, hashlib.sha256).digest()).decode()}"

    @property
    def verifying(self) -> SharedKey:
        """What receivers verify with: itself."""
        return self

    def verifies(self, signed: bytes, signature: str) -> bool:
        """Compared in a time that tells nothing."""
        return hmac.compare_digest(self.sign(signed).encode(), signature.encode())


class PrivateKey:
    """Signs; receivers hold the public key, and can forge nothing with it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, signed: bytes) -> str:
        """`v1a,…`."""
        return f"v1a,{b64encode(self._key.sign(signed)).decode()}"

    @property
    def verifying(self) -> PublicKey:
        """What receivers verify with."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    @property
    def public(self) -> str:
        """What receivers verify with: `whpk_…`."""
        return standard_webhooks_key(self._key.public_key())


class PublicKey:
    """Verifies what the private key signed."""

    def __init__(self, key: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(key)

    def verifies(self, signed: bytes, signature: str) -> bool:
        """Whether it is a `v1a` signature of the private key."""
        version, _, given = signature.partition(",")
        try:
            self._key.verify(b64decode(given, validate=True), signed)
        except (InvalidSignature, ValueError):
            return False
        return version == "v1a"


def signing_key(text: str) -> SharedKey | PrivateKey:
    """A key that signs, as it is written. Raises BadSettings, which shows nothing of it."""
    if text.startswith(_PEM):
        return PrivateKey(_pem(text))
    if text.startswith(SECRET_PREFIX):
        return _shared(text)
    if not text.startswith(PRIVATE_PREFIX):
        raise BadSettings(f"a key that signs webhooks begins with {SECRET_PREFIX}, {PRIVATE_PREFIX} or {_PEM}; {_HOW}")
    key = _base64(text, PRIVATE_PREFIX)
    if len(key) not in (32, 64):
        raise BadSettings(f"a {PRIVATE_PREFIX} key has {len(key)} bytes, not 32, or 64 with the public key; {_HOW}")
    made = PrivateKey(Ed25519PrivateKey.from_private_bytes(key[:32]))
    if key[32:] and made.public != f"{PUBLIC_PREFIX}{b64encode(key[32:]).decode()}":
        raise BadSettings(f"the halves of a {PRIVATE_PREFIX} key do not belong together; {_HOW}")
    return made


def verifying_key(text: str) -> SharedKey | PublicKey:
    """A key that verifies, as it is written. Raises BadSettings, which shows nothing of it."""
    if text.startswith(SECRET_PREFIX):
        return _shared(text)
    if not text.startswith(PUBLIC_PREFIX):
        raise BadSettings(f"a key that verifies webhooks begins with {SECRET_PREFIX} or {PUBLIC_PREFIX}")
    key = _base64(text, PUBLIC_PREFIX)
    if len(key) != 32:
        raise BadSettings(f"a {PUBLIC_PREFIX} key has {len(key)} bytes, not 32")
    return PublicKey(key)


def _shared(text: str) -> SharedKey:
    key = _base64(text, SECRET_PREFIX)
    if not SHARED_BYTES_MIN <= len(key) <= SHARED_BYTES_MAX:
        wanted = f"{SHARED_BYTES_MIN} to {SHARED_BYTES_MAX}"
        raise BadSettings(f"a {SECRET_PREFIX} key has {len(key)} bytes, not {wanted}; {_HOW}")
    return SharedKey(key)


def _base64(text: str, prefix: str) -> bytes:
    try:
        return b64decode(text.removeprefix(prefix), validate=True)
    except ValueError:
        # Not chained: the message of the error may quote the key.
        raise BadSettings(f"what follows {prefix} in a webhook key is not base64; {_HOW}") from None


def _pem(text: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSettings(f"a webhook's PEM key cannot be read without a password; {_HOW}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSettings(f"a webhook's PEM key is not Ed25519; {_HOW}")
    return key
