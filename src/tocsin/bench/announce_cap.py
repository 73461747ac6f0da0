"""CAP messages written, checked and signed: one zone, and a whole country of 70,000 corners; beside bare ECDSA."""

from __future__ import annotations

import math
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tocsin.announce.cap_archive import Archive
from tocsin.announce.cap_press import Press
from tocsin.announce.key_making import make
from tocsin.announce.keys import p256_key_in
from tocsin.cap.sign import Signer
from tocsin.cap.signers import Signers
from tocsin.cap.write import Author, Issuer, Message
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

ZONES, CORNERS = 1_449, 48
REACH = {"cap_one_zone_median_ms": 5.0, "cap_country_median_ms": 250.0}
TIMES = 5
_NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def figures() -> dict[str, Any]:
    """Milliseconds of a core, and what was measured."""
    zones = [_zone(number) for number in range(ZONES)]
    issuer = Issuer(sender="warnings.example", web="https://warnings.example/")
    claiming = Issuer(sender=issuer.sender, sender_name="Warnings", web=issuer.web, profiles=("google", "wmo"))
    one = Archive(issuer).apply([_warning(zones[0])])
    country = Archive(issuer).apply([_warning(zone) for zone in zones])
    with tempfile.TemporaryDirectory() as folder:
        key, certificate, _ = make("cap", Path(folder), "cap", subject="warnings.example", days=2, now=_NOW)
        signers = Signers(Signer(key.read_bytes(), certificate.read_bytes()))
        private = p256_key_in(key)
    author, checking = Author(issuer, zones), Author(claiming, zones)
    outlines_ms = _once_ms(lambda: author.alert(one[0]))
    plain = [_ms(partial(_made, author, signers, messages)) for messages in (one, country)]
    checking.alert(one[0])
    checked_first_ms = _once_ms(lambda: _made(checking, signers, country))
    checked = [_ms(partial(_made, checking, signers, messages)) for messages in (one, country)]
    digest = bytes(32)
    bare_ms = _ms(lambda: private.sign(digest, ec.ECDSA(hashes.SHA256())))
    costs = {
        "cap_one_zone_ms": plain[0],
        "cap_country_ms": plain[1],
        "cap_one_zone_checked_ms": checked[0],
        "cap_country_checked_ms": checked[1],
        "cap_bare_ecdsa_ms": bare_ms,
    }
    return {
        "cap_corners": sum(author.xml(message).count(b",") for message in country),
        "cap_messages": len(country),
        "cap_outlines_once_ms": round(outlines_ms, 1),
        "cap_country_checked_first_ms": round(checked_first_ms, 1),
    } | {
        name.replace("_ms", f"_{which}_ms"): round(times[at], 2)
        for name, times in costs.items()
        for which, at in (("median", len(times) // 2), ("slowest", -1))
    }


def _made(author: Author, signers: Signers, messages: Sequence[Message]) -> None:
    press = Press(author, signers)
    for message in messages:
        press.made(message)


def _ms(call: Callable[[], object]) -> list[float]:
    """Milliseconds of a core each time, the quickest first."""
    return sorted(_once_ms(call) for _ in range(TIMES))


def _once_ms(call: Callable[[], object]) -> float:
    begun_s = time.process_time()
    call()
    return 1e3 * (time.process_time() - begun_s)


def _zone(number: int) -> Zone:
    """A place with a rugged border, in a grid of them."""
    chance = random.Random(number)  # noqa: S311 - outlines, no secrets
    lon, lat = 30 + number % 40 * 0.2, 46 + number // 40 * 0.12
    ring = [
        (
            lon + 0.05 * math.cos(2 * math.pi * corner / CORNERS) * chance.uniform(0.9, 1),
            lat + 0.05 * math.sin(2 * math.pi * corner / CORNERS) * chance.uniform(0.9, 1),
        )
        for corner in range(CORNERS)
    ]
    return Zone(id=f"z{number}", name=f"Town {number}", polygons=(((*ring, ring[0]),),))


def _warning(zone: Zone) -> Warning:
    until = _NOW + timedelta(minutes=10)
    return Warning(id=f"{zone.id}/1", zone=zone.id, level="take_cover", time=_NOW, expires=until, probability=0.7)
