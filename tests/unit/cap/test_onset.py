"""A CAP message's onset: when what it warns of may begin, and never before the message was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tocsin.cap.read import read_cap
from tocsin.cap.write import Author, Issuer, Message
from tocsin.model.warning import Warning
from tocsin.model.zone import Zone

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ZONE = Zone(id="z", name="Town", polygons=((((0, 0), (1, 0), (1, 1), (0, 0)),),))
AUTHOR = Author(Issuer(sender="warnings.example"), (ZONE,))


@given(earliest_s=st.integers(-5, 400), late_s=st.integers(0, 20))
def test_nothing_begins_before_it_was_said(earliest_s: int, late_s: int) -> None:
    warning = Warning(
        id="z/1/1/take_cover",
        zone="z",
        level="take_cover",
        time=NOW,
        expires=NOW + timedelta(seconds=300),
        eta_earliest=NOW + timedelta(seconds=earliest_s),
    )
    sent = NOW + timedelta(seconds=late_s)
    alert = read_cap(AUTHOR.xml(Message(identifier="m", sent=sent, kind="Alert", warnings=(warning,))))
    onset = alert.infos[0].onset
    assert onset == (None if earliest_s > 300 else max(sent, NOW + timedelta(seconds=earliest_s)))
