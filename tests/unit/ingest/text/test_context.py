"""What a post means depends on what its channel said before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.unit.ingest.text.readers import reader
from tocsin.ingest.text import context
from tocsin.ingest.text.context import CURRENT_S, PLACES_MAX, POSTS_MAX, Conversation, Conversations, Heard
from tocsin.ingest.text.post import Post


def _post(known: str, at_s: float, text: str, reply_to: str | None = None, edited: bool = False) -> Post:
    return Post("a channel", known, at_s, text, reply_to, edited)


def _heard(posts: Sequence[Post]) -> list[Heard]:
    talk = Conversation(reader())
    return [talk.hear(post) for post in posts]


def test_a_burst_of_places_goes_on_about_the_thing_named_first() -> None:
    *_, last = _heard([_post("1", 0, "Шахед на Обухів"), _post("2", 20, "Васильків"), _post("3", 40, "На Боярку")])
    (report,) = last.reading.reports
    assert report.likeliest == "drone" and report.inherited and report.weak
    assert report.places[0].spots[0].name == "Boyarka"


def test_after_some_minutes_a_bare_place_is_about_nothing_known() -> None:
    *_, last = _heard([_post("1", 0, "Шахед на Обухів"), _post("2", CURRENT_S + 1, "Васильків")])
    assert last.reading.reports[0].likeliest == "unknown"


def test_an_all_clear_ends_what_was_spoken_of() -> None:
    *_, last = _heard([_post("1", 0, "Шахед на Обухів"), _post("2", 20, "Відбій"), _post("3", 40, "Васильків")])
    assert last.reading.reports[0].likeliest == "unknown"


def test_a_reply_means_the_post_that_it_answers() -> None:
    posts = [
        _post("1", 0, "3 шахеди на Обухів"), _post("2", 10, "Балістика на Харків"),
        _post("3", 60, "Мінус", reply_to="1"),
    ]  # fmt: skip
    (report,) = _heard(posts)[-1].reading.reports
    assert report.likeliest == "drone" and report.stage == "gone"
    assert report.places[0].spots[0].name == "Obukhiv"


def test_a_reply_to_a_reply_still_means_the_first_post() -> None:
    posts = [
        _post("1", 0, "2 мопеди на Ніжин"), _post("2", 30, "Повз Носівку", reply_to="1"),
        _post("3", 900, "На Бобровицю", reply_to="2"),
    ]  # fmt: skip
    (report,) = _heard(posts)[-1].reading.reports
    assert report.likeliest == "drone" and report.count_min == 2


def test_a_post_of_a_wrong_clock_does_not_end_what_later_ones_say() -> None:
    *_, last = _heard([
        _post("1", 4e9, "Ракета на Суми"), _post("2", 0, "Шахед на Обухів"), _post("3", 20, "Васильків"),
    ])  # fmt: skip
    assert last.reading.reports[0].likeliest == "drone"


def test_the_same_text_again_changes_nothing_however_it_is_dressed() -> None:
    first, again = _heard([_post("1", 0, "Шахед на Обухів"), _post("2", 60, "❗️ШАХЕД НА ОБУХІВ!!!")])
    assert first.change == "new" and again.change == "repeated"
    assert again.reading.dropped == "said before"


def test_one_more_is_one_more_each_time_it_is_said() -> None:
    heard = _heard([_post("1", 0, "Ще один шахед на Київ"), _post("2", 60, "Ще один шахед на Київ")])
    assert [one.change for one in heard] == ["new", "new"] and heard[1].reading.reports[0].further


def test_an_edit_replaces_and_an_edit_that_changes_nothing_is_none() -> None:
    heard = _heard([
        _post("1", 0, "Шахед на Обухів"), _post("1", 20, "Шахед на Обухів.", edited=True),
        _post("1", 40, "Ракета на Обухів", edited=True),
    ])  # fmt: skip
    assert [one.change for one in heard] == ["new", "repeated", "replaced"]
    assert heard[2].reading.reports[0].likeliest == "cruise_missile"


def test_what_is_remembered_is_bounded() -> None:
    talk = Conversation(reader())
    for number in range(POSTS_MAX + 50):
        talk.hear(_post(str(number), number, f"Тихо {number}"))
    assert len(talk._posts) == POSTS_MAX and len(talk._texts) <= POSTS_MAX


def test_over_all_channels_what_is_remembered_is_bounded_and_the_longest_silent_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(context, "ALL_POSTS_MAX", 30)
    talks = Conversations(reader(), channels_max=8)
    for number in range(200):
        talks.hear(Post(f"channel {number % 20}", str(number), number, f"Тихо {number}"))
        assert talks.remembered <= 30 and len(talks._talks) <= 8
    assert talks.remembered == sum(talk.remembered for talk in talks._talks.values())
    assert "channel 19" in talks._talks and "channel 0" not in talks._talks


def test_a_post_of_a_hundred_towns_is_remembered_by_some_of_them() -> None:
    talk = Conversation(reader())
    talk.hear(_post("1", 0, "Балістика! " + ", ".join(["Київ", "Суми", "Ніжин", "Лубни", "Умань"] * 10)))
    first = talk._posts["1"].first
    assert first is not None and len(first.places) == PLACES_MAX


def test_what_comes_late_from_before_an_edit_changes_nothing() -> None:
    _, late = _heard([_post("1", 40, "Ракета на Обухів", edited=True), _post("1", 0, "Шахед на Обухів")])
    assert late.change == "repeated" and late.reading.dropped == "said before"


def test_what_was_edited_away_is_no_longer_spoken_of() -> None:
    *_, taken_back, last = _heard([
        _post("1", 0, "Ракета на Обухів"), _post("1", 20, "Помилка", edited=True), _post("2", 40, "Васильків"),
    ])  # fmt: skip
    assert taken_back.change == "replaced" and not taken_back.reading.reports
    assert last.reading.reports[0].likeliest == "unknown"


def test_there_too_is_where_the_channel_said_last() -> None:
    *_, last = _heard([_post("1", 0, "Шахед над Обуховом"), _post("2", 20, "Там же ще один")])
    (report,) = last.reading.reports
    assert report.places[0].spots[0].name == "Obukhiv" and report.likeliest == "drone" and report.further


@pytest.mark.parametrize("language", ["uk", "uk-UA", "en", "he", "xx", ""])
def test_the_language_that_a_post_is_said_to_be_in_hides_nothing(language: str) -> None:
    talk = Conversation(reader())
    (report,) = talk.hear(Post("a channel", "1", 0, "2 шахеди на Київ", language=language)).reading.reports
    assert report.likeliest == "drone" and report.count_min == 2


def test_a_word_of_two_languages_is_of_the_one_that_the_post_is_in() -> None:
    # Ukrainian "дві" are two; "of" and "до" are words of one language each.
    narrowed = reader()._narrowed("uk-UA")
    assert narrowed is not None and narrowed is reader()._narrowed("uk")
    _, spans, _ = narrowed.scan("шахид над Сумами")
    assert "kind" not in spans[0].means
