"""Policy as data: what a miss weighs against an hour in the cellar, and every duration a warning obeys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from tocsin.model.errors import BadSettings, BadValue
from tocsin.model.tables import from_table
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Probability, Seconds, Text, Value

Mode = Literal["automatic", "confirm", "manual"]
Positive = Annotated[float, Meta(gt=0, le=1e9)]
# A drone carries some 50 kg; half a ton reaches three times as far, and so ten times as many.
WARHEAD: dict[ThreatClass, float] = {"ballistic_missile": 10.0}
_WEIGHED = "what waiting saves is weighed against what it loses (docs/why/warning.md); "
# Keys that policies once had, and what to do instead.
GONE = {
    "early_s": f"{_WEIGHED}delete it, and lower miss_minutes for later cover",
    "patience_s": f"{_WEIGHED}delete it, and lower miss_minutes for later cover",
    "tail_s": f"{_WEIGHED}delete it, and set linger_s for longer cover",
    "at_once": f"{_WEIGHED}delete it, and raise warhead of the class for less likely attacks",
}


class Policy(Value, frozen=True, kw_only=True):
    """How forecasts become warnings. Every field has a default; a table names only what differs.

    name, description
    miss_minutes        being struck without cover weighs as much as this many minutes under cover of one person
    struck_people       people whom one strike endangers: those near it, in a city as in a village
    warhead             class -> how many times as many people its warhead endangers
    area_share          the share of strikes that fall anywhere, people or not, as `area_weight` of the forecast says
    false_cover_s       what being sent to cover costs besides its time, in seconds under cover: who was sent in vain
                        heeds the next warning less. 0 in the view that finds no such loss, a minute in the other
    response_spread     how much people's times to shelter differ, as the scale of their logarithm
    margin_s            added to a zone's seconds to shelter and to `delivery_s`
    delivery_s          measured time from a decision to people's ears
    prepare_probability, prepare_s   probability of an attack within that time that means `prepare`
    linger_s            cover is kept this long after its evidence has fallen: a track may be lost, or pass, just before
    off_ratio           a level is left only when its evidence falls to this share of what raised it
    min_on_s            shortest time under cover
    max_on_s            longest time under cover on evidence that no sensor renews and that has fallen below what raises
                        cover; then `prepare`
    valid_s, renew_s    a warning lapses after `valid_s` and is renewed `renew_s` before
    revise_s            a new revision is issued when the attack comes sooner than was said by more than this, or
                        later by more than three times this
    clear_utmost_s      no all clear while a hostile track can reach the zone within this at its utmost, or
    clear_reach_s       within this as it flies now and with
    clear_probability   at least this probability of an attack
                        while one comes nearer that could be here within `clear_reach_s` if it flew straight here,
    clear_quiet_s       nor before it has been so for this long
    clear_shown_s       an all clear is shown for this long
    cooldown_s, cooldown_factor   after an all clear, `prepare` needs that many times the evidence, for that long
    blind_hold_s        cover that evidence no longer supports is held this long where we are blind; then `prepare`
    impact_hold_s       cover in and around a zone something fell in
    impact_radius_m     how far around
    alert_max_s         a neighbour's alert without an end is believed this long; a stated end is, up to a week ahead
    cancel_s            an operator's cancel ends by itself after this
    mode                class -> automatic, confirm or manual
    confirm_s           an unanswered proposal is issued after this: silence fails towards warning
    region_factor       zone or parent id -> factor on miss_minutes there
    """

    name: Id = "default"
    description: Text = ""
    miss_minutes: Positive = 40_000.0
    struck_people: Positive = 100.0
    warhead: dict[ThreatClass, float] = {}  # noqa: RUF012 - msgspec copies defaults
    area_share: Annotated[float, Meta(ge=0, le=0.9)] = 0.3
    false_cover_s: Seconds = 0.0
    response_spread: Annotated[float, Meta(gt=0, le=2)] = 0.1
    margin_s: Seconds = 30.0
    delivery_s: Seconds = 15.0
    prepare_probability: Probability = 0.03
    prepare_s: Seconds = 900.0
    off_ratio: Probability = 0.5
    linger_s: Seconds = 20.0
    min_on_s: Seconds = 40.0
    max_on_s: Seconds = 7_200.0
    valid_s: Annotated[float, Meta(ge=60, le=86_400)] = 300.0
    renew_s: Seconds = 60.0
    revise_s: Seconds = 60.0
    clear_utmost_s: Seconds = 210.0
    clear_reach_s: Seconds = 600.0
    clear_probability: Probability = 0.0003
    clear_quiet_s: Seconds = 45.0
    clear_shown_s: Annotated[float, Meta(ge=1, le=86_400)] = 600.0
    cooldown_s: Seconds = 300.0
    cooldown_factor: Annotated[float, Meta(ge=1, le=100)] = 2.0
    blind_hold_s: Seconds = 60.0
    impact_hold_s: Seconds = 120.0
    impact_radius_m: Annotated[float, Meta(ge=0, le=100_000)] = 500.0
    alert_max_s: Seconds = 3_600.0
    cancel_s: Annotated[float, Meta(ge=1, le=7_200)] = 600.0
    mode: dict[ThreatClass, Mode] = {}  # noqa: RUF012 - msgspec copies defaults
    confirm_s: Seconds = 20.0
    region_factor: dict[Id, float] = {}  # noqa: RUF012

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.renew_s >= self.valid_s:
            raise BadValue(f"renew_s is {self.renew_s:g}; it must be less than valid_s, {self.valid_s:g}")
        for threat, times in self.warhead.items():
            if not 0 < times <= 1_000:
                raise BadValue(f"warhead of {threat} is {times!r}; it must lie between 0 and 1000")
        for name, factor in self.region_factor.items():
            if not 0 < factor <= 1_000:
                raise BadValue(f"region_factor of {name} is {factor!r}; it must lie between 0 and 1000")

    def warhead_of(self, threat: ThreatClass) -> float:
        """How many times `struck_people` a strike by this class endangers."""
        return self.warhead.get(threat, WARHEAD.get(threat, 1.0))

    def mode_of(self, threat: ThreatClass) -> Mode:
        """How warnings of this class are issued. There is no time to ask about rockets, unless the policy insists."""
        return self.mode.get(threat, "automatic")


def policy_from_table(table: dict[str, Any]) -> Policy:
    """A policy from the table of a policy.toml; an empty one is the default. Raises BadSettings."""
    for key in sorted(set(table) & set(GONE)):
        raise BadSettings(f"the policy {table.get('name', '')!r} has {key!r}, which is gone: {GONE[key]}")
    return from_table(Policy, table, f"the policy {table.get('name', '')!r}")
