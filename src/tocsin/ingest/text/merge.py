"""Drafts of neighbouring sentences that are one report: "Dnipro! Ballistic!"."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.ingest.text.draft import Draft


def merged(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, with those that lack a place or a kind joined to a neighbour that has what they lack."""
    found: list[Draft] = []
    scope: tuple[str, ...] = ()
    for at, draft in enumerate(drafts):
        if at + 1 < len(drafts) and (heading := _heading(draft)):
            scope = heading
            continue
        draft.scope = scope
        if found and not draft.apart and _belongs(found[-1], draft):
            _join(found[-1], draft)
        else:
            found.append(draft)
    return found


def _heading(draft: Draft) -> tuple[str, ...]:
    """The regions that a draft of nothing else names: "Kyiv region:" says where all that follows is."""
    if draft.kinds or draft.stages or draft.counts or draft.numbers or draft.course_deg is not None:
        return ()
    if any(not place.span.regions or place.role is not None or place.part_deg is not None for place in draft.places):
        return ()
    return tuple(one for place in draft.places for one in place.span.regions)


def _belongs(before: Draft, draft: Draft) -> bool:
    """Whether a draft goes on with the one before it. What is over there never goes on with what flies here."""
    if before.soothing and draft.flies:
        return False
    if before.flies and draft.soothing and not _ends(before, draft):
        return False
    if not draft.places:
        return not before.places or not (before.kinds and draft.kinds)
    return not before.places and not (before.kinds and draft.kinds)


def _ends(before: Draft, draft: Draft) -> bool:
    """Whether "Gone." is said of what was said before it. An all-clear is of more than one drone over one place."""
    return not draft.places and not draft.numbers and (not before.places or "all_clear" not in draft.stages)


def _join(before: Draft, draft: Draft) -> None:
    """Put what a draft says into the one before it."""
    # Of two kinds without a place the one that threatens is meant: "Aviation in the east. Danger of glide bombs."
    if "threat" in draft.stages and draft.kinds and "threat" not in before.stages:
        before.kinds = draft.kinds
    else:
        before.kinds += draft.kinds
    before.launched = before.is_launched() or draft.launched
    before.counts += draft.counts
    before.numbers += draft.numbers
    before.many |= draft.many
    # "A shahed for Brovary. Explosions are possible."
    before.stages += [] if draft.perhaps and before.is_seen() else draft.stages
    before.places += draft.places
    if before.course_deg is None:
        before.course_deg, before.from_deg = draft.course_deg, draft.from_deg
    before.here = before.here or draft.here
    before.onto |= draft.onto
    before.further |= draft.further
    before.delay_s = max(before.delay_s, draft.delay_s)
    before.clock = before.clock or draft.clock
    before.moving |= draft.moving
    before.inbound |= draft.inbound
    before.soon |= draft.soon
    before.coming |= draft.coming
    before.releases |= draft.releases
    before.fell |= draft.fell
    before.shelter |= draft.shelter
    before.there |= draft.there
