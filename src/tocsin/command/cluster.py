"""`tocsin cluster`: more than one machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tocsin.cluster.cluster import Cluster
    from tocsin.simulate.world import Simulation

# Where there is no terminal: once in so many looks, of which there is one a second.
LINE_EVERY = 10

cluster = typer.Typer(no_args_is_help=True, help="Twins and sectors: a whole cluster on this machine, to try it.")


@cluster.callback()
def _cluster() -> None:
    """Twins and sectors."""


@cluster.command()
def demo(
    seed: Annotated[int, typer.Option(help="One integer is one night.")] = 1,
    scenario: Annotated[str, typer.Option(help="A shipped scenario's name, or the path of a file.")] = "drill",
    country: Annotated[str | None, typer.Option(help="Two-letter country, such as CH, SY, UA or JP.")] = None,
    seconds: Annotated[float | None, typer.Option(min=1, help="End after so long; else Ctrl-C ends it.")] = None,
) -> None:
    """Run a cluster on this machine, and a drill raid through it: three brokers, two twins in each of two sectors, two
    front ends, and PostgreSQL and mosquitto where they are installed. Kill any of them and watch the pages.

    Example: `tocsin cluster demo --seconds 120`
    """
    import signal
    import tempfile

    from tocsin.cluster.cluster import Shape
    from tocsin.cluster.cluster import cluster as made_in
    from tocsin.cluster.demo import opened_and_killed, write_night
    from tocsin.cluster.servers import found
    from tocsin.replay.nights import simulate

    found("nats-server", "nats-server")
    # Told to stop by whatever, it ends what it has started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    night = simulate(scenario, seed=seed, country=country)
    typer.echo(f"DRILL: {scenario}, seed {seed}, over {len(night.zones)} zones. Nothing of it is real.")
    with tempfile.TemporaryDirectory(prefix="tocsin-cluster-") as name:
        folder = Path(name)
        write_night(night, folder)
        try:
            with made_in(folder, Shape()) as running:
                running.start(typer.echo)
                typer.echo("\n".join(opened_and_killed(running)))
                _watched(running, night, seconds)
        except KeyboardInterrupt:
            typer.echo("Ended.")


def _watched(running: Cluster, night: Simulation, seconds: float | None) -> None:
    """Play the raid and show who lives: as a table on a terminal, else as a line now and then."""
    import asyncio
    import sys
    from contextlib import nullcontext
    from itertools import count

    from rich.console import Console
    from rich.live import Live

    from tocsin.cluster.demo import Demo

    console = Console()
    live = Live(console=console, auto_refresh=False) if sys.stdout.isatty() else None
    playing = Demo(running, night, typer.echo if live is None else console.print)
    looks = count()

    def show() -> None:
        if live is not None:
            live.update(playing.table(), refresh=True)
        elif next(looks) % LINE_EVERY == 0:
            typer.echo(playing.line())

    with live or nullcontext():
        asyncio.run(playing.run(seconds, show))
