// The console's one piece of changing state: the line, the picture, the outlines and the clock, as one frozen view.

import { ServerClock } from "../../shared/model/clock";
import { readOutlines, type Zones } from "../../shared/model/outlines";
import { PICTURE_AGE_MAX_MS, SILENCE_MAX_MS } from "../../shared/model/trust";
import { Line } from "./line";
import type { Picture } from "./wire";

const OUTLINES_RETRY_MS = 5_000;

/** waiting: nothing came yet; lost: the line is silent; stale: it speaks, of an old picture; live: it can be believed. */
export type Trust = "waiting" | "lost" | "stale" | "live";

export interface View {
  readonly picture: Picture | null;
  readonly trust: Trust;
  /** Milliseconds since the last sign of life; since the start where there was none. */
  readonly silentMs: number;
  /** How old what is shown is; null: there is nothing. */
  readonly ageMs: number | null;
  /** The service's time; the device's own until the service has spoken. */
  readonly nowMs: number;
  readonly zones: Zones;
  readonly outlines: "loading" | "ready" | "failed";
}

export function judged(picture: Picture | null, silentMs: number, ageMs: number | null): Trust {
  if (silentMs > SILENCE_MAX_MS) return "lost";
  if (picture === null) return "waiting";
  return ageMs === null || ageMs > PICTURE_AGE_MAX_MS ? "stale" : "live";
}

export class Console {
  private readonly clock = new ServerClock();
  private readonly line: Line;
  private readonly startedAtMs = performance.now();
  private heardAtMs: number | null = null;
  private picture: Picture | null = null;
  private zones: Zones = new Map();
  private outlines: View["outlines"] = "loading";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly hurry = () => this.line.hurry();

  constructor(private readonly changed: () => void) {
    this.line = new Line("/v1/console/events", (picture) => this.hear(picture));
  }

  start(): void {
    this.line.start();
    this.fetchOutlines();
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  stop(): void {
    this.line.stop();
    clearTimeout(this.timer);
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
  }

  view(): View {
    const monotonicMs = performance.now();
    const serverMs = this.clock.nowMs(monotonicMs);
    const silentMs = monotonicMs - (this.heardAtMs ?? this.startedAtMs);
    const time = this.picture?.time ?? null;
    const ageMs = time === null || serverMs === null ? null : Math.max(0, serverMs - Date.parse(time));
    const { picture, zones, outlines } = this;
    return { picture, trust: judged(picture, silentMs, ageMs), silentMs, ageMs, nowMs: serverMs ?? Date.now(), zones, outlines };
  }

  private hear(picture: Picture): void {
    const monotonicMs = performance.now();
    if (this.heardAtMs !== null && monotonicMs - this.heardAtMs > SILENCE_MAX_MS) this.clock.reset();
    this.clock.observe(Date.parse(picture.now), monotonicMs);
    this.heardAtMs = monotonicMs;
    this.picture = picture;
    this.changed();
  }

  private async fetchOutlines(): Promise<void> {
    try {
      const response = await fetch("/v1/outlines");
      if (!response.ok) throw new Error(`the outlines were answered with ${response.status}`);
      this.zones = readOutlines(await response.json(), this.view().nowMs);
      this.outlines = "ready";
    } catch (error) {
      console.warn("tocsin: the outlines could not be read", error);
      this.outlines = "failed";
      this.timer = setTimeout(() => this.fetchOutlines(), OUTLINES_RETRY_MS);
    }
    this.changed();
  }
}
