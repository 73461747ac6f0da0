"""Where CAP messages become bytes: written, checked against what they claim, signed, and kept while there is room.

A message of which signing fails is withheld: it goes out in no other way, and every other way out goes on. One that
does not keep to a profile goes out without claiming it. Both are counted, logged and told as troubles until they are
over. The same message always gives the same bytes, so what is let go of can be made again.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable

from lxml import etree

from tocsin.cap.check import unfit
from tocsin.cap.signers import Signers
from tocsin.cap.write import Author, Message, as_bytes
from tocsin.model.errors import BadSettings

log = logging.getLogger(__name__)

# The messages of a quarter of an hour in which a whole country is warned in two languages.
KEPT_BYTES_MAX = 64_000_000
# Stands for all rehearsed messages among the troubles; no identifier is like it.
REHEARSED = "rehearsed"


class Withheld(Exception):
    """A message that cannot be signed now, and is given to nobody."""


class Press:
    """Makes the bytes of messages; used from several threads, one message at a time.

    signers   None: messages go out unsigned, because the settings name no key; the end of a sentence: why those that
              the settings name cannot sign, so that every message is withheld
    counts    messages `signed`, `unsigned` and `unfit` (for a profile), and attempts that were `withheld`
    """

    def __init__(
        self, author: Author, signers: Signers | str | None = None, *, kept_bytes_max: int = KEPT_BYTES_MAX
    ) -> None:
        self._broken = signers if isinstance(signers, str) else None
        self.signers = None if isinstance(signers, str) else signers
        self.counts: Counter[str] = Counter()
        self._author = author
        self._kept_bytes_max = kept_bytes_max
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0
        # Why, by the identifier of each message.
        self._withheld: dict[str, str] = {}
        self._unfit: dict[str, str] = {}

    def kept(self, message: Message) -> bytes | None:
        """Its bytes where they are at hand; never waits."""
        return self._kept.get(message.identifier)

    def made(self, message: Message) -> bytes:
        """Its bytes, made now where they are not at hand: some 50 ms for the longest. Raises Withheld."""
        name = message.identifier
        with self._lock:
            if (found := self._kept.get(name)) is not None:
                return found
            alert, misfits = self._written(message)
            if misfits:
                self._note_misfits(name, misfits)
            try:
                made = self._signed(alert, message)
            except Exception as error:
                self._withhold(name, f"{type(error).__name__}: {error}")
                raise Withheld(f"the message {name} cannot be signed, and does not go out unsigned") from error
            self._keep(name, made)
            self.counts["unsigned" if self.signers is None else "signed"] += 1
            self.counts["unfit"] += bool(misfits)
            self._release(name)
            return made

    def rehearse(self, messages: Iterable[Message]) -> None:
        """Make messages that go to nobody: what would go wrong with them is a trouble before it matters."""
        for message in messages:
            with self._lock:
                alert, misfits = self._written(message)
                if misfits:
                    self._note_misfits(REHEARSED, misfits)
                try:
                    self._signed(alert, message)
                except Exception as error:  # noqa: BLE001 - whatever signing raises is told
                    self._withhold(REHEARSED, f"{type(error).__name__}: {error}")

    def _written(self, message: Message) -> tuple[etree._Element, dict[str, str]]:
        """The message, claiming what it keeps to; and which claims it does not keep to, and why."""
        profiles = self._author.issuer.profiles
        alert = self._author.alert(message, profiles)
        misfits = unfit(as_bytes(alert), profiles) if profiles else {}
        if misfits:
            alert = self._author.alert(message, [one for one in profiles if one not in misfits])
        return alert, misfits

    def _signed(self, alert: etree._Element, message: Message) -> bytes:
        if self._broken is not None:
            raise BadSettings(self._broken)
        return as_bytes(alert) if self.signers is None else self.signers.at(message.sent).signed(alert)

    def _note_misfits(self, name: str, misfits: dict[str, str]) -> None:
        why = "; ".join(f"{profile}: {what}" for profile, what in misfits.items())
        if not self._unfit:
            log.error("CAP messages do not keep to what they claim, and go out without claiming it (%s)", why)
        self._unfit[name] = why

    def _withhold(self, name: str, why: str) -> None:
        self.counts["withheld"] += 1
        if not self._withheld:
            log.error("CAP messages cannot be signed and are withheld; everything else goes on (%s)", why)
        self._withheld[name] = why

    def _release(self, name: str) -> None:
        before = len(self._withheld)
        for one in (name, REHEARSED):
            self._withheld.pop(one, None)
        if before and not self._withheld:
            log.warning("CAP messages are signed again, and go out")

    def _keep(self, name: str, made: bytes) -> None:
        self._kept[name] = made
        self._kept_bytes += len(made)
        while self._kept_bytes > self._kept_bytes_max:
            _, gone = self._kept.popitem(last=False)
            self._kept_bytes -= len(gone)

    def forget(self, served: Collection[str]) -> None:
        """Let go of the troubles of messages that are not served any more."""
        with self._lock:
            for troubled in (self._withheld, self._unfit):
                for name in [name for name in troubled if name not in served and name != REHEARSED]:
                    del troubled[name]

    @property
    def withheld(self) -> frozenset[str]:
        """Identifiers of the messages that could not be signed when it was tried last."""
        return frozenset(dict(self._withheld)) - {REHEARSED}

    @property
    def troubles(self) -> list[str]:
        """What an operator must see to, each in a sentence."""
        found = []
        for troubled, what in (
            (dict(self._withheld), "are withheld, because they cannot be signed; everything else goes on"),
            (dict(self._unfit), "do not keep to what the settings claim, and go out without the claim"),
        ):
            if troubled:
                served = len(troubled.keys() - {REHEARSED})
                number = str(served) if served else "all"
                found.append(f"{number} CAP messages {what} ({next(reversed(troubled.values()))})")
        return found
