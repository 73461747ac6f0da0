// The ground: names and outlines of the zones, as they hold now. They seldom change; where they do, the page follows.

import { recall, remember } from "./kept";
import { type Cities, citiesOf, nextCutMs, readOutlines, type Zones } from "./outlines";

const RETRY_MS = 5_000;
// Outlines that are still of another cut, because something in between keeps them, are asked for again so often.
const ANEW_MS = 300_000;
// Longer than this a browser cannot wait; it looks again then.
const WAIT_MS_MAX = 2 ** 31 - 1;
const KEY = "tocsin.cut";

export type Fetched = "waiting" | "loading" | "ready" | "failed";

function cutKnown(): string | null {
  const kept = recall(KEY);
  return typeof kept === "string" ? kept : null;
}

export class Ground {
  zones: Zones = new Map();
  cities: Cities = new Map();
  state: Fetched = "waiting";
  private fetching = false;
  /** As which cut the outlines were fetched last, on an earlier visit perhaps; and as which the service tells of zones. */
  private cut: string | null = cutKnown();
  private told: string | null = null;
  private anewAtMs = Number.NEGATIVE_INFINITY;
  private next: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly changed: () => void,
    private readonly nowMs: () => number,
  ) {}

  /** Fetches them, where that has not begun. */
  want(): void {
    if (this.state !== "waiting") return;
    this.state = "loading";
    this.fetch();
  }

  /** The service tells of zones as that cut. Where they were re-cut since, places lie elsewhere: whoever has some needs it. */
  compare(told: string | null, places: boolean): void {
    this.told = told;
    if (this.state === "ready") this.anew();
    else if (this.state === "waiting" && places && this.cut !== null && this.isOther()) this.want();
  }

  private isOther(): boolean {
    return this.told !== null && this.told !== this.cut;
  }

  private anew(): void {
    if (!this.isOther() || performance.now() < this.anewAtMs + ANEW_MS) return;
    this.anewAtMs = performance.now();
    this.fetch("no-cache");
  }

  private async fetch(cache: RequestCache = "default"): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const response = await fetch("/v1/outlines", { cache });
      if (!response.ok) throw new Error(`the outlines were answered with ${response.status}`);
      const collection = (await response.json()) as { cut?: unknown };
      this.follow(collection);
      this.state = "ready";
      this.cut = typeof collection.cut === "string" ? collection.cut : null;
      remember(KEY, this.cut);
    } catch (error) {
      console.warn("tocsin: the outlines could not be read", error);
      if (this.zones.size === 0) this.state = "failed";
      setTimeout(() => this.fetch(cache), RETRY_MS);
    } finally {
      this.fetching = false;
      this.changed();
    }
    if (this.state === "ready") this.anew();
  }

  /** Takes outlines as they hold now, and again when the next of them begins or ends to. */
  private follow(collection: unknown): void {
    const nowMs = this.nowMs();
    this.zones = readOutlines(collection, nowMs);
    this.cities = citiesOf(this.zones);
    clearTimeout(this.next);
    const nextMs = nextCutMs(collection, nowMs);
    if (nextMs === null) return;
    const again = () => {
      this.follow(collection);
      this.changed();
    };
    // A clock that is told the time as it comes may lag by a little.
    this.next = setTimeout(again, Math.min(nextMs - nowMs + 1_000, WAIT_MS_MAX));
  }
}
