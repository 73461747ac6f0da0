// The line to the service: the operators' picture as server-sent events, with a watchdog of our own, for a browser
// notices a closed connection but not a silent one.

import { retryDelayMs } from "../../shared/model/stream";
import { SILENCE_MAX_MS } from "../../shared/model/trust";
import { changedPicture, pulsedPicture, readChange, readPicture, readPulse } from "./picture";
import type { Picture } from "./wire";

const CONNECT_MAX_MS = 10_000;
const WATCH_EVERY_MS = 1_000;

export class Line {
  private source: EventSource | null = null;
  private picture: Picture | null = null;
  private quietSinceMs = 0;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly url: string,
    private readonly heard: (picture: Picture) => void,
    private readonly open: (url: string) => EventSource = (address) => new EventSource(address),
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.watch ??= setInterval(() => {
      if (this.source !== null && this.isSilent()) this.later();
    }, WATCH_EVERY_MS);
    this.connect();
  }

  stop(): void {
    clearInterval(this.watch);
    clearTimeout(this.retry);
    this.watch = undefined;
    this.source?.close();
    this.source = null;
  }

  /** Tries at once: the network came back, or somebody looks at the page again. */
  hurry(): void {
    if (this.watch === undefined || (this.source !== null && !this.isSilent())) return;
    this.attempt = 0;
    this.connect();
  }

  private isSilent(): boolean {
    const allowedMs = this.source?.readyState === 1 ? SILENCE_MAX_MS : CONNECT_MAX_MS;
    return this.monotonicMs() - this.quietSinceMs > allowedMs;
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.source?.close();
    this.picture = null;
    this.quietSinceMs = this.monotonicMs();
    const source = this.open(this.url);
    this.source = source;
    const on = (name: string, next: (text: string) => Picture | null) =>
      source.addEventListener(name, (event) => {
        if (this.source === source) this.take(next, (event as MessageEvent<string>).data);
      });
    on("picture", readPicture);
    on("change", (text) => this.picture && changedPicture(this.picture, readChange(text)));
    on("pulse", (text) => {
      const pulse = readPulse(text);
      return this.picture && pulsedPicture(this.picture, pulse);
    });
    source.addEventListener("error", () => {
      if (this.source === source) this.later();
    });
  }

  /** Hands a picture on; what cannot be understood is no sign of life, and the line is opened anew for a whole one. */
  private take(next: (text: string) => Picture | null, text: string): void {
    try {
      this.picture = next(text);
    } catch (error) {
      console.warn("tocsin: a message was not understood", error);
      this.later();
      return;
    }
    this.quietSinceMs = this.monotonicMs();
    this.attempt = 0;
    if (this.picture !== null) this.heard(this.picture);
  }

  private later(): void {
    this.source?.close();
    this.source = null;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), retryDelayMs(this.attempt, Math.random()));
    this.attempt += 1;
  }
}
