"""What `tocsin doctor` looks at around an installation: impossible places, a service beside it."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ingest.country import OUTSIDE_M, Country
from tocsin.ingest.towns import exchanged_zones
from tocsin.ledger.proof_log import ProofLog
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.sensor import Sensor
from tocsin.model.zone import Zone
from tocsin.service import settings
from tocsin.service.sites.site import read_sites, zones_at
from tocsin.service.ways_out.made import zones_of
from tocsin.service.ways_out.way import Way

ASK_S = 3.0
NAMED_MAX = 5


def people(zones: Sequence[Zone]) -> str:
    """How many live in the zones. Raises BadFile where nobody does."""
    total = sum(zone.population for zone in zones)
    if zones and not total:
        raise BadFile(
            f"each of {len(zones)} zones has population 0, so that none weighs more than another; give it to them "
            "(`tocsin zones import --population-field`, or `zones build`)"
        )
    return f"{total:,.0f} people in {len(zones)} zones"


def places(zones: Sequence[Zone], sensors: Sequence[Sensor]) -> str:
    """That sensors stand where zones are. Raises BadFile naming those that stand elsewhere, and what was exchanged."""
    if (hint := exchanged_zones(zones)) is not None:
        raise BadFile(hint)
    if not zones:
        return "no zones"
    index = ZoneIndex(zones)
    country = Country(index)
    turned = [one.id for one in sensors if country.exchanged(one.lat, one.lon)]
    if turned:
        raise BadFile(
            f"{named_sensors(turned)} would stand among the zones with lat and lon exchanged, and far from every zone "
            "as written; exchange them in the sensors file, or in the zones if those are wrong"
        )
    far = [one for one in sensors if country.outside(one.lat, one.lon)]
    if far:
        nearest_km = min(float(index.distance_m(one.lat, one.lon).min()) for one in far) / 1_000
        raise BadFile(
            f"{named_sensors([one.id for one in far])}: {round(nearest_km, -2):,.0f} km from the nearest zone; no "
            f"sensor sees so far: correct the sensors file, or take the zones that they watch{_exchanged(far, country)}"
        )
    return f"{len(sensors)} sensors within {OUTSIDE_M / 1_000:,.0f} km of the zones"


def _exchanged(far: Sequence[Sensor], country: Country) -> str:
    """A word on sensors, not among the zones, that would be near them with lat and lon exchanged; empty: not all."""
    near = all(abs(one.lon) <= 90.0 and not country.outside(one.lon, one.lat) for one in far)
    return "; with lat and lon exchanged, here or in the zones, they would be near" if near else ""


def named_sensors(ids: Sequence[str]) -> str:
    """Some sensors by their ids, as the begin of a sentence."""
    more = f" and {len(ids) - NAMED_MAX} more" if len(ids) > NAMED_MAX else ""
    return f"{'sensors' if len(ids) > 1 else 'sensor'} {', '.join(ids[:NAMED_MAX])}{more}"


def channels(told: settings.Settings, zones: Sequence[Zone]) -> str:
    """Which channels the settings name. Raises BadSettings with all that lack a secret, or name zones there are not.

    Raises BadFile and BadSettings, too, where the sites file cannot be used.
    """
    index = ZoneIndex(zones)
    known = {} if told.sites is None else read_sites(told.sites, index)
    sites = {site.id: zones_at(site, index) for site in known.values()}
    found = ((way.id, _trouble(way, zones, sites)) for way in told.channel)
    troubles = [f"channel {name}: {why}" for name, why in found if why is not None]
    if troubles:
        raise BadSettings("; ".join(troubles))
    named = ", ".join(f"{way.id} ({way.kind})" for way in told.channel)
    return named or "none beside the page, the event stream, the feeds and CAP"


def _trouble(way: Way, zones: Sequence[Zone], sites: Mapping[str, Sequence[str]]) -> str | None:
    try:
        way.check()
        _, strange = zones_of(way.zones, zones, sites)
    except BadSettings as error:
        return str(error)
    return f"the zones file holds no {strange[0]!r}, which its `zones` name" if strange else None


def signing(told: settings.Settings, now: datetime) -> str:
    """Whether CAP messages can be signed, and for how long. Raises BadSettings where not, or not for much longer."""
    if told.signing is None:
        return "CAP messages are not signed"
    signers = told.signing.signers
    if (trouble := signers.trouble(now)) is not None:
        raise BadSettings(trouble)
    return f"CAP messages can be verified for {signers.left(now).days} days"


def public_log(told: settings.Settings) -> str:
    """Whether the public log can be kept and signed. Raises BadSettings and BadFile where not."""
    if told.proof is None:
        return "none is kept"
    key = told.proof.signer.fingerprint
    path = told.proof.log_path(told.journal.path)
    if not path.is_file():
        return f"begins with the service, signed by key {key[:12]}…"
    log = ProofLog(path)
    try:
        if log.trouble is not None:
            raise BadFile(log.trouble)
        return f"{len(log)} entries, signed by key {key[:12]}…"
    finally:
        log.close()


def holder(journal: Path) -> str | None:
    """The process that writes a journal now; None: there is none."""
    journal = journal.resolve()
    try:
        handle = os.open(journal.with_name(journal.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return os.read(handle, 20).decode(errors="replace").strip() or "unknown"
    finally:
        os.close(handle)
    return None


def service(told: settings.Settings) -> str:
    """Whether a service runs here already, and how. Raises BadSettings where none can run, or one does badly."""
    host, port = told.http.host, told.http.port
    writer = holder(told.journal.path)
    if writer is not None:
        runs, troubles = f"one runs on this journal (process {writer})", _troubles(host, port)
        if troubles is None:
            raise BadSettings(f"{runs} and does not answer at port {port} on {host}; see its log")
        if troubles:
            raise BadSettings(f"{runs} and says: {'; '.join(troubles)}")
        return f"{runs} and is ready; a second cannot"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            by = "" if _troubles(host, port) is None else " by a service with another journal, which runs there"
            raise BadSettings(
                f"port {port} on {host} is not to be had{by}: {error.strerror}; choose another"
            ) from error
    return f"none runs beside; port {port} on {host} is free"


def _troubles(host: str, port: int) -> list[str] | None:
    """What the service at this address says is wrong; None: no service answers there."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = http.client.HTTPConnection(asked, port, timeout=ASK_S)
    try:
        connection.request("GET", "/readyz")
        said: Any = json.loads(connection.getresponse().read(1_000_000))
        return [str(one) for one in said["troubles"]]
    except (OSError, http.client.HTTPException, ValueError, TypeError, LookupError):
        return None
    finally:
        connection.close()
