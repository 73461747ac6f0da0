"""What became of the warnings on every channel, made anew from the record that outlives the service."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.announce.delivery import SHARES, Delivered, Delivery, Happened
from tocsin.model.value import EPOCH, time_text
from tocsin.model.warning import Level
from tocsin.service.delivery_trail import happenings

# More than a full record has.
KEPT_MAX = 2_000_000
_LEVELS: dict[str, Level] = {"prepare": "prepare", "take_cover": "take_cover", "all_clear": "all_clear"}
_TIMES = ("queued", "sent", "accepted", "acknowledged", "heard")
_COLUMNS = (
    "channel", "warning", "zone", "level", "drill", "recipients", *_TIMES, "accepted_by", "acknowledged_by", "failed",
    "given_up",
)  # fmt: skip


class _Named(NamedTuple):
    """A warning of which the identifier is left: zone/episode/revision/level."""

    id: str
    drill: bool

    @property
    def zone(self) -> str:
        return self.id.rsplit("/", 3)[0]

    @property
    def level(self) -> Level:
        return _LEVELS.get(self.id.rpartition("/")[2], "take_cover")


class _Told:
    """The evidence of every channel, and the time that it is told of."""

    def __init__(self) -> None:
        self.time = EPOCH
        self.deliveries: dict[str, Delivery] = {}
        # Who has accepted what, by channel: a service that begins anew tells what stands again.
        self._accepted: dict[str, set[tuple[int, str]]] = {}

    def now(self) -> datetime:
        return self.time

    def take(self, happened: Happened) -> None:
        self.time = happened.time
        name, ids, recipient = happened.channel, happened.warnings, happened.recipient or 0
        delivery = self.deliveries.setdefault(name, Delivery(name, self.now, kept_max=KEPT_MAX))
        began = happened.began or happened.time
        match happened.stage:
            case "queued":
                number = Counter(dict.fromkeys(ids, happened.recipients))
                delivery.queued([_Named(one, happened.drill) for one in ids], number)
            case "accepted":
                before = self._accepted.setdefault(name, set())
                if new := [one for one in ids if (recipient, one) not in before]:
                    before.update((recipient, one) for one in new)
                    delivery.accepted(recipient, new, began)
            case "failed":
                delivery.failed(recipient, ids, began, happened.why)
            case "acknowledged":
                delivery.acknowledged(ids)
            case "heard":
                delivery.heard(ids)
            case "superseded" | "expired":
                delivery.given_up(recipient, ids, happened.stage)


def account_of(trail: Path) -> Mapping[str, Delivery]:
    """The evidence of every channel, by its name. Raises BadFile."""
    told = _Told()
    for happened in happenings(trail):
        told.take(happened)
    return told.deliveries


def figures(account: Mapping[str, Delivery]) -> dict[str, dict[str, Any]]:
    """By channel: how many of each stage, and seconds to 50, 90 and 99 % of the newest; null: so many never came."""
    found: dict[str, dict[str, Any]] = {}
    for name, one in account.items():
        found[name] = dict(one.counts)
        for stage, delays in (("accepted", one.accepted_s), ("heard", one.heard_s)):
            if delays.total:
                found[name] |= {f"{stage}_{share}_s": _rounded(delays.time_to(part)) for share, part in SHARES.items()}
    return found


def arrivals(account: Mapping[str, Delivery]) -> dict[str, dict[str, datetime | None]]:
    """Channel -> warning's id -> when it had arrived, for whoever asks what people were told; None: it did not.

    It has arrived when half of those it was for had accepted it; where people come and fetch it, when it lay there.
    """
    return {name: {one.warning: _arrived(one) for one in delivery.newest} for name, delivery in account.items()}


def _arrived(one: Delivered) -> datetime | None:
    took_s = one.time_to_s["50"] if one.recipients else 0.0
    return None if took_s is None else one.queued + timedelta(seconds=took_s)


def write_table(account: Mapping[str, Delivery], out: Path) -> None:
    """A row for each warning and channel, oldest first."""
    with out.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_COLUMNS)
        for delivery in account.values():
            for one in reversed(list(delivery.newest)):
                table.writerow([_cell(one, name) for name in _COLUMNS])


def _cell(one: Delivered, name: str) -> Any:
    found = getattr(one, name)
    return time_text(found) if name in _TIMES and found is not None else found


def _rounded(took_s: float | None) -> float | None:
    return None if took_s is None else round(took_s, 4)
