"""Laws of CAP: whatever is folded, nothing that stands is ever taken back by a message about something else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.some import some
from tocsin.announce.atom_feed import feed
from tocsin.announce.cap_archive import Archive
from tocsin.cap.check import check
from tocsin.cap.read import CapAlert, read_alerts, read_cap
from tocsin.cap.write import Author, Issuer, Message, time_in_cap
from tocsin.model.errors import BadInput
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
ISSUER = Issuer(sender="warnings.example", languages=("en", "ar"))
ZONES = tuple(
    Zone(id=f"z{n}", name=f"Town {n}", polygons=((((n, 0), (n + 1, 0), (n + 1, 1), (n, 0)),),)) for n in range(5)
)


@st.composite
def nights(draw: st.DrawFn) -> list[list[Warning]]:
    """Rounds of warnings, one round per moment; a warning replaces what its zone has, unless an episode is new."""
    rounds: list[list[Warning]] = []
    last: dict[str, str] = {}
    time = NOW
    for number in range(draw(st.integers(1, 8))):
        time += timedelta(seconds=draw(st.integers(1, 400)))
        batch = []
        for zone in draw(st.lists(st.sampled_from(ZONES), min_size=1, unique_by=lambda zone: zone.id)):
            level = draw(st.sampled_from(get_args(Level)))
            expires = time + timedelta(seconds=draw(st.integers(1, 900)))
            new = draw(st.integers(0, 4)) == 0
            warning = Warning(
                id=f"{zone.id}/{number}/{level}",
                zone=zone.id,
                level=level,
                time=time,
                expires=expires,
                replaces=None if new else last.get(zone.id),
            )
            last[zone.id] = warning.id
            batch.append(warning)
        rounds.append(batch)
    return rounds


def believed(alerts: Iterable[CapAlert]) -> dict[str, tuple[str, datetime | None]]:
    """What a receiver that follows CAP believes: zone -> (level, expires), after messages in order."""
    standing: dict[str, dict[str, tuple[str, datetime | None]]] = {}
    for alert in alerts:
        for _, identifier, _ in alert.references:
            standing.pop(identifier, None)
        says = {}
        for info in alert.infos:
            level = dict(info.parameters)["tocsin-level"]
            for area in info.areas:
                says[dict(area.geocodes)["tocsin-zone"]] = (level, info.expires)
        standing[alert.identifier] = says
    picture: dict[str, tuple[str, datetime | None]] = {}
    for says in standing.values():
        picture.update(says)
    return picture


@settings(max_examples=80, deadline=None)
@given(night=nights(), zones_max=st.integers(1, 5))
def test_a_receiver_who_only_follows_cap_believes_what_the_warnings_say(
    night: list[list[Warning]], zones_max: int
) -> None:
    archive, author = Archive(ISSUER, zones_max=zones_max), Author(ISSUER, ZONES)
    received: list[CapAlert] = []
    truth: dict[str, Warning] = {}
    for batch in night:
        received += [read_cap(author.xml(message)) for message in archive.apply(batch)]
        truth.update((warning.zone, warning) for warning in batch)
        now = batch[0].time
        picture = believed(received)
        for zone, warning in truth.items():
            if warning.expires > now and warning.level != "all_clear":
                assert picture[zone] == (warning.level, warning.expires)
            elif zone in picture:
                level, expires = picture[zone]
                assert level == "all_clear" or expires <= now


@settings(max_examples=50, deadline=None)
@given(night=nights(), stop=st.integers(0, 8))
def test_the_same_warnings_give_the_same_bytes_across_a_restart(night: list[list[Warning]], stop: int) -> None:
    author = Author(ISSUER, ZONES)
    whole, broken = Archive(ISSUER, kept_max=6), Archive(ISSUER, kept_max=6)
    for number, batch in enumerate(night):
        if number == stop:
            broken = Archive.load(broken.dump(), ISSUER, kept_max=6)
        assert whole.apply(batch) == broken.apply(batch)
    base = "https://tocsin.example"
    assert feed(whole, author, base, drill=False) == feed(broken, author, base, drill=False)
    assert [author.xml(m) for m in whole.messages] == [author.xml(m) for m in broken.messages]
    assert len({message.identifier for message in whole.messages}) == len(whole.messages) <= 6
    for message in whole.messages:
        assert all(whole.find(warning.id) is not None for warning in some(message.warnings))


@settings(max_examples=50, deadline=None)
@given(night=nights(), cuts=st.lists(st.integers(1, 3), min_size=8, max_size=8))
def test_how_the_night_is_cut_into_calls_changes_no_message(night: list[list[Warning]], cuts: list[int]) -> None:
    one_by_one, in_heaps = Archive(ISSUER), Archive(ISSUER)
    expected = [message for batch in night for message in one_by_one.apply(batch)]
    made: list[Message] = []
    rest = list(night)
    for cut in cuts:
        made += in_heaps.apply([warning for batch in rest[:cut] for warning in batch])
        rest = rest[cut:]
    assert made == expected


@given(st.binary(max_size=300))
def test_bytes_from_anywhere_are_refused_and_never_break_anything(data: bytes) -> None:
    assert check(data)
    with contextlib.suppress(BadInput):
        read_alerts(data)


MESSAGE = Author(ISSUER, ZONES).xml(
    Archive(ISSUER).apply(
        [Warning(id="z0/1", zone="z0", level="prepare", time=NOW, expires=NOW + timedelta(minutes=5))]
    )[0]
)


@settings(max_examples=200)
@given(place=st.integers(0, len(MESSAGE) - 1), replacement=st.binary(max_size=6))
def test_a_damaged_message_is_read_or_refused_and_never_breaks_anything(place: int, replacement: bytes) -> None:
    damaged = MESSAGE[:place] + replacement + MESSAGE[place + 1 :]
    wrong = [*check(damaged, profile="tocsin"), *check(damaged, profile="ipaws")]
    try:
        alerts = read_alerts(damaged)
    except BadInput:
        assert wrong
    else:
        assert wrong or [alert.problems for alert in alerts] == [()]


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants a naive bound
def test_times_are_written_as_cap_wants_them(time: datetime) -> None:
    text = time_in_cap(time)
    assert len(text) == 25 and text.endswith("-00:00")
    assert datetime.fromisoformat(text) == time.replace(microsecond=0)
