"""What the engine holds between two events, and how it goes on under another configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from tocsin.earth.frames import LocalFrame
from tocsin.earth.zone_index import ZoneIndex
from tocsin.engine.decision_basis import Moment
from tocsin.engine.second_person import Held, Switch
from tocsin.forecast.forecaster import Forecaster
from tocsin.forecast.reported import Reported
from tocsin.forecast.settings import ForecastSettings
from tocsin.model.access import Access
from tocsin.model.effect import Effect, Picture
from tocsin.model.event import Configuration, OperatorAct
from tocsin.model.observation import Alert, Impact, Launch
from tocsin.model.sensor import Sensor, SensorHealth
from tocsin.model.tables import from_table
from tocsin.model.value import seconds_of
from tocsin.model.warning import ZoneState
from tocsin.track.settings import TrackSettings
from tocsin.track.told import ToldTracks
from tocsin.track.tracker import Tracker
from tocsin.track.transponders import Transponders
from tocsin.warn.coverage import Coverage
from tocsin.warn.policy import Policy, policy_from_table
from tocsin.warn.warner import Warner

# More than any network has; of longer lists the newest are kept.
REMOVED_MAX = 2_000


@dataclass
class Waiting:
    """What has been taken in since the last tick and is decided on at the next."""

    impacts: list[Impact] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    acts: list[OperatorAct] = field(default_factory=list)


@dataclass
class State:
    """Everything one sector's engine knows.

    now         time of the last tick; None before the first
    launches    launches recent enough to still be in the air
    transponders  what aircraft say of themselves, apart from what sensors see
    called      tracks because of which people were sent into cover at the last tick
    reported    what people report, and others whose word is not a sensor's
    told        what is in the air by channels' word, to be shown
    blind       zone id -> why we may be blind there, as last said
    unseen      ids of the blind zones in which no sight was lost, as last said
    troubled    sensor id -> state, of the sensors not up, as last said
    removed     sensors that left the configuration and did not come back, and when, POSIX seconds
    moment      what the last decision rested on; not part of a snapshot, because nothing follows from it
    health      how every sensor did at the last tick; not part of a snapshot either
    access      who may say what
    held        operators' acts that wait for a second person, in order
    switch      a change between drill and live that waits for a second person
    lost        ids of zones of which something was lost that no operator has released yet; and what it was, for them
    edges       when outlines of zones begin or cease to hold, in order
    """

    configuration: Configuration
    index: ZoneIndex
    coverage: Coverage
    policy: Policy
    tracker: Tracker
    forecaster: Forecaster
    warner: Warner
    reported: Reported
    told: ToldTracks
    transponders: Transponders
    now: datetime | None = None
    launches: list[Launch] = field(default_factory=list)
    waiting: Waiting = field(default_factory=Waiting)
    held: list[Held] = field(default_factory=list)
    switch: Switch | None = None
    blind: dict[str, str] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    troubled: dict[str, str] = field(default_factory=dict)
    called: frozenset[str] = frozenset()
    removed: list[tuple[Sensor, float]] = field(default_factory=list)
    lost: frozenset[str] = frozenset()
    lost_reason: str = ""
    moment: Moment | None = None
    health: tuple[SensorHealth, ...] = ()
    edges: list[datetime] = field(init=False)
    access: Access = field(init=False)

    def __post_init__(self) -> None:
        assert self.tracker.frame == self.index.frame, "tracks in one frame and zones in another"
        zones = self.configuration.zones
        self.access = Access(self.configuration.sources, [sensor.id for sensor in self.configuration.sensors])
        self.edges = sorted({edge for zone in zones for edge in (zone.valid_from, zone.valid_to) if edge is not None})


def index_at(configuration: Configuration, time: datetime, frame: LocalFrame | None = None) -> ZoneIndex:
    """The zones whose outlines hold at a time; in the given frame, else in the frame of all zones configured."""
    valid = [zone for zone in configuration.zones if zone.valid_at(time)]
    if frame is None:
        every = ZoneIndex(configuration.zones)
        if len(valid) == len(every):
            return every
        frame = every.frame
    return ZoneIndex(valid, frame)


def track_settings(configuration: Configuration) -> TrackSettings:
    """Its table [track]. Raises BadSettings when it is not one."""
    return from_table(TrackSettings, configuration.track, "[track]")


def tracker_from(data: bytes, configuration: Configuration, frame: LocalFrame) -> Tracker:
    """The tracker that was dumped, going on under a configuration. Raises BadSettings as `track_settings` does."""
    settings = track_settings(configuration)
    return Tracker.load(data, configuration.sensors, frame, settings, configuration.masking)


def forecast_settings(configuration: Configuration) -> ForecastSettings:
    """Its table [forecast]. Raises BadSettings when it is not one."""
    return from_table(ForecastSettings, configuration.forecast, "[forecast]")


def first_state(configuration: Configuration) -> State:
    """The state before anything was seen. Raises BadSettings when a table of the configuration is not one."""
    index = index_at(configuration, configuration.time)
    policy = policy_from_table(configuration.policy)
    return State(
        configuration=configuration,
        index=index,
        coverage=Coverage(index, configuration.sensors, sight=configuration.sight),
        policy=policy,
        tracker=Tracker(configuration.sensors, index.frame, track_settings(configuration), configuration.masking),
        forecaster=Forecaster(index, forecast_settings(configuration)),
        warner=Warner(index, policy, drill=configuration.drill),
        reported=Reported(index),
        told=ToldTracks(index.frame),
        transponders=Transponders(index.frame),
    )


def reconfigured(state: State, configuration: Configuration, time: datetime) -> tuple[State, list[Effect]]:
    """The state under another configuration, or under zones of another time, and what the world must be told of it.

    Tracks and warnings go on; but a warning of a zone that is no more, or one that would change between drill and
    live, is ended first, labelled as it was. Raises BadSettings when the policy is not one; nothing has changed then.
    """
    # Tracks live in the frame they were born in; a sector that grew keeps it, and lengths stay right to 0.1 %.
    index = index_at(configuration, time, state.index.frame)
    policy = policy_from_table(configuration.policy)
    removed = _removed(state, configuration, time)
    over = _ended(state, configuration, index, time)
    after = State(
        configuration=configuration,
        index=index,
        coverage=Coverage(index, configuration.sensors, [sensor for sensor, _ in removed], configuration.sight),
        policy=policy,
        tracker=tracker_from(state.tracker.dump(), configuration, index.frame),
        forecaster=Forecaster.load(state.forecaster.dump(), index, forecast_settings(configuration)),
        warner=Warner.load(state.warner.dump(), index, policy, drill=configuration.drill),
        reported=Reported.load(state.reported.dump(), index),
        told=state.told,
        transponders=state.transponders,
        now=state.now,
        launches=state.launches,
        waiting=state.waiting,
        held=state.held,
        switch=state.switch,
        blind=state.blind,
        unseen=state.unseen,
        troubled=state.troubled,
        called=state.called,
        removed=removed,
        lost=state.lost.intersection(index.number),
        lost_reason=state.lost_reason,
    )
    return after, over


def _ended(state: State, configuration: Configuration, index: ZoneIndex, time: datetime) -> list[Effect]:
    """End the warnings that cannot go on as they are, and show the zones that leave as they are left."""
    before = state.configuration
    gone = [zone.id for zone in state.index.zones if zone.id not in index.number]
    now_s = seconds_of(time)
    over: list[Effect] = [*state.warner.end(now_s, gone, "Ended because this zone is no longer warned from here.")]
    if configuration.drill != before.drill:
        reason = f"Ended because {'a drill begins' if configuration.drill else 'the drill is over'}."
        over += state.warner.end(now_s, [zone.id for zone in state.index.zones], reason)
        # What was ordered in a drill is no order outside it, nor the other way round.
        state.waiting.acts, state.held = [], []
    if gone:
        left = tuple(ZoneState(zone=zone, drill=before.drill) for zone in gone)
        over.append(Picture(time=time, zones=left))
    return over


def _removed(state: State, configuration: Configuration, time: datetime) -> list[tuple[Sensor, float]]:
    """The sensors of before that this configuration lacks, and since when."""
    now = {sensor.id for sensor in configuration.sensors}
    gone = [(sensor, at_s) for sensor, at_s in state.removed if sensor.id not in now]
    gone += [(sensor, seconds_of(time)) for sensor in state.configuration.sensors if sensor.id not in now]
    return gone[-REMOVED_MAX:]
