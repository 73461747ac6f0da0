"""Checks CAP messages: is it XML, is it shaped like CAP, does it keep the rules that no schema can express."""

from __future__ import annotations

from tocsin.cap.rules import PROFILES
from tocsin.cap.structure import Problem, structural_problems
from tocsin.cap.xml import BadXml, alerts_in, parse
from tocsin.model.errors import BadSettings


def check(data: bytes, *, schema_only: bool = False, profile: str = "basic") -> list[Problem]:
    """Everything wrong with the messages in some XML, by line; empty: nothing.

    schema_only   stop at what the standard's schema can say
    profile       one of `rules.PROFILES`

    Rules are applied only to messages whose structure is right: elsewhere they would guess.
    Raises BadSettings for an unknown profile.
    """
    if profile not in PROFILES:
        raise BadSettings(f"there is no profile {profile!r}; choose one of {', '.join(PROFILES)}")
    try:
        alerts = alerts_in(parse(data))
    except BadXml as error:
        return [Problem(error.line, error.what)]
    if not alerts:
        return [Problem(1, "no CAP alert in it (an element alert in a namespace of CAP 1.0, 1.1 or 1.2)")]
    problems: list[Problem] = []
    for alert in alerts:
        found = structural_problems(alert)
        if not found and not schema_only:
            found = [problem for rule in PROFILES[profile] for problem in rule(alert)]
        problems += sorted(found, key=lambda problem: problem.line)
    return problems
