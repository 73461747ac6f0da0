"""Live nights out of their journals, held against a ledger."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.case import Book
from tocsin.ledger.earned import earned_in
from tocsin.ledger.incident import Incident
from tocsin.ledger.incidents import standing_incidents
from tocsin.ledger.night_channels import Arrivals, on_channel
from tocsin.ledger.night_figures import channel_figures, figures_of, sensor_figures
from tocsin.ledger.nights import Decided, Night, scored
from tocsin.ledger.released import public_of
from tocsin.ledger.standing import standing_of
from tocsin.ledger.store import Store
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.value import seconds_of
from tocsin.replay.behind import Behind
from tocsin.replay.configuration import read_zones
from tocsin.replay.journal import Progress, replay_journal
from tocsin.replay.scoring import read_warnings


def ledger_report(
    store: Store,
    journals: Sequence[Path],
    progress: Progress | None = None,
    *,
    arrivals: Arrivals | None = None,
    private: bool = False,
) -> dict[str, Any]:
    """All that the public may know: `figures_of` the nights, `released` incidents, how many are `withheld`, `zones`.

    zones      zone id -> name for people
    arrivals   of the one journal there is: then also `by_channel`, the figures of those who hear one channel alone
    private    also `by_sensor` and `reporters`, for operators: where sensors see well says where they do not, and what
               came of a source's reports is nobody else's

    Raises BadFile, JournalError, and BadSettings where drills and live nights are mixed.
    """
    known = standing_incidents(store)
    nights = [_decided(path, progress) for path in journals]
    if len({one.drill for one in nights}) > 1:
        raise BadSettings("some of the journals are of drills and some are live; report them apart")
    public = public_of(Book(store))
    found = [scored(one, known) for one in nights]
    heard = {
        channel: [scored(one, known) for night in nights if (one := on_channel(night, arrived)) is not None]
        for channel, arrived in (arrivals or {}).items()
    }
    return {
        **figures_of(found),
        "by_channel": channel_figures({channel: own for channel, own in heard.items() if own}),
        **(_private(store, found) if private else {}),
        "drill": any(one.drill for one in nights),
        "released": public.released,
        "withheld": public.withheld,
        "zones": {zone.id: zone.name_in("en") for one in nights for zone in one.index.zones},
    }


def _private(store: Store, found: list[Night]) -> dict[str, Any]:
    records = [one for one in store.read(("incident",)) if isinstance(one, Incident)]
    earned = earned_in(store, records, standing_of(store), datetime.now(UTC))
    reporters = [one._asdict() | {"share": one.share, "advice": one.advice} for one in earned]
    return {"by_sensor": sensor_figures(found), "reporters": reporters}


def _decided(path: Path, progress: Progress | None) -> Decided:
    behind = Behind()
    with tempfile.TemporaryDirectory(prefix="tocsin-night-") as folder:
        out = Path(folder)
        night = replay_journal(path, out, progress, behind)
        if night["from"] is None:
            raise BadFile(f"{path} holds no moment at which anything was decided; give the journal of a night")
        return Decided(
            warnings=read_warnings(out / "warnings.jsonl"),
            index=ZoneIndex(read_zones(out / "zones.geojson")),
            begin_s=seconds_of(datetime.fromisoformat(night["from"])),
            end_s=seconds_of(datetime.fromisoformat(night["to"])),
            policy=night["policy"],
            drill=night["drill"],
            sensors=behind.sensors,
        )
