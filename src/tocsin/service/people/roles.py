"""Roles, and what each may do. A route asks for a permission, never for a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from tocsin.model.event import Action

Role = Literal["spotter", "operator", "approver", "admin", "integrator", "auditor", "planner"]
# A monitoring system's token: a machine has no other role, and no person has this one.
Held = Role | Literal["watcher"]
# picture    the operators' picture: tracks, what stands, what waits
# note       leave a note for the next shift
# watch      how sensors, sources and channels do
# act        raise, confirm, cancel, release
# approve    another officer's act
# people     who there is, and what each may do
# audit      what people did
# sources    sensors, sources and channels: what the settings hold of them
# spotters   who reports: enrol and revoke
# ledger     decide about the ledger: who sees an incident, and what is one
# plan       the minutes of warning that each zone has: what sensors give, and what they miss
# report     report what one sees
Permission = Literal[
    "picture", "note", "watch", "act", "approve", "people", "audit", "sources", "spotters", "ledger", "plan", "report"
]

ROLES: tuple[Role, ...] = get_args(Role)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
MAY: dict[Held, frozenset[Permission]] = {
    "spotter": frozenset({"report"}),
    "operator": frozenset({"picture", "note", "watch", "act", "spotters", "ledger"}),
    "approver": frozenset({"picture", "note", "watch", "approve", "ledger"}),
    "admin": frozenset({"picture", "note", "watch", "people", "audit", "sources", "spotters"}),
    "integrator": frozenset({"watch", "sources"}),
    "auditor": frozenset({"picture", "watch", "audit"}),
    "planner": frozenset({"picture", "watch", "plan"}),
    "watcher": frozenset({"watch"}),
}
# What an act of a role can be. An administrator warns nobody: he gives himself the role first, and that is on record.
ACTIONS: dict[Role, tuple[Action, ...]] = {
    "operator": ("raise", "confirm", "cancel", "release"),
    "approver": ("approve",),
}
# Whoever has one of these changes something for others, or sees what nobody else may, and needs more than a password.
GUARDED: frozenset[Held] = frozenset({"operator", "approver", "admin", "integrator", "auditor", "planner"})


def may(roles: Iterable[Held]) -> frozenset[Permission]:
    """What somebody with these roles may do.

    >>> sorted(may(["spotter", "auditor"]))
    ['audit', 'picture', 'report', 'watch']
    """
    return frozenset().union(*(MAY[role] for role in roles))


def actions(*roles: Held) -> tuple[Action, ...]:
    """Which acts somebody with these roles can do.

    >>> actions("admin"), actions("approver", "spotter")
    ((), ('approve',))
    """
    return tuple(action for role in ACTIONS for action in ACTIONS[role] if role in roles)
