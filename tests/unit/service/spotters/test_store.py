"""The file of the posts: joined once, revoked at once, erased wholly."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.some import some
from tocsin.model.errors import BadValue
from tocsin.service.spotters.names import digest, new_code
from tocsin.service.spotters.store import DAY_S, HOUR_S, RECEIPT_S, Posts

NOW_S = 1_772_334_000.0


def secret() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture
def posts(tmp_path: Path) -> Iterator[Posts]:
    opened = Posts(tmp_path / "spotters.db", 10)
    yield opened
    opened.close()


def test_a_code_joins_one_device_and_the_same_one_again(posts: Posts) -> None:
    (invited,) = posts.invite(1, NOW_S + 60, NOW_S)
    mine, others = secret(), secret()
    assert posts.of(mine) is None
    assert posts.join(invited.code, mine, NOW_S)
    # The answer was lost on the way.
    assert posts.join(invited.code, mine, NOW_S + 1)
    assert not posts.join(invited.code, others, NOW_S + 1)
    assert not posts.join(new_code(), others, NOW_S)
    found = posts.of(mine)
    assert found is not None
    assert found.name == invited.name
    assert posts.of(others) is None


def test_an_invitation_ends(posts: Posts) -> None:
    (invited,) = posts.invite(1, NOW_S + 60, NOW_S)
    assert [one.name for one in posts.every(NOW_S)] == [invited.name]
    assert not posts.join(invited.code, secret(), NOW_S + 60)
    assert posts.every(NOW_S + 60) == []


def test_a_device_is_one_post(posts: Posts) -> None:
    first, second = posts.invite(2, NOW_S + 60, NOW_S)
    mine = secret()
    assert posts.join(first.code, mine, NOW_S)
    assert not posts.join(second.code, mine, NOW_S)


def test_posts_are_bounded_and_revoked_ones_make_room(posts: Posts) -> None:
    invited = posts.invite(10, NOW_S + 60, NOW_S)
    assert len({one.name for one in some(posts.every(NOW_S))}) == 10
    assert len({one.team for one in some(posts.every(NOW_S))}) == 1
    with pytest.raises(BadValue, match="10 posts, and 10 may be"):
        posts.invite(1, NOW_S + 60, NOW_S)
    assert posts.revoke(invited[0].name, NOW_S)
    (other,) = posts.invite(1, NOW_S + 60, NOW_S)
    assert other.name != invited[0].name
    for count in (0, 101):
        with pytest.raises(BadValue, match="invite 1 to"):
            posts.invite(count, NOW_S + 60, NOW_S)


def test_a_revoked_post_stays_revoked_and_an_invitation_taken_back_joins_nobody(posts: Posts) -> None:
    here, waiting = posts.invite(2, NOW_S + 60, NOW_S)
    mine = secret()
    posts.join(here.code, mine, NOW_S)
    assert posts.revoke(here.name, NOW_S)
    assert posts.revoke(here.name, NOW_S + 5)
    found = posts.of(mine)
    assert found is not None
    assert found.revoked_s == NOW_S
    assert not posts.join(here.code, mine, NOW_S)
    assert posts.revoke(waiting.name, NOW_S)
    assert not posts.join(waiting.code, secret(), NOW_S)
    assert not posts.revoke("post-0000", NOW_S)


def test_when_a_post_joined_is_kept_to_the_day_and_when_it_was_heard_to_the_hour(posts: Posts) -> None:
    (invited,) = posts.invite(1, NOW_S + 60, NOW_S)
    mine = secret()
    posts.join(invited.code, mine, NOW_S + 17)
    posts.keep(invited.name, [("a", b"", "kept")], 2, NOW_S + 3 * HOUR_S + 5)
    found = posts.of(mine)
    assert found is not None
    assert (found.since_s or 1) % DAY_S == 0 == (found.heard_s or 1) % HOUR_S
    assert (found.kept, found.refused) == (1, 2)


def test_receipts_are_noted_once_and_forgotten_after_two_days(posts: Posts) -> None:
    (invited,) = posts.invite(1, NOW_S + 60, NOW_S)
    mine = secret()
    posts.join(invited.code, mine, NOW_S)
    one = (f"{invited.name}.a", b"tag", "kept")
    posts.keep(invited.name, [one], 0, NOW_S)  # type: ignore[list-item]
    posts.keep(invited.name, [one], 0, NOW_S)  # type: ignore[list-item]
    posts.settle(one[0], "cover", "borne_out")
    assert posts.receipts([one[0], "strange"]) == {one[0]: (b"tag", "cover")}
    found = posts.of(mine)
    assert found is not None
    assert (found.kept, found.borne_out, found.unanswered) == (1, 1, 0)
    posts.keep(invited.name, [], 0, NOW_S + RECEIPT_S + 1)
    assert posts.receipts([one[0]]) == {}


def test_the_file_holds_no_code_and_no_secret_is_private_and_forgets(tmp_path: Path) -> None:
    path = tmp_path / "spotters.db"
    posts = Posts(path, 10)
    kept, gone = posts.invite(2, NOW_S + 60, NOW_S)
    mine, others = secret(), secret()
    posts.join(kept.code, mine, NOW_S)
    posts.join(gone.code, others, NOW_S)
    posts.keep(gone.name, [(f"{gone.name}.a", b"a tag of it", "kept")], 0, NOW_S)

    def held() -> bytes:
        return b"".join(one.read_bytes() for one in some(sorted(tmp_path.glob("spotters.db*"))))

    assert digest(mine) in held()
    assert not [word for word in (kept.code, gone.code, mine, others) if word.encode() in held()]
    posts.forget(gone.name)
    assert not [word for word in (gone.name.encode(), digest(others), b"a tag of it") if word in held()]
    assert kept.name.encode() in held()
    assert posts.erase() == 1
    assert not [word for word in (kept.name.encode(), digest(mine), digest(kept.code)) if word in held()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    posts.close()


def test_a_report_is_counted_once_and_not_at_all_where_nobody_can_say_what_it_was_worth(posts: Posts) -> None:
    (invited,) = posts.invite(1, NOW_S + 60, NOW_S)
    assert posts.join(invited.code, secret(), NOW_S)
    reports = [f"{invited.name}.{k}" for k in range(3)]
    posts.keep(invited.name, [(one, b"", "kept") for one in reports], 0, NOW_S)
    posts.settle(reports[0], "watched")
    assert posts.unsettled() == dict(zip(reports, ("watched", "kept", "kept"), strict=True))
    for _ in range(2):
        posts.settle(reports[0], "cover", "borne_out")
        posts.lapse(reports[1], "quiet")
        posts.settle(reports[1], "quiet", "unanswered")
    assert posts.unsettled() == {reports[2]: "kept"}
    (post,) = posts.every(NOW_S)
    assert (post.kept, post.borne_out, post.unanswered, post.contradicted) == (3, 1, 0, 0)
