"""Who wrote an MQTT message: an Ed25519 signature in its user properties (MQTT 5, 3.3.2.3.7).

The body stays what it is, so that whoever does not verify reads it as before, Home Assistant among them. What is signed
is a word that says what this is, the topic and the body: a state of one zone is no other zone's, and a drill no raid.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tocsin.announce.keys import fingerprint
from tocsin.announce.mqtt_broker import expiring

SIGNATURE, KEY = "tocsin-signature", "tocsin-key"


class NotSigned(ValueError):
    """A message that none of the pinned keys signed; the text says why."""


class Signer:
    """Signs for one channel; `keys`: that of live messages at False, that of drills at True; without one nothing is
    signed."""

    def __init__(self, keys: Mapping[bool, Ed25519PrivateKey]) -> None:
        self._keys = {drill: (key, fingerprint(key.public_key())) for drill, key in keys.items()}

    def properties(self, topic: str, body: bytes, *, drill: bool, left_s: int | None = None) -> Properties | None:
        """The properties of a message that the broker forgets after `left_s` seconds (None: never)."""
        found = self._keys.get(drill)
        if found is None:
            return None if left_s is None else expiring(left_s)
        key, name = found
        signature = base64.b64encode(key.sign(_signed(topic, body))).decode()
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.UserProperty = [(SIGNATURE, signature), (KEY, name)]
        if left_s is not None:
            properties.MessageExpiryInterval = left_s
        return properties


def verify(topic: str, body: bytes, properties: Any, keys: Mapping[str, Ed25519PublicKey]) -> None:
    """See that one of these keys (by fingerprint) signed a message. Its body says when. Raises NotSigned."""
    given = dict(getattr(properties, "UserProperty", ()))
    if SIGNATURE not in given:
        raise NotSigned("it bears no signature")
    key = keys.get(given.get(KEY, ""))
    if key is None:
        raise NotSigned("its key is not one of those pinned")
    try:
        key.verify(base64.b64decode(given[SIGNATURE], validate=True), _signed(topic, body))
    except (InvalidSignature, ValueError):
        raise NotSigned("its signature is not that of this topic and body") from None


def _signed(topic: str, body: bytes) -> bytes:
    return b"tocsin mqtt message\n%b\n%b" % (topic.encode(), body)
