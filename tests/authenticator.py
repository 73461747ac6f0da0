"""A device with passkeys, and the browser before it, made of `fido2`'s parts: honest unless it is told otherwise."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG
SEEN = FLAG.UP | FLAG.UV


class Device:
    """One passkey's device; `origin` is where its browser is, `flags` what it says of the person before it."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.flags = SEEN
        self.signs = 0
        self.rp_id = ""
        self.handle = b""
        self.id = secrets.token_bytes(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.create` gives back."""
        self.rp_id = self.rp_id or options["rp"]["id"]
        self.handle = websafe_decode(options["user"]["id"])
        public = ES256.from_cryptography_key(self._key.public_key())  # type: ignore[no-untyped-call]
        made = AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public)
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags | FLAG.AT, self.signs, made)
        said = self._said("webauthn.create", options["challenge"])
        return self._credential(
            said, attestationObject=websafe_encode(AttestationObject.create("none", data, {})), transports=["internal"]
        )

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """What `navigator.credentials.get` gives back."""
        self.signs += 1
        said = self._said("webauthn.get", options["challenge"])
        data = AuthenticatorData.create(sha256(self.rp_id.encode()), self.flags, self.signs)
        signature = self._key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            said,
            authenticatorData=websafe_encode(data),
            signature=websafe_encode(signature),
            userHandle=websafe_encode(self.handle),
        )

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _credential(self, said: bytes, **response: Any) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "type": "public-key",
            "response": {"clientDataJSON": websafe_encode(said), **response},
            "clientExtensionResults": {},
        }
