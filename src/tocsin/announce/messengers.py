"""Messages to people through the services that they have: mail, chats, gateways for text messages (Apprise).

One recipient is one Apprise URL. What changed in a tick is one message for each thing that is said, the gravest first,
however many zones it concerns; a renewal is no message. A service that takes few characters gets the short form.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.rung import Rung
from tocsin.announce.words import Form, alike, say
from tocsin.model.errors import BadSettings
from tocsin.model.zone import Zone

log = structlog.get_logger(__name__)

# Less than what the outbox gives to all of an attempt, with a service's own pause between two messages.
CONNECT_S_MAX, READ_S_MAX = 2.5, 2.5
SMS_CHARACTERS = 160
TEST = "This is a test of the line. It warns of nothing."


class Unsent(ConnectionError):
    """A service did not take a message; it does not say why to the program."""


class Messengers:
    """Messages in one language to several addresses, each at its own pace.

    name        its id in the settings
    urls        Apprise URLs, one an address
    folder      where what was told is kept
    per_s_max   messages a second to one address, beside what its service allows
    """

    name = "messengers"
    quality = Quality(
        one_batch=done("test_many_zones_that_change_at_once_are_one_message"),
        order=done("test_mail_and_chat_hear_of_a_raid_from_start_to_end"),
        idempotent=done("test_a_renewal_is_no_message"),
        bounded=done("test_many_zones_that_change_at_once_are_one_message"),
        stands_alone=done("test_each_recipient_hears_each_zone_in_order_up_to_the_newest"),
        retries=done("test_what_a_service_refused_is_sent_again"),
        deadline=done("test_nothing_is_sent_after_it_expired_and_whatever_was_not_heard_is_counted"),
        receipts=done("test_what_a_service_refused_is_sent_again"),
        restart=done("test_a_restart_wakes_nobody_and_the_end_still_comes"),
        drill=done("test_a_drill_says_so_in_its_heading"),
        private=done("test_no_form_holds_a_track_a_sensor_a_reason_or_a_probability"),
        blindness=exempt("it carries warnings only; how blind we are is at GET /v1/zones and in the event stream"),
        languages=done("test_mail_and_chat_hear_of_a_raid_from_start_to_end"),
        proof=exempt("the services say who writes; none has a place for a signature of ours"),
    )

    def __init__(
        self,
        name: str,
        urls: Sequence[str],
        zones: Mapping[str, Zone],
        *,
        language: str,
        timezone: tzinfo,
        folder: Path,
        per_s_max: float,
        journal: Callable[[], str] = str,
        notify: Callable[[str], Any] | None = None,
    ) -> None:
        self.name = name
        self.recipients = tuple(urls)
        self._zones = zones
        self._language = language
        self._timezone = timezone
        self._pause_s = 1 / per_s_max
        self._services = {url: (notify or service_at)(url) for url in urls}
        self._rung = {url: Rung(folder / f"{name}-{number}.json", journal) for number, url in enumerate(urls)}
        self._free_at = dict.fromkeys(urls, 0.0)
        # What a service is taking just now, by its address. A thread cannot be stopped: it outlives an attempt.
        self._under_way: dict[str, tuple[Sequence[PublicWarning], asyncio.Future[bool]]] = {}
        self._threads = ThreadPoolExecutor(max_workers=len(urls), thread_name_prefix=f"tocsin-{name}")
        # Told of what a message is about to say, heading and text, and of which warnings; no text: they are no news.
        self.expected: Callable[[str, str, Sequence[PublicWarning]], None] = lambda title, body, warnings: None

    async def call(self) -> None:
        """Tell each address that this is a test. Raises Unsent where one does not take it."""
        for service in self._services.values():
            call = partial(service.notify, title="", body=TEST)
            if not await asyncio.get_running_loop().run_in_executor(self._threads, call):
                raise Unsent("its service did not take a test message")

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Tell one address what is new. Raises Unsent where its service does not take it."""
        # What an attempt that was given up still had under way may arrive: it is not said twice.
        await self._finish(recipient)
        rung = self._rung[recipient]
        news = rung.news(warnings)
        self.expected("", "", [one for one in warnings if one not in news])
        service = self._services[recipient]
        short = 0 < service.body_maxlen <= SMS_CHARACTERS
        for group in alike(news):
            await self._turn(recipient)
            body = self._said(group, "sms" if short else "full")
            title = "" if short else self._said(group, "title")
            self.expected(title, body, group)
            try:
                await asyncio.to_thread(rung.sending, group)
            except OSError as error:
                log.error("what is told cannot be written down", channel=self.name, reason=str(error))
            call = partial(service.notify, title=title, body=body)
            self._under_way[recipient] = group, asyncio.get_running_loop().run_in_executor(self._threads, call)
            if not await self._finish(recipient):
                raise Unsent("its service did not take the message; is the address right?")

    def _said(self, group: Sequence[PublicWarning], form: Form) -> str:
        return say(group, self._zones, self._language, form, timezone=self._timezone)

    async def _finish(self, recipient: str) -> bool:
        """Wait for what is under way; whether its service took it."""
        if recipient not in self._under_way:
            return False
        group, call = self._under_way[recipient]
        taken = False
        try:
            taken = await asyncio.shield(call)
        finally:
            if call.done():
                del self._under_way[recipient]
        if taken:
            await asyncio.to_thread(self._rung[recipient].heard, group)
        return taken

    async def _turn(self, recipient: str) -> None:
        now = asyncio.get_running_loop().time()
        wait_s = self._free_at[recipient] - now
        self._free_at[recipient] = max(now, self._free_at[recipient]) + self._pause_s
        if wait_s > 0:
            await asyncio.sleep(wait_s)


def service_at(url: str) -> Any:
    """What sends to an Apprise URL. Raises BadSettings, without the URL: it may hold a secret."""
    try:
        from apprise import Apprise
    except ImportError as error:
        raise BadSettings("apprise is not installed; install tocsin[people]") from error
    service = Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        scheme = url.partition("://")[0]
        raise BadSettings(f"Apprise knows no such address ({scheme[:20]}://…); see its list of services")
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_S_MAX, READ_S_MAX
    return service
