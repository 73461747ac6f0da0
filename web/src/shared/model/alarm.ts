// The sound for "my place". Browsers allow it only after a tap; it never rings longer than its pattern unless the level
// changes again, so a forgotten phone does not wail through the night.

import type { Word } from "./trust";

interface Tone {
  readonly hz: number;
  readonly seconds: number;
}

const repeated = (tones: readonly Tone[], times: number): Tone[] => Array.from({ length: times }, () => tones).flat();

// Rising and fast, slow and even, falling: they are told apart with eyes closed.
const PATTERNS: Partial<Record<Word, readonly Tone[]>> = {
  take_cover: repeated(
    [
      { hz: 620, seconds: 0.25 },
      { hz: 930, seconds: 0.25 },
    ],
    20,
  ),
  prepare: repeated(
    [
      { hz: 520, seconds: 0.4 },
      { hz: 0, seconds: 0.5 },
    ],
    4,
  ),
  all_clear: [
    { hz: 660, seconds: 0.4 },
    { hz: 520, seconds: 0.4 },
    { hz: 390, seconds: 0.8 },
  ],
  unknown: repeated(
    [
      { hz: 300, seconds: 0.15 },
      { hz: 0, seconds: 0.15 },
    ],
    3,
  ),
};
const VIBRATIONS: Partial<Record<Word, number[]>> = {
  take_cover: [800, 200, 800, 200, 800, 200, 800],
  prepare: [300, 500, 300],
  all_clear: [200],
  unknown: [100, 100, 100],
};

export class Alarm {
  private context: AudioContext | null = null;
  private playing: OscillatorNode | null = null;

  /** Call from a tap. Plays one short tone, so that it is known to work. */
  async enable(): Promise<void> {
    this.context ??= new AudioContext();
    await this.context.resume();
    this.play([{ hz: 520, seconds: 0.15 }]);
  }

  /** Whether it would be heard now: browsers take a page's sound away, and a telephone call does. */
  get isAble(): boolean {
    return this.context?.state === "running";
  }

  silence(): void {
    this.playing?.stop();
    this.playing = null;
    navigator.vibrate?.(0);
  }

  ring(word: Word): void {
    this.silence();
    const pattern = PATTERNS[word];
    if (pattern === undefined) return;
    this.play(pattern);
    navigator.vibrate?.(VIBRATIONS[word] ?? []);
  }

  private play(tones: readonly Tone[]): void {
    if (this.context === null) return;
    const [oscillator, gain] = [this.context.createOscillator(), this.context.createGain()];
    oscillator.type = "triangle";
    let at = this.context.currentTime;
    for (const { hz, seconds } of tones) {
      oscillator.frequency.setValueAtTime(hz || 440, at);
      // Ramped, because a cut-off wave clicks.
      gain.gain.setTargetAtTime(hz === 0 ? 0 : 0.5, at, 0.01);
      at += seconds;
    }
    gain.gain.setTargetAtTime(0, at, 0.02);
    oscillator.connect(gain).connect(this.context.destination);
    oscillator.start();
    oscillator.stop(at + 0.2);
    this.playing = oscillator;
  }
}
