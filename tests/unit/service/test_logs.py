from __future__ import annotations

from datetime import UTC, datetime

from structlog.testing import capture_logs

from tocsin.model.event import Tick
from tocsin.model.warning import Warning
from tocsin.service.logs import log_decided
from tocsin.service.worker import Decided, Step

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def test_the_log_tells_of_a_warning_without_whoever_reported_or_ordered_it() -> None:
    warning = Warning(
        id="home/1/1/take_cover", zone="home", level="take_cover", time=NOW, expires=NOW, threat="rocket",
        reason="1 rocket (launch:spotter-9/4): ordered by desk-2", tracks=("launch:spotter-9/4",),
    )  # fmt: skip
    with capture_logs() as lines:
        log_decided(Decided(steps=(Step(1, Tick(time=NOW), (warning,), 0.0),), sensors=()))
    assert [line["zone"] for line in lines] == ["home"]
    assert not any(secret in str(lines) for secret in ("spotter-9", "desk-2"))
