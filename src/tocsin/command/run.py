"""`tocsin run`: the service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    config: Annotated[Path, typer.Option(help="The settings file.")] = Path("tocsin.toml"),
) -> None:
    """Run the service until it is told to stop (Ctrl-C or SIGTERM); told twice, it stops at once.

    Example: `tocsin run --config tocsin.toml`
    """
    import asyncio
    import gc
    from functools import partial

    # What is loaded now stays: looking through it for what could go takes a tenth of the time to load it.
    gc.disable()
    import uvloop

    from tocsin.service.canary.all import listen, own_address
    from tocsin.service.clock import Clock
    from tocsin.service.logs import set_up_logs
    from tocsin.service.notify import READY, STOPPING, notify
    from tocsin.service.serve import Server, configured, listening, running
    from tocsin.service.settings import load_settings
    from tocsin.service.sources import Sources
    from tocsin.service.stopping import Stopping, stopping
    from tocsin.service.waiting import Waiting
    from tocsin.service.warmup import KERNELS_ABOUT, warm_up
    from tocsin.words.english import COMPILING, READING

    gc.freeze()
    gc.enable()
    settings = load_settings(config)
    configuration = configured(settings)
    set_up_logs()

    async def serve(told: Stopping) -> None:
        listener = listening(settings)
        waiting = Waiting(listener)

        def warm() -> None:
            compiled = partial(waiting.say, COMPILING, all=str(KERNELS_ABOUT))
            warm_up(lambda count: compiled(count=str(count)), planner=settings.plans)
            waiting.say(READING)

        async with running(settings, configuration, Clock(), warm=warm) as runtime:
            sources = asyncio.create_task(Sources(runtime).run())
            host, port = listener.getsockname()[:2]
            canaries = asyncio.create_task(listen(runtime, own_address(listener)))
            typer.echo(f"serving {len(configuration.zones)} zones at http://{host}:{port}/", err=True)
            server = Server(runtime)
            waiting.stop()

            def end() -> None:
                notify(STOPPING)
                # That they hear nothing from here on is no news.
                canaries.cancel()
                server.end()

            told.call = end
            notify(READY)
            await server.serve([listener])
            for task in (sources, canaries):
                task.cancel()
            await asyncio.gather(sources, canaries, return_exceptions=True)

    with stopping() as told:
        uvloop.run(serve(told))
