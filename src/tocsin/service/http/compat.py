"""Seats for existing clients under /compat/…: they poll here what they poll elsewhere, and need no change but the host.

Where nobody can rely on the picture the answer is 503, never that all is quiet. A drill has no mark in the two
Ukrainian forms, so that there it is not served unless the settings say so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from tocsin.announce.compat import alerts_in_ua, home_front, siren
from tocsin.announce.compat.episodes import Unseen
from tocsin.model.wire import to_json
from tocsin.service.http.seen import Seen
from tocsin.service.http.shared import Body, Shared

_HEADERS = {"access-control-allow-origin": "*", "cache-control": "no-cache"}
_JSON = "application/json"
_LANGUAGES = frozenset({"he", "en", "ru", "ar"})
_UA, _SIREN, _HOME = "/alerts-in-ua/v{version:int}", "/siren/api/v3", "/home-front"
_UNSEEN = "nobody sees there just now; nobody knows whether all is quiet"
_Made = Callable[[Request, datetime], Any]


class Compat:
    """The routes of the seats that the settings name."""

    def __init__(self, seen: Seen) -> None:
        self._now = seen.clock.now
        self._episodes = seen.channels.episodes
        self._settings = seen.settings.compat

    def mounted(self) -> Mount:
        """For the application. Others describe these forms, and not our OpenAPI."""
        made = {"alerts_in_ua": self._alerts_in_ua, "siren": self._siren, "home_front": self._home_front}
        routes = [Route(path, call) for seat in self._settings.seats for path, call in made[seat]()]
        return Mount("/compat", routes=routes)

    def _alerts_in_ua(self) -> list[tuple[str, Any]]:
        episodes = self._episodes

        def version(request: Request) -> int:
            return int(request.path_params["version"])

        made: list[tuple[str, _Made]] = [
            ("alerts/active.json", lambda asked, now: alerts_in_ua.active(episodes, now, version(asked))),
            ("iot/active_air_raid_alerts.json", lambda asked, now: alerts_in_ua.statuses(episodes, version(asked))),
            (
                "iot/active_air_raid_alerts_by_oblast.json",
                lambda asked, now: alerts_in_ua.by_oblast(episodes, version(asked)),
            ),
            (
                "iot/active_air_raid_alerts/{uid}.json",
                lambda asked, now: alerts_in_ua.status(episodes, asked.path_params["uid"], version(asked)),
            ),
            (
                "regions/{uid}/alerts/{period}.json",
                lambda asked, now: alerts_in_ua.history(
                    episodes, asked.path_params["uid"], asked.path_params["period"], now
                ),
            ),
        ]
        return [(f"{_UA}/{path}", self._plain(make, versions=(1, 2))) for path, make in made]

    def _siren(self) -> list[tuple[str, Any]]:
        episodes = self._episodes
        made: list[tuple[str, _Made]] = [
            ("alerts", lambda asked, now: siren.alerts(episodes)),
            ("alerts/status", lambda asked, now: siren.index(episodes)),
            ("alerts/{region}", lambda asked, now: siren.alerts_of(episodes, asked.path_params["region"])),
            ("regions", lambda asked, now: siren.regions(episodes)),
        ]
        return [(f"{_SIREN}/{path}", self._plain(make)) for path, make in made]

    def _home_front(self) -> list[tuple[str, Any]]:
        episodes = self._episodes
        lists: list[tuple[str, _Made]] = [
            (
                "Shared/Ajax/GetDistricts.aspx",
                lambda asked, now: home_front.districts(episodes, _language(asked)),
            ),
            ("Shared/Ajax/GetAlarmInstructions.aspx", lambda asked, now: {"notes": []}),
            ("alerts/alertsTranslation.json", lambda asked, now: home_front.translations()),
        ]

        def new(request: Request, now: datetime) -> Any:
            return home_front.alerts(episodes, now, sure=not episodes.board.doubtful(now))

        # Its clients write this folder in both ways.
        news = [
            (f"{folder}/alert/{name}", make)
            for folder in ("warningMessages", "WarningMessages")
            for name, make in (
                ("Alerts.json", new),
                ("alerts.json", new),
                ("History/AlertsHistory.json", lambda asked, now: home_front.history(episodes, now)),
            )
        ]
        return [
            *((f"{_HOME}/{path}", self._marked(make, changing=False)) for path, make in lists),
            *((f"{_HOME}/{path}", self._marked(make, changing=True)) for path, make in news),
        ]

    def _plain(self, make: _Made, versions: tuple[int, ...] = ()) -> Any:
        """A form without a mark for drills; it changes when an episode does."""

        async def call(request: Request) -> Response:
            now = self._now()
            if versions and request.path_params["version"] not in versions:
                return _refused(404, "there is no such version here")
            if self._episodes.board.doubtful(now):
                return _refused(503, "the picture is old or missing; nobody knows whether all is quiet")
            if self._episodes.board.drill and not self._settings.drills:
                return _refused(403, "a drill is on, which this form cannot tell; [compat] drills = true serves it")
            changed_at = self._episodes.changed_at
            headers = _HEADERS | ({"last-modified": format_datetime(changed_at, usegmt=True)} if changed_at else {})
            if changed_at is not None and _known(request, changed_at):
                return Response(status_code=304, headers=headers)
            try:
                made = make(request, now)
            except Unseen:
                return _refused(503, _UNSEEN)
            if made is None:
                return _refused(404, "there is no such place here")
            return Shared(request, Body(to_json(made)), headers=headers, media_type=_JSON)

        return call

    def _marked(self, make: _Made, *, changing: bool) -> Any:
        """A form that marks drills; what is new in it grows old by itself."""

        async def call(request: Request) -> Response:
            now = self._now()
            try:
                made = make(request, now)
            except Unseen:
                return _refused(503, _UNSEEN)
            # A new alarm is shown in any case: it is over before the doubt may be. A history has gaps then.
            if changing and not isinstance(made, dict) and self._episodes.board.doubtful(now):
                return _refused(503, "the picture is old or missing; nobody knows whether all is quiet")
            headers = _HEADERS | {"last-modified": format_datetime(now.astimezone(UTC), usegmt=True)}
            # Nothing new is an empty text there, not an empty list.
            body = b"\r\n" if made is None else to_json(made)
            return Shared(request, Body(body), headers=headers, media_type=_JSON)

        return call


def _language(request: Request) -> str:
    asked = request.query_params.get("lang", "he")
    return asked if asked in _LANGUAGES else "he"


def _known(request: Request, changed_at: datetime) -> bool:
    try:
        return parsedate_to_datetime(request.headers["if-modified-since"]) == changed_at
    except (KeyError, ValueError):
        return False


def _refused(status: int, message: str) -> Response:
    """As their clients read a refusal."""
    return Response(to_json({"status": status, "message": message}), status, _HEADERS, _JSON)
