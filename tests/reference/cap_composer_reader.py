"""Runs in the environment of cap-composer: its importer, unchanged, reads a feed; what it would keep goes to stdout.

Only where it would write to its database stands something else: the importer's own code fetches, checks and reads.
"""

from __future__ import annotations

import json
import logging
import sys
import types
from importlib.util import find_spec
from typing import Any

FEED, STRICT = sys.argv[1], sys.argv[2] == "strict"
kept: list[Any] = []


class Entries:
    """No entry was imported before."""

    def filter(self, **asked: str) -> Entries:
        return self

    def exists(self) -> bool:
        return False

    def create(self, **entry: Any) -> None:
        kept.append({"id": entry["remote_alert_id"], "url": entry["url"], "data": entry["imported_alert"]})


class Feeds:
    """One feed."""

    def get(self, **asked: int) -> Any:
        return types.SimpleNamespace(
            url=FEED, name="tocsin", site_id=1, site=None, submit_for_moderation=False, validate_xml_signature=STRICT
        )


# Its package starts a worker of Celery when it is imported; its importer needs none.
spec = find_spec("capcomposer")
assert spec is not None and spec.submodule_search_locations is not None
package: Any = types.ModuleType("capcomposer")
package.__path__ = list(spec.submodule_search_locations)
sys.modules["capcomposer"] = package
models: Any = types.ModuleType("models")
models.ExternalAlertFeed = types.SimpleNamespace(objects=Feeds())
models.ExternalAlertFeedEntry = types.SimpleNamespace(objects=Entries())
sys.modules["capcomposer.cap.external_feed.models"] = models
drafts: Any = types.ModuleType("utils")
drafts.create_draft_alert_from_alert_data = lambda data, **how: data
sys.modules["capcomposer.cap.utils"] = drafts

from django.conf import settings  # type: ignore[import-not-found]  # noqa: E402

settings.configure(USE_TZ=True, INSTALLED_APPS=[], SECRET_KEY="none")

from capcomposer.cap.external_feed.utils import fetch_and_process_feed  # type: ignore[import-not-found]  # noqa: E402

logging.basicConfig(level=logging.INFO, stream=sys.stderr)
fetch_and_process_feed(1)
print(json.dumps(kept, default=str))
