"""From a journal to where the service stopped: the newest snapshot, then the events after it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog

from tocsin.announce.channel import Batch
from tocsin.journal import Journal
from tocsin.journal.gap import Gap
from tocsin.model.effect import Effect
from tocsin.model.errors import JournalError
from tocsin.model.event import Configuration, KeptZone, Loss
from tocsin.model.value import clipped, time_text
from tocsin.model.wire import pack, to_json, unpack
from tocsin.service.channels import Channels
from tocsin.twins.guarded import Guarded

log = structlog.get_logger(__name__)

# Where the first configuration is lost, every event after it fails: the first few say all there is to say.
LOGGED_MAX = 20
# For each second that keeping a snapshot took, so many are replayed before the next: a slow disk delays no start much.
REPLAYED_LEAST = 9


def snapshot_of(engine: Guarded, messages: bytes) -> bytes:
    """A snapshot for the journal: the engine, and the CAP messages made so far."""
    return pack({"engine": engine.snapshot(), "messages": messages})


@dataclass
class PassedOver:
    """Events of the journal that this version cannot read: kept in it, told of, and left out, here and by every twin.

    count   how many
    first   number of the first of them, and why it cannot be read
    """

    count: int = 0
    first: tuple[int, str] | None = None

    def note(self, seq: int, reason: str) -> None:
        """Take in one of them."""
        self.count += 1
        self.first = self.first or (seq, reason)
        if self.count <= LOGGED_MAX:
            log.error("an event of the journal cannot be read; it is kept and passed over", seq=seq, reason=reason)

    @property
    def trouble(self) -> str | None:
        """What an operator must know of it, in a sentence; None: there is none."""
        if self.first is None:
            return None
        seq, reason = self.first
        return (
            f"{self.count} of the journal's events cannot be read by this version and were passed over, the first is "
            f"event {seq} ({reason}); they are kept: read them with the version that wrote them"
        )


def recover(
    journal: Journal,
    channels: Channels,
    *,
    snapshot_every_s: float,
    said: Callable[[Iterable[Effect]], tuple[Effect, ...]] = tuple,
) -> tuple[Guarded, PassedOver]:
    """The engine, and the channels, as they were after the last event of the journal; and what had to be left out.

    On the way, and at its end, snapshots are kept: of a start that is killed, again and again, each gets further.
    The folded channels hear everything again; the pushed ones what stands, and their recipients drop what they had.
    `said`: what of the engine's effects is said here. Raises JournalError when the journal cannot be read.
    """
    engine, after = _from_snapshot(journal, channels)
    passed_over = PassedOver()
    count = failed = 0
    due_s = time.monotonic() + snapshot_every_s
    for seq, event in journal.read(after=after, pass_over=passed_over.note):
        try:
            effects = engine.step(event)
        except Exception:
            # It failed when it was live, too, and was passed over: the same again.
            failed += 1
            if failed <= LOGGED_MAX:
                log.exception("the engine failed on an event of the journal", seq=seq)
            continue
        channels.fold(Batch(seq, event.time, said(effects)))
        count += 1
        if (begun_s := time.monotonic()) >= due_s:
            _keep(journal, seq, engine, channels)
            kept_s = time.monotonic()
            due_s = kept_s + max(snapshot_every_s, REPLAYED_LEAST * (kept_s - begun_s))
    picture = engine.picture()
    if picture is not None:
        whole = said((*engine.standing(), picture))
        channels.tell(Batch(journal.last_seq, picture.time, whole, whole=True))
    if count:
        _keep(journal, journal.last_seq, engine, channels)
    log.info("recovered", snapshot_seq=after, events_replayed=count, failed=failed, unreadable=passed_over.count)
    return engine, passed_over


def _keep(journal: Journal, seq: int, engine: Guarded, channels: Channels) -> None:
    """A snapshot; where the disk refuses, the next start takes longer, and this one goes on."""
    try:
        journal.save_snapshot(seq, snapshot_of(engine, channels.cap_messages.archive.dump()))
    except JournalError as error:
        log.warning("no snapshot was kept on the way", seq=seq, reason=str(error))


def _from_snapshot(journal: Journal, channels: Channels) -> tuple[Guarded, int]:
    while (found := journal.latest_snapshot()) is not None:
        seq, data = found
        try:
            parts = unpack(data)
            engine = Guarded.restore(parts["engine"])
            channels.cap_messages.load(parts["messages"])
        # Whatever is the matter with it, the journal holds everything.
        except Exception as error:  # noqa: BLE001
            log.warning("a snapshot is of no use; more is replayed from the journal", seq=seq, reason=str(error))
            # Else it would stand before those that this start keeps, and every start would begin anew.
            try:
                journal.set_snapshot_aside(seq)
            except JournalError as refused:
                log.warning("a snapshot stays in the way", seq=seq, reason=str(refused))
                break
        else:
            return engine, seq
    return Guarded(), 0


def dated(configuration: Configuration, time: datetime) -> Configuration:
    """A configuration as of another time: the service's clock may not believe the machine's."""
    return msgspec.structs.replace(configuration, id=f"configuration/{time_text(time)}", time=time)


def loss_of(gap: Gap, now: datetime, *, drill: bool) -> Loss:
    """What a journal lost, as an event of it; the zones as they stood in the newest snapshot that can be read.

    drill   what is decided now is a drill: what stood in earnest is not held in one, nor the other way round
    """
    reason, zones = gap.sentence, tuple[KeptZone, ...]()
    state = gap.state()
    try:
        engine = None if state is None else Guarded.restore(unpack(state)["engine"])
    # Of whatever version it is: without it, nothing that stood is known.
    except Exception as error:  # noqa: BLE001
        log.warning("what stood before the loss cannot be read", reason=str(error))
        engine = None
    if engine is None or engine.configuration is None:
        reason = f"{reason}; no snapshot tells what stood: ask who was warned, and raise it again"
    else:
        held = engine.configuration.drill == drill
        zones = tuple(one if held else KeptZone(zone=one.zone, episode=one.episode) for one in engine.kept())
    return Loss(
        id=f"{gap.first}-{'' if gap.last is None else gap.last}/{time_text(now)}",
        time=now,
        first=gap.first,
        last=gap.last,
        since=gap.since,
        until=gap.until,
        zones=zones,
        reason=clipped(reason),
    )


def overflow(engine: Guarded, seq: int, now: datetime) -> Loss:
    """That observations are refused from event `seq` on, as an event: all stands as it does until it is released."""
    why = f"since {time_text(now)} nothing new is heard: the disk refuses, and what may be held in memory is full"
    return unheard(engine, seq, now, why)


def unheard(engine: Guarded, seq: int, now: datetime, reason: str) -> Loss:
    """That something never reached this engine after event `seq`, as an event: all stands until it is released."""
    return Loss(id=f"{seq + 1}-/{time_text(now)}", time=now, first=seq + 1, zones=engine.kept(), reason=clipped(reason))


def differs(engine: Guarded, wanted: Configuration) -> bool:
    """Whether the engine works with another configuration than the files and settings say."""
    current = engine.configuration
    if current is None:
        return True
    fields = [name for name in Configuration.__struct_fields__ if name not in ("id", "time")]
    return any(to_json(getattr(current, name)) != to_json(getattr(wanted, name)) for name in fields)
