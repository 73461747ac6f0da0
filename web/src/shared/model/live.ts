// The page's one piece of changing state: the line, the picture, the outlines and the clock, as one frozen view.

import { ServerClock } from "./clock";
import { type Fetched, Ground } from "./ground";
import { idle } from "./idle";
import { type Last, rememberedLast, rememberLast } from "./last";
import type { WholeState } from "./messages";
import type { Cities, Zones } from "./outlines";
import { changedPicture, type Picture, pulsedPicture, wholePicture } from "./picture";
import { ask, POLL_MS } from "./poll";
import { Stream, streamAddress } from "./stream";
import { type Evidence, judge, pictureAgeMs, SILENCE_MAX_MS, type Trust } from "./trust";

// Of two answers one may be late.
const POLLED_SILENCE_MAX_MS = 2.5 * POLL_MS;
// The first answer may be a file that nobody writes any more: the second shows whether time goes on there.
const SECOND_POLL_MS = 2_000;
// The last known picture is kept so often, and soon where a zone changes.
const KEEP_MS = 10_000;
const KEEP_SOON_MS = 1_000;

export interface View {
  readonly picture: Picture | null;
  readonly trust: Trust;
  /** Milliseconds since the picture was true; null when there is none. */
  readonly ageMs: number | null;
  /** The service's time; the device's own only until the service has spoken, when nothing is counted down yet. */
  readonly nowMs: number;
  readonly zones: Zones;
  readonly cities: Cities;
  readonly outlines: Fetched;
}

export interface Asking {
  /** Ask for as little as one can: no stream, no outlines before somebody wants them. */
  readonly thin: boolean;
  /** Zones of my places. */
  readonly mine: () => readonly string[];
}

export class Live {
  private readonly clock = new ServerClock();
  private readonly stream: Stream;
  private readonly startedAtMs = performance.now();
  private readonly kept: Last | null = rememberedLast();
  private heardAtMs: number | null = null;
  /** The service's time in its newest message, heard from a stream or asked for. */
  private toldMs: number | null = null;
  private keptAtMs = 0;
  private keeping = false;
  private polled = false;
  private picture: Picture | null = this.kept?.picture ?? null;
  private readonly ground: Ground;

  constructor(
    private readonly changed: () => void,
    private readonly asking: Asking,
  ) {
    this.ground = new Ground(changed, () => this.view().nowMs);
    // Whoever passes the stream on may have kept a state, and what changed since: only a pulse says that the line lives.
    this.stream = new Stream(streamAddress(), {
      state: (message) => this.whole(message, false),
      zones: (message) => this.hear(message.nowMs, this.picture && changedPicture(this.picture, message), false),
      pulse: (message) => {
        this.polled = false;
        this.hear(message.nowMs, this.picture && pulsedPicture(this.picture, message));
      },
    });
  }

  start(): void {
    if (!this.asking.thin) {
      this.stream.start();
      this.wantOutlines();
    } else this.poll();
    setInterval(() => this.poll(), POLL_MS);
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.changed());
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
      else this.keep();
      this.changed();
    });
  }

  /** Fetches names and outlines, where that has not begun: for searching, and for the map. */
  wantOutlines(): void {
    this.ground.want();
  }

  view(): View {
    const evidence = this.evidence(performance.now());
    return {
      picture: this.picture,
      trust: judge(evidence),
      ageMs: pictureAgeMs(evidence),
      nowMs: evidence.serverMs ?? Date.now(),
      zones: this.ground.zones,
      cities: this.ground.cities,
      outlines: this.ground.state,
    };
  }

  private hurry(): void {
    if (this.asking.thin) this.poll();
    else this.stream.hurry();
  }

  /** On a thin line; and where no stream comes through, though answers may. */
  private async poll(): Promise<void> {
    const silent = performance.now() - (this.heardAtMs ?? this.startedAtMs) > POLL_MS / 2;
    if (!this.asking.thin && !silent && !this.polled) return;
    try {
      const message = await ask(this.asking.thin ? this.asking.mine() : null);
      // Where a stream is silent its service may hang: only what it has just decided shows that it lives.
      const fresh = message.pictureAtMs !== null && message.nowMs - message.pictureAtMs < SILENCE_MAX_MS;
      const first = this.toldMs === null;
      const alive = this.isOfNow(message.nowMs) && (this.asking.thin || fresh);
      this.polled ||= alive;
      this.whole(message, alive);
      this.changed();
      if (first) setTimeout(() => this.poll(), SECOND_POLL_MS);
    } catch {
      // The view says how old it is.
    }
  }

  /** Whether an answer was written now: a file that is left behind says the same time again, or an old one. */
  private isOfNow(serverMs: number): boolean {
    const expectedMs = this.clock.nowMs(performance.now());
    return this.toldMs !== null && serverMs > this.toldMs && expectedMs !== null && expectedMs - serverMs < SILENCE_MAX_MS;
  }

  private whole(message: WholeState, alive: boolean): void {
    this.clock.reset();
    this.ground.compare(message.cut, this.asking.mine().length > 0);
    // A service that hangs still greets whoever connects.
    this.hear(message.nowMs, wholePicture(message), alive);
  }

  private evidence(monotonicMs: number): Evidence {
    const { picture, heardAtMs, startedAtMs } = this;
    const offline = navigator.onLine === false;
    const keptMs = this.kept === null ? null : Date.now() + this.kept.aheadMs;
    const serverMs = this.clock.nowMs(monotonicMs) ?? keptMs;
    const silenceMaxMs = this.polled ? POLLED_SILENCE_MAX_MS : SILENCE_MAX_MS;
    return { picture, heardAtMs, monotonicMs, startedAtMs, serverMs, offline, silenceMaxMs };
  }

  private hear(serverMs: number, picture: Picture | null, alive = true): void {
    const monotonicMs = performance.now();
    this.clock.observe(serverMs, monotonicMs);
    this.toldMs = serverMs;
    const revived = alive && (this.heardAtMs === null || judge(this.evidence(monotonicMs)).kind === "lost");
    if (alive) this.heardAtMs = monotonicMs;
    const grew = picture?.zones !== this.picture?.zones;
    this.picture = picture;
    if (picture !== null && (grew || monotonicMs - this.keptAtMs > KEEP_MS)) {
      this.keptAtMs = monotonicMs;
      this.keepSoon();
    }
    if (grew || revived) this.changed();
  }

  /** Keeps the picture when there is nothing else to do: to write it takes a phone longer than to show it. */
  private keepSoon(): void {
    if (this.keeping) return;
    this.keeping = true;
    idle(KEEP_SOON_MS).then(() => this.keep());
  }

  private keep(): void {
    if (!this.keeping || this.picture === null) return;
    this.keeping = false;
    rememberLast(this.picture, this.asking.mine(), this.view().nowMs, Date.now());
  }
}
