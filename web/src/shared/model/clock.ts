// Countdowns must be right on a phone whose clock is wrong, so the phone's clock is never used: the service says what
// time it is, and the browser's monotonic clock carries it forward.

// Messages arrive late, never early: of the last half minute's, the one that travelled fastest is nearest the truth.
const SAMPLES_MAX = 30;

export class ServerClock {
  private offsetsMs: number[] = [];

  /** Takes in that the service's clock read `serverMs` in a message that arrived at `monotonicMs`. */
  observe(serverMs: number, monotonicMs: number): void {
    this.offsetsMs.push(serverMs - monotonicMs);
    if (this.offsetsMs.length > SAMPLES_MAX) this.offsetsMs.shift();
  }

  /** Forgets: another connection may lead to another machine. */
  reset(): void {
    this.offsetsMs = [];
  }

  /** The service's time now, or null before its first message. */
  nowMs(monotonicMs: number): number | null {
    return this.offsetsMs.length === 0 ? null : Math.max(...this.offsetsMs) + monotonicMs;
  }
}
