"""Checks CAP messages: is it XML, is it shaped like CAP, does it keep the rules that no schema can express."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from tocsin.cap.feed import NO_LINK, NOT_CAP, entries_in
from tocsin.cap.profiles import ADDED, PROFILES
from tocsin.cap.rules import BASIC, text_at
from tocsin.cap.structure import Problem, structural_problems
from tocsin.cap.xml import BadXml, alerts_in, parse, strangers_in
from tocsin.model.errors import BadSettings

_NO_ALERT = "no CAP alert in it (an element alert in a namespace of CAP 1.0, 1.1 or 1.2)"
_FEEDS = ("{http://www.w3.org/2005/Atom}feed", "rss")


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in a document.

    messages   how many CAP messages it holds
    problems   everything wrong with them, and with what lists them
    links      where the messages are that it lists and does not hold; not followed
    feed       whether it is a list of messages
    """

    messages: int
    problems: tuple[Problem, ...]
    links: tuple[str, ...] = ()
    feed: bool = False


def check(data: bytes, *, schema_only: bool = False, profile: str = "basic") -> list[Problem]:
    """Everything wrong with the messages in some XML, by line; empty: nothing. See `checked`."""
    return list(checked(data, schema_only=schema_only, profile=profile).problems)


def checked(data: bytes, *, schema_only: bool = False, profile: str = "basic") -> Checked:
    """Messages in some XML, also in feeds, and everything wrong with them, by line.

    schema_only   stop at what the standard's schema can say
    profile       one of `profiles.PROFILES`

    Rules are applied only to messages whose structure is right: elsewhere they would guess.
    Raises BadSettings for an unknown profile.
    """
    if profile not in PROFILES:
        raise BadSettings(f"there is no profile {profile!r}; choose one of {', '.join(PROFILES)}")
    try:
        root = parse(data)
    except BadXml as error:
        return Checked(0, (Problem(error.line, error.what),))
    alerts = alerts_in(root)
    listed = list(entries_in(root))
    links = tuple(dict.fromkeys(entry.link for _, entry in listed if entry is not None))
    feed = bool(links) or root.tag in _FEEDS
    problems = [Problem(line, NO_LINK) for line, entry in listed if entry is None]
    if alerts or feed:
        problems += [Problem(stranger.sourceline, NOT_CAP) for stranger in strangers_in(root)]
    else:
        problems.append(Problem(1, _NO_ALERT))
    for alert in alerts:
        found = structural_problems(alert)
        if not found and not schema_only:
            found = [problem for rule in PROFILES[profile] for problem in rule(alert)]
        named = _named(alert) if len(alerts) > 1 else ""
        problems += [Problem(problem.line, f"{named}{problem.what}") for problem in sorted(found, key=_line)]
    return Checked(len(alerts), tuple(problems), links, feed)


def unfit(data: bytes, profiles: Sequence[str]) -> dict[str, str]:
    """Which of some profiles one message does not keep to, each with the first reason; looked at once for all."""
    alert = parse(data)
    common = structural_problems(alert) or [problem for rule in BASIC for problem in rule(alert)]
    found = {}
    for name in profiles:
        problems = common or [problem for rule in ADDED[name] for problem in rule(alert)]
        if problems:
            found[name] = problems[0].what
    return found


def _named(alert: etree._Element) -> str:
    """Which of many messages it is."""
    identifier = text_at(alert, "identifier")
    return f"{identifier[:100]}: " if identifier else ""


def _line(problem: Problem) -> int:
    return problem.line
