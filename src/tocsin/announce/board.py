"""The board: the public picture, kept as bytes that are ready to send.

Warnings, pictures and blindness come in as effects; JSON goes out. Each zone's JSON is written when the zone changes
and joined when somebody asks, so 1,449 zones changing ten times a second cost the encoding of the changes alone.
Nothing here names a track, a sensor, a probability or an operator's reason, and where we may be blind is told through
a veil that gives no sensor's place away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

import msgspec

from tocsin.announce.bodies import PublicWarning, PublicZone, public_warning
from tocsin.announce.channel import Batch
from tocsin.announce.outlines import PublicMap
from tocsin.announce.quality import Quality, done, exempt, todo
from tocsin.announce.veil import PUBLIC_REASON, Veil
from tocsin.earth.zone_index import ZoneIndex
from tocsin.model.effect import Degraded, Effect, Picture
from tocsin.model.warning import Warning, ZoneState
from tocsin.model.zone import Zone

# Pictures come every second. A picture this old means that the engine has stopped or is far behind: what it does not
# know by now is more than what it knows.
STALE_AFTER = timedelta(seconds=15)

_json = msgspec.json.Encoder()


class Board:
    """How every zone stands, for everybody to read.

    drill             everything on the board is an exercise
    public_degraded   whether the public is told which zones may be blind; an old picture is always told
    veil              through which it is told; None: zone by zone as it is, which gives the sensors away
    seq               number of the last event applied; 0 before the first
    unrecorded        whether nothing that arrives is kept any more, so that the picture stands still, or what other
                      machines hear does not reach us
    picture_at        the time of the last picture; None before the first
    time_doubted      nobody can say what time it is: what comes may be taken for old, and be passed over
    """

    name = "board"
    quality = Quality(
        one_batch=done("test_an_impact_report_reaches_the_feed_the_map_and_a_listener"),
        order=done("test_a_warning_shows_at_once_and_the_picture_has_the_last_word"),
        idempotent=done("test_what_did_not_change_is_not_sent_again"),
        bounded=exempt("one state and one warning for each zone is all it keeps"),
        stands_alone=done("test_a_board_that_failed_once_shows_everything_again"),
        retries=exempt("people and programs come and read it"),
        deadline=exempt("the engine lowers what has lapsed, and every state carries its expiry"),
        receipts=exempt("people and programs come and read it"),
        restart=done("test_a_restart_shows_the_same_warnings_and_messages"),
        drill=done("test_an_impact_report_reaches_the_feed_the_map_and_a_listener"),
        private=done("test_no_body_names_a_track_a_sensor_a_probability_or_a_reason"),
        blindness=done("test_blind_zones_say_so_until_somebody_sees_again"),
        languages=exempt("it holds codes; whoever shows them has the words"),
        proof=todo("its bodies are not signed; TLS says whose they are"),
    )

    def __init__(
        self, zones: Sequence[Zone], *, drill: bool, public_degraded: bool = True, veil: Veil | None = None
    ) -> None:
        self.drill = drill
        self.seq = 0
        self.unrecorded: Callable[[], bool] = lambda: False
        self.picture_at: datetime | None = None
        self.time_doubted = False
        self._public_degraded = public_degraded
        self._veil = veil
        self._zones = tuple(zones)
        self._states = {zone.id: ZoneState(zone=zone.id, drill=drill) for zone in self._zones}
        self._served = frozenset(self._states)
        self._order = {zone_id: number for number, zone_id in enumerate(self._states)}
        self._json = {zone_id: _json.encode(state) for zone_id, state in self._states.items()}
        self._warnings: dict[str, Warning] = {}
        self._blind: frozenset[str] = frozenset()
        # Zones whose states say that they may be blind; those and the blind ones together; what is shown of these.
        self._degraded: frozenset[str] = frozenset()
        self._truly: frozenset[str] = frozenset()
        self._shown: frozenset[str] = frozenset()
        self._less_time: frozenset[str] = frozenset()
        self._joined: bytes | None = None
        self._changed: dict[str, None] = {}
        self._records: list[dict[str, None]] = [self._changed]

    def fold(self, batch: Batch) -> None:
        """Take in what one tick brought."""
        if batch.whole:
            # The states of a whole picture say which zones may be blind; the word that said so before may be missing.
            self._blind = frozenset()
        self.apply(batch.seq, batch.effects)

    def take_changed(self) -> tuple[str, ...]:
        """Ids of the zones whose public state changed since the last call, in the board's order."""
        changed = sorted(self._changed, key=self._order.__getitem__)
        self._changed.clear()
        return tuple(changed)

    def follow(self) -> dict[str, None]:
        """A record of the ids of zones that change from now on, or are shown no more, for one follower to empty."""
        record: dict[str, None] = {}
        self._records.append(record)
        return record

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """Ids of all zones that are shown."""
        return tuple(self._json)

    def zone_json(self, zone_id: str) -> bytes | None:
        """`ZoneState` of one zone as the public sees it; None: it is shown no more."""
        return self._json.get(zone_id)

    def apply(self, seq: int, effects: Iterable[Effect]) -> None:
        """Take in what one step of the engine decided; `seq` is the number of the event behind it.

        A warning changes its zone at once; the states of a picture have the last word. After a restart, the standing
        warnings and one Picture with every zone's state bring the board to where it was.
        """
        touched: dict[str, ZoneState] = {}
        picture_at, blind = self.picture_at, self._blind
        for effect in effects:
            if isinstance(effect, Warning):
                self._warnings[effect.zone] = effect
                touched[effect.zone] = warned(touched.get(effect.zone) or self._state(effect.zone), effect)
            elif isinstance(effect, Picture):
                picture_at = effect.time
                touched.update((state.zone, state) for state in effect.zones)
            elif isinstance(effect, Degraded):
                blind = frozenset(effect.zones)
        for zone_id in sorted(self._look(touched.values(), blind)):
            touched.setdefault(zone_id, self._state(zone_id))
        for state in touched.values():
            self._put(state)
        # Last: a board that failed before it showed everything must not look fresh.
        self.seq, self.picture_at = seq, picture_at

    def _look(self, states: Iterable[ZoneState], blind: frozenset[str]) -> frozenset[str]:
        """Take in where we may be blind; ids of the zones that must be shown otherwise than before."""
        turned = {state.zone for state in states if state.degraded != (state.zone in self._degraded)}
        self._blind, self._degraded = blind, self._degraded ^ turned
        truly = blind | self._degraded if self._public_degraded else frozenset[str]()
        if truly == self._truly:
            return frozenset()
        shown = truly if self._veil is None else self._veil.over(truly)
        changed = shown ^ self._shown
        self._truly, self._shown = truly, shown
        return changed

    def _state(self, zone_id: str) -> ZoneState:
        return self._states.get(zone_id) or ZoneState(zone=zone_id, drill=self.drill)

    def _put(self, state: ZoneState) -> None:
        """Show a zone's state, and remember it as changed where the public sees another."""
        self._states[state.zone] = state
        if state.level == "none":
            self._warnings.pop(state.zone, None)
            if state.zone not in self._served:
                self._forget(state.zone)
                return
        encoded = _json.encode(self._public(state))
        if encoded == self._json.get(state.zone):
            return
        # A zone that came without an outline is still somebody's home: it is shown, at the end.
        self._order.setdefault(state.zone, len(self._order))
        self._json[state.zone] = encoded
        self._joined = None
        for record in self._records:
            record[state.zone] = None

    def _public(self, state: ZoneState) -> ZoneState:
        """A state as the public may see it."""
        degraded = state.zone in self._shown
        if degraded or state.degraded:
            reason = PUBLIC_REASON if degraded else None
            state = msgspec.structs.replace(state, degraded=degraded, degraded_reason=reason)
        if state.zone in self._less_time:
            return PublicZone(**msgspec.structs.asdict(state), less_time=True)
        return state

    def say_less_time(self, zones: frozenset[str]) -> None:
        """From the next batch on, say of these zones alone that there is less warning time than usual."""
        changed, self._less_time = self._less_time ^ zones, zones
        for zone_id in sorted(changed):
            if zone_id in self._json:
                self._put(self._state(zone_id))

    def less_time(self, zone_id: str) -> bool:
        """Whether that is said of a zone."""
        return zone_id in self._less_time

    def warned(self) -> list[ZoneState]:
        """The states of all zones under a warning, as the public may see them."""
        return [self._public(one) for one in self._states.values() if one.level in ("prepare", "take_cover")]

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones it was made for."""
        return self._zones

    @cached_property
    def by_id(self) -> Mapping[str, Zone]:
        """The same by id."""
        return {zone.id: zone for zone in self._zones}

    def shown(self, zone_id: str) -> ZoneState | None:
        """How one zone stands, as the public may see it; None: it is not shown."""
        state = self._states.get(zone_id)
        return None if state is None else self._public(state)

    def warning(self, zone_id: str) -> PublicWarning | None:
        """The last warning of a zone that is not at level `none`, as the public sees it."""
        warning = self._warnings.get(zone_id)
        return None if warning is None else public_warning(warning)

    def _forget(self, zone_id: str) -> None:
        """Show a zone no more that has left the zones file, once its warning has been ended."""
        del self._states[zone_id]
        self._joined = None
        self._json.pop(zone_id, None)
        for record in self._records:
            record[zone_id] = None
        self._changed.pop(zone_id, None)

    @property
    def blind(self) -> frozenset[str]:
        """Ids of the zones that are shown as such where we may be blind."""
        return self._shown

    def degraded(self, now: datetime) -> bool:
        """Whether we may be blind somewhere: a zone says so, or the whole picture is not to be relied on."""
        return bool(self._shown) or self.doubtful(now)

    def doubtful(self, now: datetime) -> bool:
        """Whether no zone's state can be relied on: nothing is recorded, time is doubted, or the picture is missing or
        old."""
        return self.doubted or self.picture_at is None or now - self.picture_at > STALE_AFTER

    @property
    def doubted(self) -> bool:
        """Whether nothing is recorded, or time is doubted."""
        return self.unrecorded() or self.time_doubted

    def _pulse(self, now: datetime) -> bytes:
        degraded = b"true" if self.degraded(now) else b"false"
        return b'"now":%b,"picture_at":%b,"degraded":%b' % (_json.encode(now), _json.encode(self.picture_at), degraded)

    def state_json(self, now: datetime) -> bytes:
        """`bodies.State`: every zone."""
        if self._joined is None:
            self._joined = b",".join(self._json.values())
        return self._whole(self._joined, now)

    def some_json(self, zone_ids: Iterable[str], now: datetime) -> bytes:
        """`bodies.State` of these zones alone, as far as they are there."""
        shown = (self._json[zone_id] for zone_id in dict.fromkeys(zone_ids) if zone_id in self._json)
        return self._whole(b",".join(shown), now)

    def _whole(self, zones: bytes, now: datetime) -> bytes:
        drill = b"true" if self.drill else b"false"
        told = (self._pulse(now), drill, self.seq, self.public_map.cut.encode(), zones)
        return b'{%b,"drill":%b,"seq":%d,"cut":"%b","zones":[%b]}' % told

    def zones_json(self, changed: Iterable[str], now: datetime) -> bytes:
        """`bodies.ZonesChange`: the zones with these ids."""
        zones = b",".join(self._json[zone_id] for zone_id in changed)
        return b'{"seq":%d,%b,"zones":[%b]}' % (self.seq, self._pulse(now), zones)

    def pulse_json(self, now: datetime) -> bytes:
        """`bodies.Pulse`."""
        return b"{%b}" % self._pulse(now)

    def at_json(self, lat: float, lon: float, now: datetime) -> bytes:
        """`bodies.Here`: the zones that hold or touch a point in degrees and whose outlines hold at `now`."""
        _, numbers = self.index.at(lat, lon)
        here = dict.fromkeys(self._zones[number].id for number in numbers if self._zones[number].valid_at(now))
        return b'{%b,"zones":[%b]}' % (self._pulse(now), b",".join(self._json[zone_id] for zone_id in here))

    def warnings_json(self) -> bytes:
        """`bodies.Warnings`: the last warning of every zone that is not at level `none`."""
        ordered = sorted(self._warnings.values(), key=lambda warning: self._order[warning.zone])
        drill = b"true" if self.drill else b"false"
        body = _json.encode([public_warning(warning) for warning in ordered])
        return b'{"picture_at":%b,"drill":%b,"seq":%d,"warnings":%b}' % (
            _json.encode(self.picture_at),
            drill,
            self.seq,
            body,
        )

    def outlines_geojson(self) -> bytes:
        """`bodies.Outlines`; does not change while the zones do not. The first call takes about a second."""
        return self.public_map.geojson

    @cached_property
    def public_map(self) -> PublicMap:
        return PublicMap(self._zones)

    @cached_property
    def index(self) -> ZoneIndex:
        return ZoneIndex(self._zones)


def warned(state: ZoneState, warning: Warning) -> ZoneState:
    """How a zone stands once a warning is out."""
    since = state.since if state.level == warning.level and state.since is not None else warning.time
    return msgspec.structs.replace(
        state,
        level=warning.level,
        since=since,
        expires=warning.expires,
        eta_earliest=warning.eta_earliest,
        eta_likely=warning.eta_likely,
        threat=warning.threat,
        warning=warning.id,
        drill=warning.drill,
        public_reason=warning.public_reason,
    )
