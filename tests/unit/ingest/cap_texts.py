"""CAP messages as neighbours send them, one keyword a peculiarity."""

from __future__ import annotations

from collections.abc import Iterable

A = "50.02,30.02 50.02,30.18 50.18,30.18 50.18,30.02 50.02,30.02"
B = "50.02,30.32 50.02,30.48 50.18,30.48 50.18,30.32 50.02,30.32"


def area(
    *polygons: str, circles: Iterable[str] = (), codes: Iterable[tuple[str, str]] = (), name: str = "there"
) -> str:
    return (
        f"<area><areaDesc>{name}</areaDesc>"
        + "".join(f"<polygon>{polygon}</polygon>" for polygon in polygons)
        + "".join(f"<circle>{circle}</circle>" for circle in circles)
        + "".join(f"<geocode><valueName>{k}</valueName><value>{v}</value></geocode>" for k, v in codes)
        + "</area>"
    )


def info(
    areas: str | None = None, *, event: str = "Air raid alert", response: str = "Shelter", urgency: str = "Immediate",
    expires: str = "2026-03-01T04:00:00+00:00", codes: Iterable[tuple[str, str]] = (), category: str = "Safety",
    headline: str = "", language: str = "en",
) -> str:  # fmt: skip
    return (
        f"<info><language>{language}</language><category>{category}</category><event>{event}</event>"
        + (f"<responseType>{response}</responseType>" if response else "")
        + f"<urgency>{urgency}</urgency><severity>Extreme</severity><certainty>Likely</certainty>"
        + "".join(f"<eventCode><valueName>{k}</valueName><value>{v}</value></eventCode>" for k, v in codes)
        + (f"<expires>{expires}</expires>" if expires else "")
        + (f"<headline>{headline}</headline>" if headline else "")
        + (area(A) if areas is None else areas)
        + "</info>"
    )


def message(
    infos: str | None = None, *, identifier: str = "n1", sender: str = "n@example.org", kind: str = "Alert",
    sent: str = "2026-03-01T03:00:00+00:00", references: str = "", status: str = "Actual",
) -> str:  # fmt: skip
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{identifier}</identifier><sender>{sender}</sender><sent>{sent}</sent><status>{status}</status>"
        f"<msgType>{kind}</msgType><scope>Public</scope>"
        + (f"<references>{references}</references>" if references else "")
        + (info() if infos is None else infos)
        + "</alert>"
    )
