"""`tocsin front`: a front end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def front(
    config: Annotated[Path, typer.Option(help="The settings file.")] = Path("tocsin.toml"),
) -> None:
    """Show everybody what the nodes of every sector decide, without an engine, until it is told to stop (Ctrl-C or
    SIGTERM); told twice, it stops at once.

    Example: `tocsin front --config front.toml`
    """

    import uvloop

    from tocsin.service.clock import Clock
    from tocsin.service.front.serve import configured, running, server_of
    from tocsin.service.logs import set_up_logs
    from tocsin.service.notify import READY, STOPPING, notify
    from tocsin.service.serve import listening
    from tocsin.service.settings import load_settings
    from tocsin.service.stopping import Stopping, stopping

    settings = load_settings(config)
    configuration = configured(settings)
    set_up_logs()

    async def serve(told: Stopping) -> None:
        async with running(settings, configuration, Clock()) as shown:
            # Nobody is let in before there is something to show: who is turned away asks another front end.
            await shown.first_picture()
            listener = listening(settings)
            host, port = listener.getsockname()[:2]
            typer.echo(f"showing {len(configuration.zones)} zones at http://{host}:{port}/", err=True)
            server = server_of(shown)

            def end() -> None:
                notify(STOPPING)
                server.end()

            told.call = end
            notify(READY)
            await server.serve([listener])

    with stopping() as told:
        uvloop.run(serve(told))
