"""`tocsin demo`: a drill raid through the real service, with the live page open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tocsin.service.drill import Stage
    from tocsin.simulate.world import Simulation


def demo(
    seed: Annotated[int, typer.Option(help="One integer is one night.")] = 1,
    speed: Annotated[float, typer.Option(min=0.1, max=60, help="World seconds per second.")] = 1.0,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the live page; 0 takes a free one.")] = 8080,
    headless: Annotated[bool, typer.Option("--headless", help="No page: to the end as fast as it goes.")] = False,
    country: Annotated[str | None, typer.Option(help="Two-letter country, such as CH, SY, UA or JP.")] = None,
    scenario: Annotated[str, typer.Option(help="A shipped scenario's name, or the path of a file.")] = "drill",
    policy: Annotated[str, typer.Option(help="A shipped policy's name, or the path of a policy.toml.")] = "default",
    out: Annotated[Path | None, typer.Option(help="Keep the run's files in this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scorecard as JSON.")] = False,
) -> None:
    """Play a drill over real towns: everything in it is simulated, and marked as a drill everywhere.

    Example: `tocsin demo --country UA --speed 4`
    """
    import json
    import tempfile
    from datetime import UTC, datetime, timedelta

    import msgspec

    from tocsin.replay.nights import play, score_night
    from tocsin.replay.scenarios import load_scenario, scenario_path, zones_for
    from tocsin.report.scorecard import print_scorecard
    from tocsin.simulate.world import simulate

    path = scenario_path(scenario)
    world = load_scenario(path)

    def simulated() -> Simulation:
        places = zones_for(world, path.parent, country=country)
        title = world.title or world.name
        typer.echo(f"DRILL: {title}, seed {seed}, over {len(places)} zones. Nothing of it is real.")
        # A live drill happens now.
        now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
        return simulate(world if headless else msgspec.structs.replace(world, start=now), places, seed)

    def tell(result: dict[str, Any]) -> None:
        typer.echo(json.dumps(result)) if as_json else print_scorecard(result)

    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as spare:
        folder = out or Path(spare)
        if headless:
            tell(play(simulated(), out=folder, policy=policy))
            return
        typer.echo("Loading the program.")
        from tocsin.service.drill import answering

        with answering(port, typer.echo) as stage:
            night = simulated()
            _live(night, speed, policy, folder, stage, lambda: tell(score_night(night, folder)))
    typer.echo("Drill ended.")


def _live(night: Simulation, speed: float, policy: str, folder: Path, stage: Stage, tell: Callable[[], None]) -> None:
    """Serve the night, open the page where there is a screen, print the scorecard when the raid is over."""
    import os
    import sys
    import webbrowser

    import uvloop

    from tocsin.service.clock import Clock
    from tocsin.service.drill import OFFICER, Live

    minutes = (night.observations[-1].received_at - night.observations[0].received_at).total_seconds() / 60 / speed

    def opened(address: str, password: str, invitation: str) -> None:
        typer.echo(
            f"\nThe live page: {address}\n"
            f"  Zones turn amber (prepare), red (take cover) and green. The raid takes {minutes:.0f} minutes.\n"
            f"The duty officer's console: {address}operator (sign in as {OFFICER}, password {password})\n"
            f"A spotter's page, for one device: {invitation}\n"
            f"Also there: {address}plain, {address}feed.atom, {address}v1/zones, {address}metrics\nCtrl-C ends it."
        )
        if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(address)

    def ended() -> None:
        tell()
        typer.echo("The raid is over; the page stays open until Ctrl-C.")

    # Simulating took a moment: the clock begins where the night does, so that nothing of it is missed.
    clock = Clock(night.observations[0].received_at, speed=speed)
    uvloop.run(Live(night, clock, policy, folder, stage).play(opened, ended))
