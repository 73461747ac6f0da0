// The line to the service: server-sent events with our own watchdog. The browser's EventSource notices a closed
// connection but not a silent one, and a silent one is what a bad mobile line looks like.

import { type Pulse, readPulse, readState, readZones, type WholeState, type ZonesChange } from "./messages";
import { SILENCE_MAX_MS } from "./trust";

// Enough for a slow line to be set up; a mast that answers later than this is better asked again.
const CONNECT_MAX_MS = 10_000;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 15_000;
const WATCH_EVERY_MS = 1_000;

/** Where the stream is: here, or where the page says, which was written for a web server that has files alone. */
export function streamAddress(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="tocsin-events"]')?.content || "/v1/events";
}

export interface Listener {
  state(message: WholeState): void;
  zones(message: ZonesChange): void;
  pulse(message: Pulse): void;
}

/** What a stream needs of a browser; tests bring their own. */
export interface Surroundings {
  open(url: string): EventSource;
  monotonicMs(): number;
  /** A number in [0, 1). */
  chance(): number;
}

export const BROWSER: Surroundings = {
  open: (url) => new EventSource(url),
  monotonicMs: () => performance.now(),
  chance: () => Math.random(),
};

/**
 * Milliseconds before try number `attempt` (0 first). Doubles up to a quarter of a minute, and is spread over half its
 * length so that a hundred thousand phones do not come back in the same second.
 */
export function retryDelayMs(attempt: number, chance: number): number {
  const longest = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempt, 10));
  return longest * (0.5 + 0.5 * chance);
}

export class Stream {
  private source: EventSource | null = null;
  private quietSinceMs = 0;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
    private readonly around: Surroundings = BROWSER,
  ) {}

  start(): void {
    this.watch ??= setInterval(() => this.look(), WATCH_EVERY_MS);
    this.connect();
  }

  stop(): void {
    clearInterval(this.watch);
    clearTimeout(this.retry);
    this.watch = undefined;
    this.source?.close();
    this.source = null;
  }

  /** Tries at once: the network came back, or somebody is looking at the page again. */
  hurry(): void {
    if (this.source === null || this.isSilent()) {
      this.attempt = 0;
      this.connect();
    }
  }

  private isSilent(): boolean {
    const allowedMs = this.source?.readyState === 1 ? SILENCE_MAX_MS : CONNECT_MAX_MS;
    return this.around.monotonicMs() - this.quietSinceMs > allowedMs;
  }

  private look(): void {
    if (this.source !== null && this.isSilent()) this.reconnectLater();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.quietSinceMs = this.around.monotonicMs();
    const source = this.around.open(this.url);
    this.source = source;
    const on = (name: string, take: (text: string) => void) =>
      source.addEventListener(name, (event) => {
        if (this.source === source) this.take(take, (event as MessageEvent<string>).data);
      });
    let seq: number | null = null;
    on("state", (text) => {
      const state = readState(text);
      seq = state.seq;
      this.listener.state(state);
    });
    on("zones", (text) => {
      const change = readZones(text);
      seq = change.seq;
      this.listener.zones(change);
    });
    on("pulse", (text) => {
      const pulse = readPulse(text);
      // Something is missing: whoever passes the stream on has lost it. A fresh start brings everything.
      if (seq === null || (pulse.seq !== null && pulse.seq !== seq)) {
        this.reconnectLater();
        return;
      }
      this.listener.pulse(pulse);
      this.attempt = 0;
    });
    source.addEventListener("error", () => {
      if (this.source === source) this.reconnectLater();
    });
  }

  /** Hands a message on; one that cannot be understood is dropped and does not count as a sign of life. */
  private take(handle: (text: string) => void, text: string): void {
    try {
      handle(text);
    } catch (error) {
      console.warn("tocsin: a message was not understood", error);
      return;
    }
    this.quietSinceMs = this.around.monotonicMs();
  }

  private reconnectLater(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), retryDelayMs(this.attempt, this.around.chance()));
    this.attempt += 1;
  }
}
