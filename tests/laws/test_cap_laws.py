"""Laws of CAP: whatever is folded, nothing that stands is ever taken back by a message about something else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.some import some
from tests.tried import tried
from tocsin.announce.atom_feed import feed
from tocsin.announce.cap_archive import Archive
from tocsin.cap.check import check
from tocsin.cap.read import CapAlert, read_alerts, read_cap
from tocsin.cap.write import Author, Issuer, Message, expires_in_cap, time_in_cap
from tocsin.model.errors import BadInput
from tocsin.model.warning import Level, Warning
from tocsin.model.zone import Zone

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
RANK = {"all_clear": 0, "prepare": 1, "take_cover": 2}
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


def _said(zone: str, level: Level, at_s: int, lasts_s: int) -> Warning:
    time = NOW + timedelta(seconds=at_s)
    name = f"{zone}/{at_s}/{level}"
    return Warning(id=name, zone=zone, level=level, time=time, expires=time + timedelta(seconds=lasts_s))


# A cover that lapsed stood before an older word that lasts longer, and is taken back with its neighbour's.
LAPSED = [
    [_said("z0", "prepare", 1, 900)],
    [_said("z0", "take_cover", 5, 1), _said("z1", "take_cover", 5, 1)],
    [_said("z1", "prepare", 6, 1)],
]

Told = dict[str, tuple[str, datetime]]


def heard(alert: CapAlert) -> tuple[str, list[str], Told]:
    """Identifier, references and what a message says of each zone."""
    says = {
        dict(area.geocodes)["tocsin-zone"]: (dict(info.parameters)["tocsin-level"], info.expires or NOW)
        for info in alert.infos
        for area in info.areas
    }
    return alert.identifier, [identifier for _, identifier, _ in alert.references], says


def listed(message: Message) -> tuple[str, list[str], Told]:
    """The same, without writing the message and reading it again."""
    says: Told = {warning.zone: (warning.level, expires_in_cap(warning)) for warning in message.warnings}
    return message.identifier, [reference.split(",")[1] for reference in message.references], says


class Receiver:
    """Somebody who knows nothing but CAP, and takes in messages in order; one that he has changes nothing.

    by_thread   he takes an Update or a Cancel for the end of all that has to do with what it refers to
    """

    def __init__(self, *, by_thread: bool = False) -> None:
        self._by_thread = by_thread
        self._known: set[str] = set()
        self._ended: set[str] = set()
        self._standing: dict[str, Told] = {}
        self._threads: list[set[str]] = []

    def take(self, identifier: str, references: Iterable[str], says: Told) -> None:
        if identifier in self._known:
            return
        self._known.add(identifier)
        ended = set(references)
        if self._by_thread:
            joined = [thread for thread in self._threads if thread & ended]
            ended = ended.union(*joined)
            self._threads = [thread for thread in self._threads if thread not in joined]
            self._threads.append(ended | {identifier})
        self._ended |= ended
        self._standing = {name: told for name, told in self._standing.items() if name not in self._ended}
        if identifier not in self._ended:
            self._standing[identifier] = says

    def newest(self) -> Told:
        """What the newest message about each zone says."""
        return {zone: told for says in self._standing.values() for zone, told in says.items()}

    def gravest(self, now: datetime) -> dict[str, int]:
        """The gravest level that any message says of a zone now."""
        told = [one for says in self._standing.values() for one in says.items()]
        ranks = [(zone, RANK[level]) for zone, (level, expires) in told if expires > now]
        return {zone: max(rank for name, rank in ranks if name == zone) for zone, _ in ranks}


def assert_believes(receiver: Receiver, truth: dict[str, Warning], now: datetime) -> None:
    """He believes what stands, until the end of its last minute, and nothing else."""
    picture = receiver.newest()
    for zone, warning in truth.items():
        if warning.expires > now and warning.level != "all_clear":
            assert picture[zone] == (warning.level, expires_in_cap(warning))
        elif zone in picture:
            level, expires = picture[zone]
            assert level == "all_clear" or expires <= now + timedelta(minutes=1)


@settings(max_examples=60, deadline=None)
@given(night=nights(), zones_max=st.integers(1, 5))
@example(night=LAPSED, zones_max=2)
def test_a_receiver_who_only_follows_cap_believes_what_the_warnings_say(
    night: list[list[Warning]], zones_max: int
) -> None:
    archive, author, receiver = Archive(ISSUER, zones_max=zones_max), Author(ISSUER, ZONES), Receiver()
    truth: dict[str, Warning] = {}
    for batch in night:
        for message in archive.apply(batch):
            receiver.take(*heard(read_cap(author.xml(message))))
        truth.update((warning.zone, warning) for warning in batch)
        assert_believes(receiver, truth, batch[0].time)


@tried(70, nightly=800)
@given(night=nights(), zones_max=st.integers(1, 5), by_thread=st.booleans())
def test_whoever_has_read_only_some_of_a_moment_s_messages_believes_nobody_safer_than_they_are(
    night: list[list[Warning]], zones_max: int, by_thread: bool
) -> None:
    archive, receiver = Archive(ISSUER, zones_max=zones_max), Receiver(by_thread=by_thread)
    truth: dict[str, Warning] = {}
    for batch in night:
        now = batch[0].time
        before = receiver.gravest(now)
        truth.update((warning.zone, warning) for warning in batch)
        stands = {zone: RANK[one.level] for zone, one in truth.items() if one.expires > now}
        made = archive.apply(batch)
        assert made or not batch
        for message in made:
            receiver.take(*listed(message))
            gravest = receiver.gravest(now)
            for zone, rank in stands.items():
                # Nobody has heard yet of what rises in a later message; nobody is told less in the meantime.
                assert gravest.get(zone, 0) >= min(rank, before.get(zone, 0)), (zone, message)
        assert all(gravest.get(zone, 0) >= rank for zone, rank in some(stands.items()))


@tried(100, nightly=1_200)
@given(night=nights(), zones_max=st.integers(1, 5), polls=st.sets(st.integers(0, 7)), by_thread=st.booleans())
def test_whoever_polls_the_feed_now_and_then_believes_at_each_poll_what_stands(
    night: list[list[Warning]], zones_max: int, polls: set[int], by_thread: bool
) -> None:
    archive, receiver = Archive(ISSUER, zones_max=zones_max, kept_max=1), Receiver(by_thread=by_thread)
    truth: dict[str, Warning] = {}
    for number, batch in enumerate(night):
        archive.apply(batch)
        truth.update((warning.zone, warning) for warning in batch)
        if number in polls:
            for message in archive.current:
                receiver.take(*listed(message))
            now = batch[0].time
            assert_believes(receiver, truth, now)
            # Nor does anything he has from before say more: whoever goes by the gravest is not kept in cover.
            gravest = receiver.gravest(now)
            for zone, warning in truth.items():
                assert warning.expires <= now or gravest.get(zone, 0) == RANK[warning.level], zone


@settings(max_examples=100, deadline=None)
@given(night=nights(), kept_max=st.integers(1, 60))
def test_the_feed_and_its_older_pages_hold_every_message_that_is_kept_once(
    night: list[list[Warning]], kept_max: int
) -> None:
    archive = Archive(ISSUER, kept_max=kept_max, zones_max=1)
    seen: dict[str, tuple[Message, ...]] = {}
    for batch in night:
        archive.apply(batch)
        on_pages: list[Message] = []
        page = archive.page()
        while page is not None:
            # What is on a page stays on it.
            assert seen.setdefault(page.name, page.messages) in (page.messages, page.messages[-len(page.messages) :])
            on_pages[:0] = page.messages
            page = archive.page(page.before) if page.before else None
        newest = [message for message in archive.current if message not in on_pages]
        assert set(archive.messages) <= {*on_pages, *newest}
        assert len({message.identifier for message in on_pages}) == len(on_pages)


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
