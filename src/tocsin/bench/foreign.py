"""/healthz of the real service, in milliseconds, while it reads strangers' worst documents, beside without."""

from __future__ import annotations

import asyncio
import http.client
import json as jsonlib
import math
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import numpy as np
import typer
import uvloop

from tocsin.bench.served import HEADERS, configure, served
from tocsin.simulate.places import invented_zones

# What a source may send whose bodies cost most to read.
STRANGER = 'kinds = ["sighting", "alert"]\nalerts = "take_cover"'
BODY_OCTETS = 2_000_000
ZONES = 2_000
QUIET_S = 5.0
PING_EVERY_S = 0.01
_HEAD = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>i</identifier><sender>bench@example</sender>'
    "<sent>{sent}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
)
_INFO = (
    "<info><category>Security</category><event>Air raid</event><urgency>Immediate</urgency>"
    "<severity>Extreme</severity><certainty>Observed</certainty><expires>{expires}</expires>{areas}</info>"
)


def hostile_bodies(now: datetime) -> Iterator[tuple[str, bytes]]:
    """Bodies for POST /v1/observations that cost as much to read as somebody could think of; 2 MB at most each."""
    head = _HEAD.format(sent=_written(now))
    info = _INFO.replace("{expires}", _written(now + timedelta(hours=1)))
    for name, cap in {
        "an alert that is honest": head + info.replace("{areas}", _area("47,8 47,9 48,9 47,8")) + "</alert>",
        "elements inside each other": "<a>" * (BODY_OCTETS // 3 - 100),
        "20,000 areas": head + info.replace("{areas}", _area("47,8 47,9 48,9 47,8") * 20_000) + "</alert>",
        "stars of 1,001 corners": head + info.replace("{areas}", _area(_star(1_001)) * 90) + "</alert>",
        "a star of 49,001 corners": head + info.replace("{areas}", _area(_star(49_001))) + "</alert>",
        "circles round the Earth": head + info.replace("{areas}", _circle() * 19_000) + "</alert>",
        "200 infos over all zones": head + _infos(now) + "</alert>",
        "entities in entities": _bomb() + head + "<note>&j;</note></alert>",
        "numbers of a million digits": head + info.replace("{areas}", _area("9" * 1_900_000 + ",0 0,1")) + "</alert>",
        "100,000 attributes": "<alert " + " ".join(f"a{n}='{n}'" for n in range(100_000)) + "/>",
        "a text of white space": head + "<note>" + " \n" * 600_000 + "</note></alert>",
    }.items():  # fmt: skip
        alert = {"kind": "alert", "id": f"{name.replace(' ', '-')}-{now.timestamp()}", "time": now, "cap": cap}
        yield name, msgspec.json.encode(alert)
    yield "JSON inside each other", b'{"kind":"sighting","id":' + b"[" * BODY_OCTETS
    yield "a number of 2 million digits", b'{"kind":"sighting","lat":' + b"1" * BODY_OCTETS + b"}"
    yield "10,000 lines that are nothing", b"\n".join([b'{"kind":"sighting","id":"' + b"a" * 170 + b'"}'] * 10_000)
    sighting = {"kind": "sighting", "time": now, "lat": 47.0, "lon": 8.0, "threat": "drone", "bearing_deg": 10.0}
    many = (msgspec.json.encode(sighting | {"id": f"s-{now.timestamp()}-{n}"}) for n in range(10_000))
    yield "10,000 sightings", b"\n".join(many)


def _written(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _area(polygon: str) -> str:
    return f"<area><areaDesc>a</areaDesc><polygon>{polygon}</polygon></area>"


def _circle() -> str:
    return "<area><areaDesc>a</areaDesc><circle>47,8 20000</circle></area>"


def _star(corners: int) -> str:
    """Every edge crosses every other."""
    turn = 2 * math.pi * (corners // 2) / corners
    points = [f"{47 + 3 * math.cos(n * turn):.4f},{8 + 3 * math.sin(n * turn):.4f}" for n in range(corners)]
    return " ".join([*points, points[0]])


def _infos(now: datetime) -> str:
    ends = (_written(now + timedelta(seconds=3_600 + n)) for n in range(200))
    return "".join(_INFO.replace("{expires}", end).replace("{areas}", _circle()) for end in ends)


def _bomb() -> str:
    names = "abcdefghij"
    grown = "".join(f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in pairwise(names))
    return f'<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa">{grown}]>'


def run(*, json: bool = False) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        figures = uvloop.run(_measure(Path(folder)))
    if json:
        typer.echo(jsonlib.dumps(figures))
        return
    typer.echo(f"{'while it reads':34} {'p50':>7} {'p99':>7} {'worst':>7}  answered with, after")
    for name, row in figures.items():
        typer.echo(f"{name:34} {row['p50']:7.1f} {row['p99']:7.1f} {row['worst']:7.1f}  {row['said']}")


async def _measure(folder: Path) -> dict[str, dict[str, Any]]:
    configure(folder, invented_zones(ZONES), STRANGER)
    async with served(folder) as address:
        here, there = multiprocessing.Pipe()
        pinging = multiprocessing.get_context("spawn").Process(target=_ping, args=(address, there), daemon=True)
        pinging.start()
        assert await asyncio.to_thread(here.recv) == "begun"
        windows = {"nothing": (time.perf_counter(), await _wait(QUIET_S), "")}
        async with aiohttp.ClientSession(f"http://{address}", headers=HEADERS) as session:
            for name, body in hostile_bodies(datetime.now(UTC)):
                begun_s = time.perf_counter()
                async with session.post("/v1/observations", data=body) as response:
                    said = await response.json(content_type=None)
                    took_s = time.perf_counter() - begun_s
                    reason = said.get("detail") or next((one["reason"] for one in said.get("rejected", ())), "")
                    told = f"{response.status}, {took_s:.2f} s {reason[:70]}"
                windows[name] = (begun_s, await _wait(0.5), told)
        here.send("stop")
        pings = np.array(await asyncio.to_thread(here.recv))
        pinging.join(10)
    return {name: _row(pings, *window) for name, window in windows.items()}


async def _wait(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return time.perf_counter()


def _row(pings: Any, begun_s: float, ended_s: float, said: str) -> dict[str, Any]:
    """pings [N, (begun, took)], in seconds of one clock for all processes."""
    took_ms = pings[(pings[:, 0] + pings[:, 1] >= begun_s) & (pings[:, 0] <= ended_s), 1] * 1_000
    p50, p99 = np.percentile(took_ms, (50, 99))
    return {"p50": float(p50), "p99": float(p99), "worst": float(took_ms.max()), "said": said}


def _ping(address: str, pipe: Connection) -> None:
    """In a process of its own: ask again and again over one connection."""
    host, port = address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    pings = []
    pipe.send("begun")
    while not pipe.poll(PING_EVERY_S):
        begun_s = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        pings.append((begun_s, time.perf_counter() - begun_s))
    pipe.send(pings)
