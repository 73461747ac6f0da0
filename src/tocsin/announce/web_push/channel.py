"""Warnings to every phone and browser that asked for them, the most urgent first.

One message a subscriber waits at most: what changes meanwhile is in it when its turn comes, so that nobody reads an
older word after a newer one, and a country's barrage costs no memory. A push service that does not answer is left
alone for a while; whoever it says is gone is forgotten.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo

import aiohttp
import structlog
from yarl import URL

from tocsin.announce.bodies import PublicWarning
from tocsin.announce.circuit import Circuit
from tocsin.announce.delivery import Group
from tocsin.announce.outward import session
from tocsin.announce.quality import Quality, done, exempt
from tocsin.announce.rung import Rung
from tocsin.announce.web_push.crowd import Turn
from tocsin.announce.web_push.encryption import encrypt
from tocsin.announce.web_push.notices import URGENCY, message_of, tested, welcome
from tocsin.announce.web_push.shards import Shards
from tocsin.announce.web_push.subscription import KNOWN_SERVICES, Subscription, service_of
from tocsin.announce.web_push.subscriptions import Subscriptions
from tocsin.announce.web_push.vapid import Vapid
from tocsin.model.zone import Zone

log = structlog.get_logger(__name__)

ANSWER_S_MAX = 5.0
# Anybody can name a server of his own that answers slowly. Those are served apart from the push services that nearly
# everybody has, so that strangers hold up nobody but strangers.
SENDING_TO_KNOWN, SENDING_TO_OTHERS = 48, 16
# Less than what the outbox gives to all of an attempt: by then it is told how far this has come.
WAVE_S_MAX = 9.0
AGAIN_S = 5.0
# Messages of 4 kB at most that are kept to be sent again.
WORDED_MAX = 4_096
_GONE = frozenset({404, 410})
# Who answers so may answer otherwise in a while; all other refusals are of this message or this subscription. That one
# subscription gets too much (429) is no word on its push service.
_LATER = frozenset({408, 425, 429})
RECIPIENT = "subscribers"
# Who asked for a test looks at his phone now.
TEST_S = 120.0
SERVICES = ("others", *KNOWN_SERVICES)


class Going(ConnectionError):
    """Not everybody has it yet; it goes on."""


class Refused(ConnectionError):
    """A push service does not take a message for a subscription."""


class WebPush:
    """The channel.

    shards   the senders among which subscribers are divided; None: all are here
    counts   messages that were `told`, `refused` (by `gone` subscribers, who are forgotten, or for good), `failed`
             (they are tried again), and that `expired` before their turn
    """

    name = "web_push"
    quality = Quality(
        one_batch=done("test_what_changed_in_several_zones_is_one_message"),
        order=done("test_whoever_waits_hears_the_newest_word_alone"),
        idempotent=done("test_a_renewal_wakes_nobody"),
        bounded=done("test_whoever_waits_hears_the_newest_word_alone"),
        stands_alone=done("test_a_push_service_that_is_down_holds_up_no_other"),
        retries=done("test_a_push_service_that_is_down_holds_up_no_other"),
        deadline=done("test_nothing_is_sent_after_it_has_expired"),
        receipts=done("test_the_warnings_have_arrived_when_every_push_service_has_taken_them"),
        restart=done("test_after_a_restart_subscribers_are_known_and_nobody_is_woken"),
        drill=done("test_a_drill_is_marked_in_the_message_and_in_its_words"),
        private=done("test_a_message_names_no_track_reason_or_probability"),
        blindness=exempt("it carries warnings only; how blind we are is at GET /v1/zones and in the event stream"),
        languages=done("test_each_subscriber_reads_the_language_asked_for"),
        proof=done("test_a_push_service_can_verify_who_sends"),
    )

    def __init__(
        self,
        name: str,
        store: Subscriptions,
        vapid: Vapid,
        zones: Mapping[str, Zone],
        rung: Rung,
        *,
        now: Callable[[], datetime],
        timezone: tzinfo,
        private: bool = False,
        shards: Shards | None = None,
    ) -> None:
        self.name = name
        self.shards = shards
        self.recipients = (RECIPIENT,)
        self.store = store
        self.public_key = vapid.public_key
        self.counts: Counter[str] = Counter()
        # Of all other services together: whose server it is may tell who somebody is.
        self._by_service = {name: Counter[str]() for name in SERVICES}
        self._vapid = vapid
        self._zones = zones
        self._rung = rung
        self.now = now
        self._timezone = timezone
        self._private = private
        self._session: aiohttp.ClientSession | None = None
        self._circuits: dict[str, Circuit] = defaultdict(lambda: Circuit(lambda: asyncio.get_running_loop().time()))
        self._newest: dict[str, PublicWarning] = {}
        # Zones whose cover has been told and not its end. What was told before a restart may have been that: an end too
        # many is better than one too few.
        self._covered = set(rung.zones)
        # What is on its way, by zone.
        self._telling: dict[str, PublicWarning] = {}
        self._crowd = store.crowd
        # Told of all that is heard, before anybody else is.
        self.expected: Callable[[Sequence[PublicWarning]], None] = lambda warnings: None
        # Many ask for the same: a message is worded once.
        self._worded: dict[tuple[str, ...], bytes] = {}
        self._unwritten = asyncio.Event()
        self._writing = asyncio.Lock()

    def groups(self) -> list[Group]:
        """Subscribers by push service."""
        here, waiting = self._crowd.by_service()
        by_service = zip(self._by_service.items(), here, waiting, strict=True)
        return [
            Group(name=name, recipients=recipients, waiting=waits, counts=dict(counts))
            for (name, counts), recipients, waits in by_service
            if recipients or counts
        ]

    def hear(self, warnings: Sequence[PublicWarning]) -> None:
        """Begin to tell whoever asked for these zones. What was heard before, or is older than that, is nothing."""
        self.expected(warnings)
        fresh = [one for one in warnings if self._is_fresh(one)]
        news = self._rung.news(fresh)
        for warning in fresh:
            self._newest[warning.zone] = warning
            if warning.level == "take_cover":
                self._covered.add(warning.zone)
        for warning in news:
            self._telling[warning.zone] = warning
            self._crowd.call(warning.zone, URGENCY[warning.level], cover=self._is_of_cover(warning))
        self._covered -= {warning.zone for warning in news if warning.level == "all_clear"}
        if news:
            self._rung.begin(news)
            self._unwritten.set()

    def _is_fresh(self, warning: PublicWarning) -> bool:
        newest = self._newest.get(warning.zone)
        return newest is None or (warning.id != newest.id and warning.time >= newest.time)

    async def send(self, recipient: str, warnings: Sequence[PublicWarning]) -> None:
        """Tell whoever asked for these zones; returns when every push service has answered. Raises Going."""
        self.hear(warnings)
        try:
            async with asyncio.timeout(WAVE_S_MAX):
                # Something new may be heard between that it is drained and that this goes on.
                while self._crowd.waiting:
                    await self._crowd.nobody.wait()
        except TimeoutError:
            raise Going(f"{self._crowd.waiting} subscribers are still to be told") from None
        told, self._telling = list(self._telling.values()), {}
        if told:
            self._rung.told(told)
            await self._write()

    async def _write(self) -> None:
        """Keep what was told, and what is being told."""
        async with self._writing:
            self._unwritten.clear()
            await asyncio.to_thread(self._rung.write, self._rung.encoded())

    async def _write_on(self) -> None:
        while True:
            await self._unwritten.wait()
            try:
                await self._write()
            except OSError as error:
                log.error("what was told cannot be written down", channel=self.name, reason=str(error))

    def _is_of_cover(self, warning: PublicWarning) -> bool:
        """Whether it is for those, too, who want to hear of cover and its end alone."""
        return warning.level == "take_cover" or (warning.level == "all_clear" and warning.zone in self._covered)

    async def work(self) -> None:
        """Send what waits until cancelled; then close what was opened."""
        self._session = session(private=self._private, timeout_s=ANSWER_S_MAX)
        # Whoever was being told when this ended before still waits.
        self._crowd.stand_again()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write_on())
                if self.shards is not None:
                    group.create_task(self.shards.work(self.store, self.now, self.name))
                for known, sending in ((True, SENDING_TO_KNOWN), (False, SENDING_TO_OTHERS)):
                    for _ in range(sending):
                        group.create_task(self._serve(known))
        finally:
            await self._session.close()
            self._session = None
            if self.shards is not None:
                await self.shards.close()

    async def _serve(self, known: bool) -> None:
        while True:
            turn = await self._crowd.turn(known=known)
            again = await self._tell(turn)
            if again or self._crowd.told(turn):
                asyncio.get_running_loop().call_later(AGAIN_S if again else 0.0, self._come_back, turn)

    def _come_back(self, turn: Turn) -> None:
        levels = [self._newest[zone].level for zone in self._crowd.owed(turn) if zone in self._newest]
        self._crowd.come_back(turn, min((URGENCY[level] for level in levels), default=0))

    async def _tell(self, turn: Turn) -> bool:
        """Send one subscriber what stands in these zones; whether it must be tried again."""
        now, one = self.now(), turn.one
        known = [self._newest[zone] for zone in sorted(turn.zones) if zone in self._newest]
        standing = [warning for warning in known if warning.expires > now]
        if not standing:
            self._count("expired", one)
            return False
        ttl_s = max((warning.expires - now).total_seconds() for warning in standing)
        try:
            message = self._wording(standing, one.wish.language)
            await self._post(one, message, ttl_s, "/".join(sorted(turn.zones)))
        except Refused:
            self._count("refused", one)
            return False
        except (OSError, TimeoutError, aiohttp.ClientError):
            self._count("failed", one)
            return True
        except Exception as error:  # noqa: BLE001 - one message that cannot be made keeps no other from being sent
            self._count("refused", one)
            log.error("a push message cannot be made", channel=self.name, reason=f"{type(error).__name__}: {error}")
        return False

    def _count(self, what: str, one: Subscription) -> None:
        self.counts[what] += 1
        self._by_service[SERVICES[service_of(one.endpoint)]][what] += 1

    def _wording(self, warnings: Sequence[PublicWarning], language: str) -> bytes:
        name = (language, *(warning.id for warning in warnings))
        found = self._worded.get(name)
        if found is None:
            if len(self._worded) >= WORDED_MAX:
                self._worded.clear()
            found = self._worded[name] = message_of(warnings, self._zones, language, self._timezone)
        return found

    async def greet(self, one: Subscription) -> None:
        """Tell a new subscriber what stands, or that it is heard from now on. Raises what `_post` raises."""
        now = self.now()
        standing = [
            self._newest[zone]
            for zone in one.zones
            if zone in self._newest and self._newest[zone].level != "all_clear" and self._newest[zone].expires > now
        ]
        told = [warning for warning in standing if one.wish.level == "prepare" or warning.level == "take_cover"]
        language = one.wish.language
        message = welcome(one.zones, self._zones, language)
        if told:
            message = message_of(told, self._zones, language, self._timezone)
        await self._post(one, message, 3_600.0, "welcome")

    async def call(self, one: Subscription) -> None:
        """Send a message without a warning, to hear whether one would arrive. Raises what `_post` raises."""
        await self._post(one, welcome(one.zones, self._zones, one.wish.language), 60.0, "call")

    async def test(self, one: Subscription) -> None:
        """Tell one subscriber that this is a test. Raises what `_post` raises."""
        await self._post(one, tested(one.wish.language), TEST_S, "test")

    async def _post(self, one: Subscription, message: bytes, ttl_s: float, topic: str) -> None:
        """One request to a push service. Raises Refused where it will never take it; OSError and others: later."""
        if self._session is None:
            raise ConnectionError("it is not sending just now")
        to = URL(one.endpoint, encoded=True)
        circuit = self._circuits[str(to.origin())]
        circuit.enter()
        headers = {
            "authorization": self._vapid.authorization(to, self.now()),
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(max(1, int(ttl_s))),
            "urgency": "high",
            # What a push service still holds for these zones is of no use beside this.
            "topic": hashlib.sha256(topic.encode()).hexdigest()[:32],
        }
        body = encrypt(message, one.p256dh, one.auth)
        try:
            async with self._session.post(to, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except BaseException:
            circuit.failed()
            raise
        if status in _LATER or status >= 500:
            (circuit.failed if status >= 500 else circuit.succeeded)()
            raise ConnectionError(f"a push service answers {status}")
        circuit.succeeded()
        if status in _GONE:
            self._count("gone", one)
            await self.store.drop(one.endpoint)
            raise Refused("it is gone")
        if not 200 <= status < 300:
            raise Refused(f"a push service answers {status}")
        self._count("told", one)
