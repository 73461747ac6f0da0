"""Listens on a port for a while, to see what is sent there."""

from __future__ import annotations

import ipaddress
import select
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tocsin.ingest.asterix.discovery import Discovery, discover
from tocsin.ingest.asterix.framing import unframed
from tocsin.ingest.asterix.reader import AsterixReader
from tocsin.ingest.rejects import Rejects
from tocsin.ingest.udp import listening_socket
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.sensor import Sensor

DATAGRAM_OCTETS_MAX = 65_535
# Addresses can be forged: of a flood of them the first are told apart.
SENDERS_MAX = 100
OTHERS = "others"
# How soon an interrupt, or the end of the time, is noticed.
LOOK_S = 0.25


def is_port(text: str) -> bool:
    """Whether this names a port and no file."""
    return text.startswith("udp://")


def listen(
    address: str,
    rejects: Rejects,
    *,
    listen_s: float,
    interface: str = "0.0.0.0",  # noqa: S104 - the kernel's choice of interface for multicast
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[Discovery, Counter[str]]:
    """What is sent to `udp://HOST:PORT` (HOST may be a multicast group) within so many seconds, and how many by whom.

    Ctrl-C ends it early. Raises BadSettings for what is no such address, BadFile where it cannot be listened on.
    """
    group, port, joined_by = _address(address, interface)
    try:
        one = listening_socket(group, port, joined_by)
    except OSError as error:
        raise BadFile(f"{address} cannot be listened on: {error.strerror}; give an address of this machine") from error
    found, senders = Discovery(), Counter[str]()
    reader = AsterixReader((), rejects, live=True, watch=found.note)
    begun_s = time.monotonic()
    with one:
        try:
            while (spent_s := time.monotonic() - begun_s) < listen_s:
                progress(spent_s / listen_s)
                if not select.select([one], [], [], min(LOOK_S, listen_s - spent_s))[0]:
                    continue
                datagram, (sender, *_) = one.recvfrom(DATAGRAM_OCTETS_MAX)
                senders[sender if sender in senders or len(senders) < SENDERS_MAX else OTHERS] += 1
                for payload in unframed(datagram):
                    for _ in reader.read(payload, time.time(), address):
                        pass
        except KeyboardInterrupt:
            pass
    return found, senders


def discovered(
    recording: str,
    known: Sequence[Sensor],
    *,
    day_s: float = 0.0,
    listen_s: float = 60.0,
    interface: str = "0.0.0.0",  # noqa: S104
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[list[dict[str, Any]], dict[str, Any], str]:
    """The sources of a recording or a port, what became of the records for JSON, and the same for people.

    Raises BadFile where there is none.
    """
    rejects, senders = Rejects(), Counter[str]()
    if is_port(recording):
        found, senders = listen(recording, rejects, listen_s=listen_s, interface=interface, progress=progress)
    elif Path(recording).is_file():
        found = discover([Path(recording)], rejects, day_s=day_s)
    else:
        raise BadFile(f"{recording} is not a file; give a recording of ASTERIX, or udp://HOST:PORT")
    said = rejects.summary()
    if not found.sources:
        heard = f"{senders.total()} datagrams came" if is_port(recording) else "it holds no ASTERIX source"
        raise BadFile(f"{recording}: {heard}, and none of it is a record that is read. {said}".rstrip())
    figures = rejects.figures()
    if senders:
        figures |= {"senders": dict(senders.most_common())}
        by = ", ".join(f"{number} datagrams from {sender}" for sender, number in senders.most_common())
        said = f"{by} (`peers` of the source must hold them){'; ' if said else ''}{said}"
    return found.rows(known), figures, said


def _address(text: str, interface: str) -> tuple[ipaddress.IPv4Address, int, ipaddress.IPv4Address]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "0.0.0.0", parts.port  # noqa: S104 - who names no host means all of them
        if not port:
            raise ValueError("no port")
        return ipaddress.IPv4Address(host), port, ipaddress.IPv4Address(interface)
    except ValueError as error:
        raise BadSettings(f"{text}: {error}; write udp://0.0.0.0:8600, or a multicast group, in IPv4") from error
