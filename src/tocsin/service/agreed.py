"""Which log a service has: its own record alone, or one that it shares with other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.journal import GroupCommit, Journal
from tocsin.journal.group_commit import OnCommit
from tocsin.journal.log import Log
from tocsin.model.errors import Missing
from tocsin.service.settings import Settings

if TYPE_CHECKING:
    from tocsin.journal.jetstream.log import JetStreamLog


def opened_log(settings: Settings, journal: Journal, on_commit: OnCommit) -> Log:
    """The log that the settings ask for, over this machine's record. Raises BadSettings and Missing."""
    if settings.cluster is None:
        return GroupCommit(journal, on_commit=on_commit, queue_max=settings.journal.queue_max)
    return _agreed(settings, journal, on_commit)


def catch_up(settings: Settings, journal: Journal) -> None:
    """Bring the record to where the agreed log is, before anything is decided from it; at once where there is none.

    Where the brokers are out of reach it stays as it is. Raises BadSettings and Missing.
    """
    if settings.cluster is not None:
        with _agreed(settings, journal, None) as log:
            log.wait_until_caught_up()


def _agreed(settings: Settings, journal: Journal, on_commit: OnCommit | None) -> JetStreamLog:
    try:
        from tocsin.journal.jetstream.log import JetStreamLog
        from tocsin.journal.jetstream.stream import Place
    except ImportError as error:
        raise Missing("[cluster] needs nats-py: pip install 'tocsin[cluster]'") from error
    cluster = settings.cluster
    assert cluster is not None, "who has an agreed log has said where"
    place = Place(
        cluster.brokers(),
        settings.sector,
        cluster.node,
        prefix=cluster.prefix,
        replicas=cluster.replicas,
        keep_s=cluster.keep_s,
        keep_bytes=cluster.keep_bytes,
        slot_s=settings.tick_least_s,
    )
    return JetStreamLog(
        journal,
        place,
        on_commit=on_commit,
        queue_max=settings.journal.queue_max,
        island_after_s=cluster.island_after_s,
    )
