// The page's one piece of changing state: the line, the picture, the outlines and the clock, as one frozen view.

import { ServerClock } from "./clock";
import { type Cities, citiesOf, readOutlines, type Zones } from "./outlines";
import { changedPicture, type Picture, pulsedPicture, wholePicture } from "./picture";
import { Stream } from "./stream";
import { type Evidence, judge, pictureAgeMs, type Trust } from "./trust";

const OUTLINES_RETRY_MS = 5_000;
const NO_ZONES: Zones = new Map();

export interface View {
  readonly picture: Picture | null;
  readonly trust: Trust;
  /** Milliseconds since the picture was true; null when there is none. */
  readonly ageMs: number | null;
  /** The service's time; the device's own only until the service has spoken, when nothing is counted down yet. */
  readonly nowMs: number;
  readonly zones: Zones;
  readonly cities: Cities;
  readonly outlines: "loading" | "ready" | "failed";
}

export class Live {
  private readonly clock = new ServerClock();
  private readonly stream: Stream;
  private readonly startedAtMs = performance.now();
  private heardAtMs: number | null = null;
  private picture: Picture | null = null;
  private zones: Zones = NO_ZONES;
  private cities: Cities = new Map();
  private outlines: View["outlines"] = "loading";
  private fetching = false;

  constructor(private readonly changed: () => void) {
    this.stream = new Stream("/v1/events", {
      state: (message) => {
        this.clock.reset();
        // After a silence it takes a pulse to be believed again: a service that hangs still greets whoever reconnects.
        this.hear(message.nowMs, wholePicture(message), this.heardAtMs === null);
        // Zones were added or re-cut since the outlines were fetched.
        if (this.outlines === "ready" && message.zones.some(({ zone }) => !this.zones.has(zone))) this.fetchOutlines();
      },
      zones: (message) => this.hear(message.nowMs, this.picture && changedPicture(this.picture, message)),
      pulse: (message) => this.hear(message.nowMs, this.picture && pulsedPicture(this.picture, message)),
    });
  }

  start(): void {
    this.stream.start();
    this.fetchOutlines();
    addEventListener("online", () => this.stream.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.stream.hurry();
      this.changed();
    });
  }

  view(): View {
    const evidence = this.evidence(performance.now());
    return {
      picture: this.picture,
      trust: judge(evidence),
      ageMs: pictureAgeMs(evidence),
      nowMs: evidence.serverMs ?? Date.now(),
      zones: this.zones,
      cities: this.cities,
      outlines: this.outlines,
    };
  }

  private evidence(monotonicMs: number): Evidence {
    const { picture, heardAtMs, startedAtMs } = this;
    return { picture, heardAtMs, monotonicMs, startedAtMs, serverMs: this.clock.nowMs(monotonicMs) };
  }

  private hear(serverMs: number, picture: Picture | null, alive = true): void {
    const monotonicMs = performance.now();
    this.clock.observe(serverMs, monotonicMs);
    const revived = alive && judge(this.evidence(monotonicMs)).kind === "lost";
    if (alive) this.heardAtMs = monotonicMs;
    const grew = picture?.zones !== this.picture?.zones;
    this.picture = picture;
    if (grew || revived) this.changed();
  }

  private async fetchOutlines(): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const response = await fetch("/v1/outlines");
      if (!response.ok) throw new Error(`the outlines were answered with ${response.status}`);
      this.zones = readOutlines(await response.json(), this.view().nowMs);
      this.cities = citiesOf(this.zones);
      this.outlines = "ready";
    } catch (error) {
      console.warn("tocsin: the outlines could not be read", error);
      if (this.zones.size === 0) this.outlines = "failed";
      setTimeout(() => this.fetchOutlines(), OUTLINES_RETRY_MS);
    } finally {
      this.fetching = false;
      this.changed();
    }
  }
}
