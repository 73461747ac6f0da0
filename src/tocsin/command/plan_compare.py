"""`tocsin plan compare`: two networks, policies or tactics on the same raids."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.command.plan_options import Json, Out


def compare(
    first: Annotated[
        str,
        typer.Argument(
            help="A sensors file (.json), a policy, a scenario for its attackers; or `as-is`; `whole`: nothing is lost."
        ),
    ],
    second: Annotated[str, typer.Argument(help="The other. What a side leaves open is as the scenario has it.")],
    scenarios: Annotated[list[str], typer.Option(help="Scenarios, shipped or files; the option once for each.")],
    seeds: Annotated[int, typer.Option(min=1, max=100_000, help="Raids per scenario, seeds 1 to this.")] = 5,
    workers: Annotated[int, typer.Option(min=0, max=1_024, help="Processes; 0: one per core.")] = 0,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, to use a cluster instead.")] = None,
    price: Annotated[list[str] | None, typer.Option(help="What one sensor costs: radar=3000000.")] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Play the same raids on two sides, and say what the second changes: lives in time, burden, minutes, cost.

    Example: `tocsin plan compare whole as-is --scenarios mixed-raid --seeds 3 --out compared`
    """
    import msgspec

    from tocsin.command.plan_inputs import say_others
    from tocsin.replay.sides import compare_sides
    from tocsin.report.plan_compare import minutes_maps, priced, shown_rows, write_sides

    result = compare_sides(
        first, second, scenarios, seeds=seeds, workers=workers, dask=dask, prices=priced(price or [])
    )
    if out is not None:
        say_others(out, write_sides(out, result, minutes_maps(first, second, scenarios[0])))
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
        return
    from rich.table import Table

    from tocsin.report.tables import table_console

    table = Table("", *result.names, "change", "90 % of other raids", title=f"{len(result.raids)} raids")
    for row in shown_rows(result):
        table.add_row(*row)
    table_console().print(table)
