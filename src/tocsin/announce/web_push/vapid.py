"""Who sends: the signed word that push services ask for (VAPID, RFC 8292)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from yarl import URL

from tocsin.announce.keys import application_server_key

# A day is the most that is allowed; a new one is signed when half of this is over.
VALID = timedelta(hours=12)


def _base64url(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


class Vapid:
    """Signs for one service; `contact`: `mailto:…` or `https://…` by which push services reach its operators."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, contact: str) -> None:
        self._key = key
        self._contact = contact
        self.public_key = application_server_key(key.public_key())
        self._signed: dict[str, tuple[datetime, str]] = {}

    def authorization(self, endpoint: URL, now: datetime) -> str:
        """The Authorization header of a request to an endpoint; one signature serves a push service for hours."""
        origin = str(endpoint.origin())
        until, token = self._signed.get(origin, (now, ""))
        if until - now < VALID / 2:
            until = now + VALID
            token = self._token(origin, until)
            if len(self._signed) >= 1_000:
                self._signed.clear()
            self._signed[origin] = until, token
        return f"vapid t={token}, k={self.public_key}"

    def _token(self, origin: str, until: datetime) -> str:
        said = {"aud": origin, "exp": int(until.timestamp()), "sub": self._contact}
        signed = ".".join(_base64url(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, said))
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"{signed}.{_base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
