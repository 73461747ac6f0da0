"""What operators have ordered, what waits for them, and what waits for a second of them. For operators only."""

from __future__ import annotations

from typing import Literal

from tocsin.model.event import Action
from tocsin.model.threat import ThreatClass
from tocsin.model.value import Id, Name, Probability, PublicReason, Text, Time, TrackId, Value


class Order(Value, frozen=True, kw_only=True, omit_defaults=False):
    """What an operator's act does to one zone now.

    act, operator   the act, and whose it is
    approved_by     the second person, where it needed one
    level           what a raise holds at least; None: a cancel
    ends            when it ends by itself; None: when it is released
    tracks          the tracks that a cancel took back: until it ends they do not raise this zone again
    """

    zone: Name
    action: Literal["raise", "cancel"]
    level: Literal["prepare", "take_cover"] | None
    act: Id
    operator: Name
    approved_by: Name | None = None
    since: Time
    ends: Time | None
    reason: Text
    public_reason: PublicReason
    tracks: tuple[TrackId, ...] = ()


class Proposal(Value, frozen=True, kw_only=True, omit_defaults=False):
    """Cover that the policy would order for one zone and an operator may confirm or cancel.

    since    when it was proposed
    others   the evidence at the last decision; empty right after a restart
    """

    zone: Name
    since: Time
    eta_earliest: Time | None = None
    eta_likely: Time | None = None
    probability: Probability = 0.0
    threat: ThreatClass = "unknown"
    reason: Text = ""
    tracks: tuple[TrackId, ...] = ()


class WaitingAct(Value, frozen=True, kw_only=True, omit_defaults=False):
    """An act that does nothing until another operator approves it.

    action, level   `switch`: the settings' change between drill and live, which has no level and is of no zone
    ends   when it is let go unless approved
    why    which rule asks for a second person
    """

    act: Id
    operator: Name
    action: Action | Literal["switch"]
    level: Literal["prepare", "take_cover"] | None
    zones: tuple[Name, ...]
    since: Time
    ends: Time
    why: Text
    reason: Text
    public_reason: PublicReason


class Orders(Value, frozen=True, kw_only=True, omit_defaults=False):
    """All of it, in the order of the zones and of the acts."""

    standing: tuple[Order, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    waiting: tuple[WaitingAct, ...] = ()
