"""The same job many times over: on the cores of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tocsin.model.errors import BadSettings
from tocsin.replay.progress import progress


def done_in_any_order(
    work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], text: str, *, workers: int = 0, dask: str | None = None
) -> Iterator[tuple[int, Any]]:
    """(number of the job, what came of it) as they end, with a progress bar.

    work      a function of a module, of values that can be pickled
    workers   processes; 0: one per core
    dask      address of a cluster's scheduler; its workers need the same Tocsin installed

    Raises BadSettings when there is no such cluster or Dask is not installed.
    """
    done = _on_cluster(work, jobs, dask) if dask else _here(work, jobs, workers)
    yield from progress(done, text, total=len(jobs))


def _here(work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], workers: int) -> Iterator[tuple[int, Any]]:
    import os
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from multiprocessing import get_context

    # Fresh processes: one forked from a process with threads can hang.
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        running = {pool.submit(work, *job): number for number, job in enumerate(jobs)}
        try:
            for one in as_completed(running):
                yield running[one], one.result()
        finally:
            # Interrupted or failed: what has not begun never will.
            pool.shutdown(wait=False, cancel_futures=True)


def _on_cluster(work: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], dask: str) -> Iterator[tuple[int, Any]]:
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise BadSettings("--dask needs Dask, which is not installed: `pip install 'tocsin[dask]'`") from error
    try:
        client = Client(dask, timeout="10s")
    except (OSError, ValueError) as error:
        raise BadSettings(f"no Dask scheduler answers at {dask!r}: {error}") from error
    with client:
        # Seeds make a job what it is, so the same job twice is no waste to be shared: pure=False.
        running = {client.submit(work, *job, pure=False): number for number, job in enumerate(jobs)}
        for one in as_completed(list(running)):
            yield running[one], one.result()
