"""Live nights out of their journals, held against a ledger."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tocsin.earth.zone_index import ZoneIndex
from tocsin.ledger.case import Book
from tocsin.ledger.incidents import standing_incidents
from tocsin.ledger.night_figures import figures_of
from tocsin.ledger.nights import Decided, scored
from tocsin.ledger.released import public_of
from tocsin.ledger.store import Store
from tocsin.model.errors import BadFile, BadSettings
from tocsin.model.value import seconds_of
from tocsin.replay.configuration import read_zones
from tocsin.replay.journal import Progress, replay_journal
from tocsin.replay.scoring import read_warnings


def public_report(store: Store, journals: Sequence[Path], progress: Progress | None = None) -> dict[str, Any]:
    """All that the public may know: `figures_of` the nights, `released` incidents, how many are `withheld`, `zones`.

    zones   zone id -> name for people

    Raises BadFile, JournalError, and BadSettings where drills and live nights are mixed.
    """
    known = standing_incidents(store)
    nights = [_decided(path, progress) for path in journals]
    if len({one.drill for one in nights}) > 1:
        raise BadSettings("some of the journals are of drills and some are live; report them apart")
    public = public_of(Book(store))
    return {
        **figures_of([scored(one, known) for one in nights]),
        "drill": any(one.drill for one in nights),
        "released": public.released,
        "withheld": public.withheld,
        "zones": {zone.id: zone.name_in("en") for one in nights for zone in one.index.zones},
    }


def _decided(path: Path, progress: Progress | None) -> Decided:
    with tempfile.TemporaryDirectory(prefix="tocsin-night-") as folder:
        out = Path(folder)
        night = replay_journal(path, out, progress)
        if night["from"] is None:
            raise BadFile(f"{path} holds no moment at which anything was decided; give the journal of a night")
        return Decided(
            warnings=read_warnings(out / "warnings.jsonl"),
            index=ZoneIndex(read_zones(out / "zones.geojson")),
            begin_s=seconds_of(datetime.fromisoformat(night["from"])),
            end_s=seconds_of(datetime.fromisoformat(night["to"])),
            policy=night["policy"],
            drill=night["drill"],
        )
