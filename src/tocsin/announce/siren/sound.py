"""What a siren sounds: tones made here, then words, recorded or spoken by espeak-ng, through any player.

A live alarm rises and falls; its all clear is one steady tone. A drill beeps: nobody who has heard either takes it for
the other.
"""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import wave
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.announce.siren.bell import Sound

RATE_HZ = 22_050
TONE_S = 12.0
BEEP_S = 0.25
SPOKEN_S_MAX = 20.0
# Who switches a relay needs a moment to switch it off; the all clear waits no longer for it.
ENDS_WITHIN_S = 0.5
_FADE_S = 0.02
_PLAYER = ("aplay", "-q")
_SOUNDS = (
    Sound("take_cover", drill=False),
    Sound("all_clear", drill=False),
    Sound("take_cover", drill=True),
    Sound("all_clear", drill=True),
)

Floats = NDArray[np.float64]


def tone(sound: Sound) -> bytes:
    """A WAV file of TONE_S: 16 bits, one channel."""
    time_s = np.arange(int(TONE_S * RATE_HZ)) / RATE_HZ
    if sound.pattern == "take_cover":
        # Up and down between 400 and 800 Hz every 6 seconds.
        pitch_hz = 600 - 200 * np.cos(2 * np.pi * time_s / 6)
    else:
        pitch_hz = np.full_like(time_s, 440.0)
    loud = np.ones_like(time_s)
    if sound.drill:
        beeps = 3 if sound.pattern == "take_cover" else 2
        slot = (time_s % 3.0) / (2 * BEEP_S)
        loud = ((slot < beeps) & (slot % 1.0 < 0.5)).astype(np.float64)
        pitch_hz = np.full_like(time_s, 1_000.0 if sound.pattern == "take_cover" else 700.0)
    ends = np.minimum(1.0, np.minimum(time_s, TONE_S - time_s) / _FADE_S)
    wave_form = 0.8 * loud * ends * np.sin(2 * np.pi * np.cumsum(pitch_hz) / RATE_HZ)
    return _wav(wave_form)


def silence() -> bytes:
    """A WAV file that is not heard, by which a player is tried."""
    return _wav(np.zeros(RATE_HZ // 10))


def _wav(samples: Floats) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE_HZ)
        written.writeframes((samples * 32_767).astype("<i2").tobytes())
    return file.getvalue()


class Player:
    """Plays sounds through a command that is given a WAV file's path as its last argument.

    command   such as `aplay -q`; None: nothing is played, and all else is as if it were
    phrases   folder of recorded words: take_cover.wav, all_clear.wav, take_cover-drill.wav, all_clear-drill.wav
    words     what is spoken where nothing was recorded, and espeak-ng is there
    folder    where tones are kept
    """

    def __init__(
        self,
        folder: Path,
        *,
        command: Sequence[str] | None = _PLAYER,
        phrases: Path | None = None,
        words: dict[Sound, str] | None = None,
        language: str = "en",
    ) -> None:
        self._folder = folder
        self._command = None if command is None else tuple(command)
        self._phrases = phrases
        self._words = words or {}
        self._language = language

    async def play(self, sound: Sound) -> None:
        """One tone, then the words. Raises OSError where they cannot be played; may be cancelled at any time."""
        if self._command is None:
            await asyncio.sleep(TONE_S)
            return
        await self._run(*self._command, str(self._file(_name(sound), tone(sound))), limit_s=2 * TONE_S)
        recorded = None if self._phrases is None else self._phrases / f"{_name(sound)}.wav"
        if recorded is not None and recorded.is_file():
            await self._run(*self._command, str(recorded), limit_s=SPOKEN_S_MAX)
        elif sound in self._words and shutil.which("espeak-ng"):
            await self._speak(sound)

    async def _speak(self, sound: Sound) -> None:
        """Words are worth less than the next tone: where they fail, the siren goes on."""
        assert self._command is not None
        spoken = self._folder / f"{_name(sound)}-{self._language}.wav"
        with suppress(OSError):
            if not spoken.is_file():
                part = _part(spoken)
                made = ("espeak-ng", "-v", self._language, "-w", str(part), "--", self._words[sound])
                await self._run(*made, limit_s=SPOKEN_S_MAX)
                part.replace(spoken)
            await self._run(*self._command, str(spoken), limit_s=SPOKEN_S_MAX)

    async def test(self) -> str | None:
        """Why nothing can be heard, as far as a sound that nobody hears can tell; None: it can.

        All tones lie ready from then on, so that a disk that takes no more is known before the alarm.
        """
        if self._command is None:
            return None
        try:
            for sound in _SOUNDS:
                self._file(_name(sound), tone(sound))
            await self._run(*self._command, str(self._file("silence", silence())), limit_s=5.0)
        except OSError as error:
            return f"nothing can be played: {error}"
        return None

    def _file(self, name: str, data: bytes) -> Path:
        path = self._folder / f"{name}.wav"
        # A disk that was full, or a power cut, may have left half of it.
        if not path.is_file() or path.read_bytes() != data:
            part = _part(path)
            part.write_bytes(data)
            part.replace(path)
        return path

    async def _run(self, *command: str, limit_s: float) -> None:
        nothing = asyncio.subprocess.DEVNULL
        # A group of its own: a script's own players must end with it.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
        try:
            async with asyncio.timeout(limit_s):
                status = await process.wait()
        except TimeoutError:
            raise OSError(f"{command[0]} did not end within {limit_s:g} s") from None
        finally:
            if process.returncode is None:
                await _end(process)
        if status:
            raise OSError(f"{command[0]} ended with status {status}")


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a player and all that it has started; first it is asked to, so that it leaves nothing switched on."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            await process.wait()
    except TimeoutError:
        pass
    finally:
        # Also what outlives it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _part(path: Path) -> Path:
    """Where a file is written until it is whole."""
    return path.with_name(path.name + ".part")


def _name(sound: Sound) -> str:
    return f"{sound.pattern}-drill" if sound.drill else sound.pattern
