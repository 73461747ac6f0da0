"""The ways out that an engine's node has to those who show what it decided: a database of views, and front ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import cast

from tocsin.announce.board import Board
from tocsin.announce.cap_messages import CapMessages
from tocsin.announce.told.feed import Bus, FrontEnds
from tocsin.announce.views.writer import Views
from tocsin.service.cluster_settings import Cluster
from tocsin.service.settings import Settings


def tellers(
    settings: Settings,
    board: Board,
    messages: CapMessages,
    now: Callable[[], datetime],
    owned: Callable[[], Collection[str]],
    veil: str,
) -> tuple[Views | FrontEnds, ...]:
    """Those that the settings ask for; `owned`: zones that this node speaks for; `veil`: its mark."""
    found: list[Views | FrontEnds] = []
    cluster = settings.cluster
    if settings.views is not None:
        found.append(
            Views(
                board,
                settings.views.place,
                sector=settings.sector,
                node="alone" if cluster is None else cluster.node,
                now=now,
                owned=owned,
                before=lambda: (one for message in messages.archive.messages for one in message.warnings),
                keep_days=settings.views.keep_days,
            )
        )
    if cluster is not None:
        found.append(
            FrontEnds(
                board,
                brokers_of(cluster, f"{settings.sector} {cluster.node} tells front ends"),
                prefix=cluster.prefix,
                sector=settings.sector,
                node=cluster.node,
                now=now,
                owned=owned,
                twins=cluster.twins,
                veil=veil,
            )
        )
    return tuple(found)


def brokers_of(cluster: Cluster, name: str) -> Callable[[], Awaitable[Bus]]:
    """Connects to the brokers that the settings name, under a name that their own tools show."""

    async def connect() -> Bus:
        # Imported here: who has no cluster need not have it.
        from tocsin.journal.jetstream.connection import connected

        return cast("Bus", await connected(cluster.brokers(), name))

    return connect
