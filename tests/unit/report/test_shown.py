"""What others wrote is shown on a terminal as letters, and does nothing to it."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tocsin.report.shown import shown, shown_json

HOSTILE = st.text(
    st.sampled_from("Шaх \u202e\u2066\u200f\x1b\x07\x00\x9b\n\r\u2028\u00ad\ufeff\U000e0041\\👨\u200d🚒"), max_size=40
)


def _unseen(text: str) -> list[str]:
    return [one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") and one not in "\u200c\u200d"]


@given(text=HOSTILE)
def test_no_control_and_no_mark_of_direction_reaches_the_terminal(text: str) -> None:
    assert not _unseen(shown(text))
    assert not _unseen(shown_json(json.dumps(text, ensure_ascii=False).encode()))


@given(text=HOSTILE)
def test_json_means_what_it_meant(text: str) -> None:
    assert json.loads(shown_json(json.dumps(text, ensure_ascii=False).encode())) == text


def test_letters_of_every_script_and_pictures_stay_as_they_are() -> None:
    for text in ("Шахед над Сумами", "مسيرة فوق إدلب", "כטב״ם מעל עכו", "👨\u200d🚒 → 3"):
        assert shown(text) == text
