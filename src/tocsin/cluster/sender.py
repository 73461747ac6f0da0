"""A sender as good ones are: everything again, to the next node, until somebody says that he has it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Sequence

import aiohttp

# A node that hangs is left alone for the next one after this long.
ANSWER_S_MAX = 3.0
AGAIN_S = 0.05


class Sender:
    """Sends to the first of several nodes that answers.

    acknowledged   ids of observations in batches that were answered with 200
    refused        what was said of observations that were not taken, each once
    again          how often something was sent again
    """

    def __init__(self, addresses: Sequence[str], token: str) -> None:
        self.acknowledged: set[str] = set()
        self.refused: set[str] = set()
        self.again = 0
        self._addresses = itertools.cycle(addresses)
        self._address = next(self._addresses)
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/x-ndjson"}
        self._session: aiohttp.ClientSession | None = None

    async def send(self, ids: Sequence[str], lines: Sequence[bytes]) -> None:
        """Return when these observations, one a line, are acknowledged."""
        body = b"\n".join(lines)
        while not await self._sent(ids, body):
            self.again += 1
            self._address = next(self._addresses)
            await asyncio.sleep(AGAIN_S)

    async def _sent(self, ids: Sequence[str], body: bytes) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S_MAX))
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with self._session.post(
                f"{self._address}/v1/observations", data=body, headers=self._headers
            ) as answer:
                said = await answer.json(content_type=None)
                if answer.status == 200:
                    self.refused |= {one["reason"] for one in said["rejected"]}
                    if not said["rejected_count"]:
                        self.acknowledged.update(ids)
                    return True
                if answer.status not in (429, 500, 502, 503, 504):
                    self.refused.add(f"{answer.status}: {said}")
                    return True
        return False

    async def close(self) -> None:
        """End it."""
        if self._session is not None:
            await self._session.close()
