"""What this machine and its twins publish: each hears the others, and gives no all clear that one of them withholds."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import msgspec

from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Configuration
from tocsin.model.warning import Warning
from tocsin.sectors.ours import Ours
from tocsin.service.cluster_settings import Cluster
from tocsin.service.twins.held_back import held_said
from tocsin.service.worker import Decided
from tocsin.twins.agreement import Agreement
from tocsin.twins.ear import Ear
from tocsin.twins.guarded import Guarded
from tocsin.twins.held import Held
from tocsin.twins.told import Teller, Told
from tocsin.twins.voter import Life

# Machines decide on the same tick within fractions of a second; who differs for longer decides otherwise.
DIFFERS = timedelta(seconds=5)


class Twins:
    """The agreement of one sector's machines; written and read from the event loop only.

    ours     the zones that this machine decides; a twin whose cut is older or newer may name others
    publish  told what of another's words must go out here
    send     told what the others must hear
    veil     the mark of what hides here where sensors stand (`Veil.mark`)
    """

    def __init__(
        self,
        cluster: Cluster,
        sector: str,
        ours: Ours,
        publish: Callable[[list[Effect]], None],
        send: Callable[[Sequence[Told]], None],
        veil: str,
    ) -> None:
        self.node = cluster.node
        self.others = tuple(name for name in cluster.twins if name != cluster.node)
        late = timedelta(seconds=cluster.dead_after_s)
        lives: dict[str, Life] = {self.node: "living"}
        for name in self.others:
            lives[name] = "unheard"
        self.agreement = Agreement(lives, own=self.node, late=late)
        self.life = secrets.token_hex(8)
        # When this machine last decided, on the monotonic clock.
        self.decided_s = time.monotonic()
        self.strange = 0
        self._ears = {name: Ear(self.agreement, sector, name) for name in self.others}
        self._teller = Teller(sector, self.node, self.life, veil)
        # The others' marks, by their names; one of an older version tells none.
        self._veil, self._veils = veil, dict.fromkeys(self.others, "")
        self._ours, self._publish, self._send = ours, publish, send
        self._configuration: Configuration | None = None

    def begin(self, engine: Guarded) -> None:
        """Go on with what this machine held before it stopped."""
        self._configuration = engine.configuration
        standing = tuple(one for one in self._ours.effects(engine.standing()) if isinstance(one, Warning))
        here = {warning.zone for warning in standing}
        for one in engine.kept():
            if one.zone not in here:
                self.agreement.publication.ids.close(one.zone, one.episode)
        picture = engine.picture()
        for said in () if picture is None else self._ours.effects([picture]):
            assert isinstance(said, Picture), "a picture stays one"
            self.agreement.begin(standing, said)

    def agreed(self, decided: Decided, configuration: Configuration | None) -> Decided:
        """What goes out of what this machine decided; the others are told what it was."""
        self._configuration, self.decided_s = configuration or self._configuration, time.monotonic()
        if self._configuration is not None:
            self._send([self._teller.changed([step.effects for step in decided.steps], self._configuration)])
        steps = tuple(
            replace(step, effects=tuple(self.agreement.take(self.node, step.effects))) for step in decided.steps
        )
        return Decided(steps, decided.sensors, self._agreed_whole(decided.whole))

    def hear(self, told: Told) -> None:
        """Take in what another machine told."""
        ear = self._ears.get(told.node)
        if ear is None:
            self.strange += 1
            return
        self._veils[told.node] = told.veil
        for effects in ear.hear(self._of_ours(told), self._configuration):
            if effects:
                self._publish(effects)

    def whole(self) -> list[Told]:
        """The messages that tell the others all that this machine holds; none before its first decision."""
        held = self.agreement.whole(self.node)
        if held is None or self._configuration is None:
            return []
        return self._teller.whole(*held, self._configuration)

    def lives(self, name: str, *, alive: bool) -> None:
        """Take in whether another machine lives, as the brokers say."""
        life = self.agreement.lives[name]
        if alive == (life != "dead"):
            return
        self._ears[name].forget()
        effects = self.agreement.expect(name) if alive else self.agreement.lose(name)
        if effects:
            self._publish(effects)

    @property
    def asking(self) -> list[str]:
        """Which others must be asked for all that they hold."""
        return [name for name, ear in self._ears.items() if ear.asks]

    @property
    def differing(self) -> list[Held]:
        """Zones of which the machines have decided otherwise for longer than a message takes."""
        picture = self.agreement.whole(self.node)
        return (
            [] if picture is None else [one for one in self.agreement.held() if picture[1].time - one.since > DIFFERS]
        )

    def troubles(self, *, named: bool) -> list[str]:
        """What operators must see to: who is not there, who decides otherwise, and what is held back for it."""
        found = []
        for name in self.others:
            life, strange = self.agreement.lives[name], self._ears[name].strange
            if life == "dead":
                found.append(f"twin {name} is not there: what this machine decides goes out without it; start it again")
            elif strange is not None:
                found.append(f"twin {name} counts only where it raises: {strange}")
            if self._veils[name] not in ("", self._veil):
                found.append(
                    f"twin {name} has another veil.key: what both show of blindness tells together where sensors "
                    "stand; stop one, copy the other's to it, start it again"
                )
        held = held_said(self.differing, "the twins differ, and the higher level stands", named=named)
        return [*found, *([] if held is None else [held])]

    def _of_ours(self, told: Told) -> Told:
        """What another machine tells of the zones that this one decides."""
        zones = self._ours.zones
        if zones is None:
            return told
        steps = tuple(
            msgspec.structs.replace(
                step,
                warnings=tuple(one for one in step.warnings if one.zone in zones),
                zones=tuple(one for one in step.zones if one.zone in zones),
            )
            for step in told.steps
        )
        return msgspec.structs.replace(told, steps=steps)

    def _agreed_whole(self, whole: Sequence[Effect]) -> tuple[Effect, ...]:
        pictures = [effect for effect in whole if isinstance(effect, Picture)]
        if not pictures:
            return tuple(whole)
        return (*self.agreement.standing(), self.agreement.picture(self.node, pictures[-1]))
