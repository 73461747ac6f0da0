"""When a siren sounds, what, and when it stops by itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
import wave
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.some import some
from tocsin.announce.siren.bell import CLEAR_S, SOUND_S, Bell, Kept, Sound
from tocsin.announce.siren.guard import Believed
from tocsin.announce.siren.post import ENDED_KEPT_S, Alarms, wanted
from tocsin.announce.siren.sound import TONE_S, Player, tone
from tocsin.announce.siren.wire import Command, Pattern, Refused
from tocsin.model.warning import ZoneState

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALARM, END = Sound("take_cover", False), Sound("all_clear", False)


def told(bell: Bell, at_s: float, pattern: Pattern, *episodes: str, drill: bool = False, blind: bool = False) -> None:
    command = Command(
        siren="school",
        sector="north",
        zones=("home",),
        pattern=pattern,
        episodes=episodes,
        nonce="x" * 16,
        issued=NOW,
        expires=NOW,
        drill=drill,
        blind=blind,
    )
    bell.obey(Believed(command, at_s + 60.0, "clock"), at_s)


def test_an_alarm_sounds_once_whatever_is_said_again_and_its_end_once() -> None:
    bell = Bell(Kept(), "boot")
    told(bell, 0, "prepare")
    assert bell.sound(1) is None and bell.standing(1) == "prepare"
    told(bell, 10, "take_cover", "home/1")
    assert bell.sound(11) == ALARM
    for at_s in range(20, 400, 10):
        # Renewed, with another zone that joins; and the siren's program starts anew in between.
        told(bell, at_s, "take_cover", "away/2", "home/1")
        bell = Bell(bell.kept, "boot")
        assert bell.sound(at_s) == (ALARM if at_s < 10 + SOUND_S else None), at_s
    told(bell, 400, "all_clear")
    assert bell.sound(400) == bell.sound(400 + CLEAR_S - 1) == END
    told(bell, 415, "all_clear")
    assert bell.sound(415) == END and bell.sound(400 + CLEAR_S) is None
    told(bell, 500, "none")
    told(bell, 510, "all_clear")
    assert bell.sound(511) is None, "an end without a start is not heard"
    told(bell, 600, "take_cover", "home/3")
    assert bell.sound(601) == ALARM


def test_a_siren_that_was_away_from_alarm_to_end_sounds_no_late_one_and_says_that_it_missed_it() -> None:
    bell = Bell(Kept(), "boot")
    told(bell, 0, "take_cover", "home/1")
    told(bell, 60, "all_clear", "home/1")
    told(bell, 60 + CLEAR_S, "all_clear", "home/1")
    assert not bell.kept.missed
    # Away for the whole of the next.
    bell = Bell(bell.kept, "another boot")
    told(bell, 900, "all_clear", "home/1", "home/2")
    assert bell.sound(901) is None and bell.standing(901) == "all_clear" and bell.kept.missed == ("home/2",)
    told(bell, 960, "none", "home/1", "home/2")
    assert bell.kept.missed == ("home/2",)
    told(bell, 2_000, "none")
    assert not bell.kept.missed


def test_a_service_names_the_alarms_that_ended_for_some_hours() -> None:
    alarms = Alarms()
    for number in range(1, 4):
        state = ZoneState(zone="home", level="take_cover", warning=f"home/{number}/1/take_cover", drill=number == 3)
        alarms.note(state, 100.0 * number)
    alarms.note(ZoneState(zone="home", level="all_clear", warning="home/2/9/all_clear"), 300.0)
    assert alarms.of(["home", "away"], 400.0, drill=False) == ("home/1", "home/2")
    assert alarms.of(["home"], 400.0, drill=True) == ("home/3",)
    assert alarms.of(["home"], 150.0 + ENDED_KEPT_S, drill=False) == ("home/2",)


def test_take_cover_after_prepare_in_the_same_episode_sounds_again() -> None:
    bell = Bell(Kept(), "boot")
    told(bell, 0, "take_cover", "home/1")
    told(bell, 20, "prepare")
    assert bell.sound(21) is None
    told(bell, 300, "take_cover", "home/1")
    assert bell.sound(301) == ALARM


def test_a_siren_that_hears_no_more_stops_by_itself_and_stands_unknown() -> None:
    bell = Bell(Kept(), "boot")
    assert bell.standing(0) == "unknown"
    told(bell, 0, "take_cover", "home/1")
    assert bell.sound(59) == ALARM
    assert bell.sound(60) is None and bell.standing(60) == "unknown"
    # It hears again that the same alarm stands: it sounds for what is left, and its end is heard.
    told(bell, 100, "take_cover", "home/1")
    assert bell.sound(101) == ALARM and bell.sound(100 + SOUND_S) is None
    told(bell, 200, "all_clear")
    assert bell.sound(201) == END


def test_power_that_fails_in_the_middle_of_an_alarm_does_not_silence_it_and_a_heard_one_stays_heard() -> None:
    bell = Bell(Kept(), "first")
    told(bell, 1_000, "take_cover", "home/1")
    again = Bell(bell.kept, "second")
    assert again.standing(5) == "unknown" and again.sound(5) is None
    told(again, 5, "take_cover", "home/1")
    assert again.sound(6) == ALARM
    told(bell, 1_000 + SOUND_S, "take_cover", "home/1")
    heard = Bell(bell.kept, "second")
    told(heard, 5, "take_cover", "home/1")
    assert heard.sound(6) is None
    told(heard, 20, "all_clear")
    assert heard.sound(21) == END


def test_an_all_clear_that_lost_its_power_is_heard_after_it_and_one_heard_out_is_not() -> None:
    bell = Bell(Kept(), "a")
    told(bell, 0, "take_cover", "home/1")
    told(bell, 50, "all_clear")
    assert bell.sound(51) == END
    cut = Bell(bell.kept, "b")
    assert cut.sound(1) is None
    told(cut, 2, "all_clear")
    assert cut.sound(3) == END and cut.sound(2 + CLEAR_S) is None
    told(cut, 15, "all_clear")
    assert cut.sound(2 + CLEAR_S) is None, "a renewal does not begin anew"
    told(cut, 40, "all_clear")
    heard = Bell(cut.kept, "c")
    told(heard, 1, "all_clear")
    assert heard.sound(2) is None
    # Where no alarm was heard before, no power cut makes an all clear heard.
    quiet = Bell(Kept(), "a")
    told(quiet, 0, "all_clear")
    again = Bell(quiet.kept, "b")
    told(again, 0, "all_clear")
    assert again.sound(1) is None


def test_a_drill_sounds_otherwise_has_a_key_of_its_own_and_waits_for_what_is_real() -> None:
    bell = Bell(Kept(), "boot")
    told(bell, 0, "take_cover", "home/1", drill=True)
    assert bell.sound(1) == Sound("take_cover", drill=True)
    told(bell, 10, "take_cover", "home/2")
    assert bell.sound(11) == ALARM
    for pattern in ("none", "all_clear", "take_cover"):
        with pytest.raises(Refused, match="drills wait"):
            told(bell, 20, pattern, "home/1", drill=True)
    assert bell.sound(21) == ALARM
    told(bell, 30, "all_clear")
    told(bell, 100, "all_clear", drill=True)
    assert bell.sound(101) == Sound("all_clear", drill=True)


def test_where_we_may_be_blind_nothing_is_shown_as_clear() -> None:
    bell = Bell(Kept(), "boot")
    for pattern, shown in (("none", "unknown"), ("all_clear", "unknown"), ("prepare", "prepare")):
        told(bell, 0, pattern, blind=True)  # type: ignore[arg-type]
        assert bell.standing(1) == shown


def state(zone: str, level: Any, warning: str | None = None, left_s: float = 60, **more: Any) -> ZoneState:
    return ZoneState(zone=zone, level=level, warning=warning, expires=NOW + timedelta(seconds=left_s), **more)


def test_a_siren_is_told_once_of_all_its_zones() -> None:
    away, clear = (
        state("away", "take_cover", "away/1/3/take_cover", 90),
        state("home", "all_clear", "home/2/4/all_clear"),
    )
    both = wanted([state("home", "take_cover", "home/1/1/take_cover"), away], NOW, drill=False)
    assert (both.pattern, both.episodes, both.until) == ("take_cover", ("away/1", "home/1"), away.expires)
    # The all clear of one waits for the other; what has lapsed stands no more; what is real comes before a drill.
    assert wanted([clear, away], NOW, drill=False).pattern == "take_cover"
    assert wanted([clear, state("away", "take_cover", "a", -1)], NOW, drill=False).pattern == "all_clear"
    drill = state("home", "take_cover", "home/1/1/take_cover", drill=True)
    assert wanted([drill, state("away", "prepare", "a/1/1/p")], NOW, drill=False).pattern == "prepare"
    assert wanted([drill, state("away", "none")], NOW, drill=True).drill
    assert wanted([], NOW, drill=True).pattern == "none"


def samples(data: bytes) -> tuple[float, np.ndarray[Any, Any]]:
    with wave.open(BytesIO(data)) as read:
        frames = read.readframes(read.getnframes())
        return read.getnframes() / read.getframerate(), np.frombuffer(frames, "<i2") / 32_767


def test_every_sound_is_unlike_the_others_and_is_followed_by_words(tmp_path: Path) -> None:
    sounds = [Sound(pattern, drill) for pattern in ("take_cover", "all_clear") for drill in (False, True)]
    spectra = []
    for sound in some(sounds):
        length_s, wave_form = samples(tone(sound))
        assert length_s == TONE_S and 0.5 < np.abs(wave_form).max() <= 1.0
        # A siren is never still; a drill is still for most of the time.
        loud = np.abs(wave_form[: 22_050 * 12].reshape(-1, 441)).max(axis=1) > 0.1
        assert loud.mean() < 0.6 if sound.drill else loud.mean() > 0.95, sound
        spectra.append(np.abs(np.fft.rfft(wave_form)))
    alike = np.corrcoef(spectra)
    assert np.all(some(alike[~np.eye(4, dtype=bool)]) < 0.5)
    # Every file that is played is written down by a player of our own.
    log, phrases = tmp_path / "played", tmp_path / "phrases"
    phrases.mkdir()
    (phrases / "take_cover.wav").write_bytes(tone(ALARM))
    script = tmp_path / "player.py"
    script.write_text(f"import sys; open({str(log)!r}, 'a').write(sys.argv[1] + '\\n')")
    words = dict.fromkeys(sounds, "Take cover now")
    player = Player(tmp_path, command=(sys.executable, str(script)), phrases=phrases, words=words)
    asyncio.run(player.play(ALARM))
    asyncio.run(player.play(END))
    played = [Path(line).name for line in log.read_text().splitlines()]
    spoken = ["all_clear-en.wav"] if shutil.which("espeak-ng") else []
    assert played == ["take_cover.wav", "take_cover.wav", "all_clear.wav", *spoken]


def test_a_player_that_fails_or_is_not_there_is_found_by_its_test(tmp_path: Path) -> None:
    assert "no-such-player" in (asyncio.run(Player(tmp_path, command=("no-such-player",)).test()) or "")
    assert "status 1" in (asyncio.run(Player(tmp_path, command=("false",)).test()) or "")
    assert asyncio.run(Player(tmp_path, command=("true",)).test()) is None


def test_a_tone_of_which_the_disk_kept_half_is_made_again_and_all_are_made_before_the_alarm(tmp_path: Path) -> None:
    (tmp_path / "take_cover.wav").write_bytes(tone(ALARM)[:2_000])
    assert asyncio.run(Player(tmp_path, command=("true",)).test()) is None
    for sound in (ALARM, END, Sound("take_cover", drill=True), Sound("all_clear", drill=True)):
        name = f"{sound.pattern}{'-drill' if sound.drill else ''}.wav"
        assert (tmp_path / name).read_bytes() == tone(sound)
    # A disk that takes nothing more is known before it is needed, and what is whole stays whole.
    (tmp_path / "all_clear.wav").unlink()
    (tmp_path / "all_clear.wav.part").mkdir()
    assert "nothing can be played" in (asyncio.run(Player(tmp_path, command=("true",)).test()) or "")
    asyncio.run(Player(tmp_path, command=("true",)).play(ALARM))
    # Words that were cut short are not taken for whole ones.
    stuck = tmp_path / "espeak-ng"
    stuck.write_text('#!/bin/sh\nwhile [ "$1" != -w ]; do shift; done\nprintf RIFF > "$2"\nexec sleep 60\n')
    stuck.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(TimeoutError):
        patch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
        player = Player(tmp_path, command=("true",), words={ALARM: "Take cover now"})
        asyncio.run(asyncio.wait_for(player.play(ALARM), 0.5))
    assert not (tmp_path / "take_cover-en.wav").exists()


@pytest.mark.parametrize(("trap", "relay"), [("echo off > relay; exit 0", "off"), ("", "on")])
def test_a_player_that_is_stopped_may_switch_off_what_it_switched_on_and_leaves_nothing_sounding(
    tmp_path: Path, trap: str, relay: str
) -> None:
    script = tmp_path / "player"
    script.write_text(
        f"#!/bin/sh\ncd {tmp_path}\ntrap '{trap}' TERM\nsleep 600 &\necho $! > pid\necho on > relay\nwait\nwait\n"
    )
    script.chmod(0o755)

    async def story() -> None:
        playing = asyncio.create_task(Player(tmp_path, command=(str(script),)).play(ALARM))
        async with asyncio.timeout(60):
            while not (tmp_path / "relay").exists() or not (tmp_path / "relay").read_text():
                await asyncio.sleep(0.01)
        playing.cancel()
        await asyncio.wait([playing])
        assert playing.cancelled()

    asyncio.run(story())
    assert (tmp_path / "relay").read_text().strip() == relay
    status = Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}/stat")
    end_s = time.monotonic() + 60
    while not ended(status) and time.monotonic() < end_s:
        time.sleep(0.01)
    assert ended(status)


def ended(status: Path) -> bool:
    """Whether a process is no more, or is dead and nobody has fetched it, as in some containers."""
    try:
        return status.read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
