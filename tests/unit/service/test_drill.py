"""What a live drill believes: its recording with everything, and whoever tries the spotter's page with nothing more."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from tests.small_raid import write_raid
from tests.some import some
from tocsin.ingest.admission import Gate
from tocsin.model.observation import Sighting
from tocsin.replay.nights import drill_of, simulate
from tocsin.service.clock import Clock
from tocsin.service.drill import SOURCE, Live, Stage
from tocsin.service.spotters.settings import SOURCE as SPOTTERS
from tocsin.service.stopping import Stopping
from tocsin.service.waiting import Waiting

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)


def test_a_drill_trusts_its_recording_with_everything_and_a_spotter_with_no_more_than_a_report(tmp_path: Path) -> None:
    """Else one telephone at a drill sends a valley into cover, and its officer reads that sensors saw it."""
    night = simulate(write_raid(tmp_path))
    stage = Stage(cast("Stopping", None), cast("socket.socket", None), cast("Waiting", None))
    configuration = Live(night, Clock(NOW), "default", tmp_path, stage).configuration
    gate = Gate(configuration.sources, configuration.sensors)
    trusting = Gate(None, drill_of(night, "default").sensors)
    for one in some(night.observations):
        admitted = gate.admit(one, SOURCE, one.received_at, relays=True)
        assert gate.access.word(admitted)[1:] == trusting.access.word(admitted)[1:]
    lie = Sighting(id="post-AAAA.0", time=NOW, source="team-AAAA", lat=34.0, lon=36.0, threat="drone")
    assert not gate.access.word(gate.admit(lie, SPOTTERS, NOW, relays=True)).measured
