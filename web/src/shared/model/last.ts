// The last known picture, kept for when the page is opened without a line: what was warned or in doubt, and my zones.

import { recall, remember } from "./kept";
import { readState } from "./messages";
import { type Picture, wholePicture } from "./picture";

const KEY = "tocsin.last";
const ZONES_MAX = 500;

export interface Last {
  readonly picture: Picture;
  /** Milliseconds that the service's clock was ahead of this device's. */
  readonly aheadMs: number;
}

export function rememberLast(picture: Picture, mine: readonly string[], serverMs: number, deviceMs: number): void {
  if (picture.pictureAtMs === null) return;
  const wanted = new Set(mine);
  const zones = [...picture.zones.values()]
    .filter((state) => wanted.has(state.zone) || state.level !== "none" || state.degraded)
    .sort((a, b) => Number(wanted.has(b.zone)) - Number(wanted.has(a.zone)))
    .slice(0, ZONES_MAX);
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  remember(KEY, {
    aheadMs: serverMs - deviceMs,
    // In the service's own words, so that it is read by the same rules.
    state: {
      now: time(serverMs),
      picture_at: time(picture.pictureAtMs),
      degraded: picture.degraded,
      drill: picture.drill,
      seq: picture.seq,
      zones: zones.map((state) => ({
        zone: state.zone,
        level: state.level,
        since: time(state.sinceMs),
        expires: time(state.expiresMs),
        eta_earliest: time(state.etaEarliestMs),
        eta_likely: time(state.etaLikelyMs),
        threat: state.threat,
        degraded: state.degraded,
        drill: state.drill,
        public_reason: state.publicReason,
      })),
    },
  });
}

/** What was kept, or null. */
export function rememberedLast(): Last | null {
  const kept = recall(KEY) as { aheadMs?: unknown; state?: unknown } | null;
  if (kept === null || typeof kept !== "object" || typeof kept.aheadMs !== "number") return null;
  try {
    return { picture: wholePicture(readState(JSON.stringify(kept.state))), aheadMs: kept.aheadMs };
  } catch {
    return null;
  }
}
