// Whether what the page shows may be believed. Anything but "live" must be impossible to overlook, and must never look
// like "all clear".

import type { Level, ZoneState } from "./messages";
import { blindZones, type Picture } from "./picture";

// The service sends a pulse every second. Four missing ones are a bad line; the fifth is a lost one.
export const SILENCE_MAX_MS = 5_000;
// A service that pulses while its picture stands still has lost its own sources.
// The service calls itself degraded at the same age.
export const PICTURE_AGE_MAX_MS = 15_000;

export type Trust =
  | { readonly kind: "waiting" }
  | { readonly kind: "lost"; readonly silentMs: number }
  | { readonly kind: "no_picture" }
  | { readonly kind: "stale"; readonly ageMs: number }
  | { readonly kind: "degraded" }
  | { readonly kind: "live" };

export interface Evidence {
  readonly picture: Picture | null;
  /** When the last message that could be understood arrived, by the monotonic clock; null before the first. */
  readonly heardAtMs: number | null;
  readonly monotonicMs: number;
  readonly startedAtMs: number;
  /** The service's time now; null before its first message. */
  readonly serverMs: number | null;
  /** How long nothing may come before the line is lost; longer where the page asks only now and then. */
  readonly silenceMaxMs?: number;
  /** The device knows that it has no line. */
  readonly offline?: boolean;
}

/** Milliseconds since the picture was true, or null when there is none. Never negative. */
export function pictureAgeMs({ picture, serverMs }: Pick<Evidence, "picture" | "serverMs">): number | null {
  if (picture === null || picture.pictureAtMs === null || serverMs === null) return null;
  return Math.max(0, serverMs - picture.pictureAtMs);
}

/** The worst that is true. */
export function judge(evidence: Evidence): Trust {
  const { picture, heardAtMs, monotonicMs, startedAtMs } = evidence;
  const silentMs = monotonicMs - (heardAtMs ?? startedAtMs);
  const lost = silentMs > (evidence.silenceMaxMs ?? SILENCE_MAX_MS) || (heardAtMs === null && evidence.offline === true);
  // What was kept from an earlier visit is as old as it is, and not as this page.
  if (lost) return { kind: "lost", silentMs: heardAtMs === null ? Math.max(silentMs, pictureAgeMs(evidence) ?? 0) : silentMs };
  if (heardAtMs === null) return { kind: "waiting" };
  if (picture === null) return { kind: "waiting" };
  const ageMs = pictureAgeMs(evidence);
  if (ageMs === null) return { kind: "no_picture" };
  if (ageMs > PICTURE_AGE_MAX_MS) return { kind: "stale", ageMs };
  return { kind: picture.degraded ? "degraded" : "live" };
}

/** Whether the picture as a whole is worth nothing now. `degraded` says so zone by zone instead. */
export function isBlind(trust: Trust): boolean {
  return trust.kind !== "live" && trust.kind !== "degraded";
}

/** What may be said of a zone. `unknown`: we may be blind, so neither "no warning" nor "all clear" may be said. */
export type Word = Level | "unknown";

/**
 * The rule against the false all clear, and its only place: where we may be blind, calm is "unknown"; a warning stays
 * one, until its own time has run out with nobody to renew or end it: then nothing is known, and nothing is clear.
 * Returns what may be said of each zone of a picture; of a zone it does not tell of, nothing is known.
 */
export function wordsOf(picture: Picture | null, trust: Trust, nowMs: number | null = null): (state: ZoneState | undefined) => Word {
  const blind = picture === null || isBlind(trust);
  const zones = picture === null ? new Set<string>() : blindZones(picture);
  return (state) => {
    if (state === undefined) return "unknown";
    const calm = state.level === "none" || state.level === "all_clear";
    if (!calm && blind && nowMs !== null && state.expiresMs !== null && state.expiresMs <= nowMs) return "unknown";
    return calm && (blind || zones.has(state.zone)) ? "unknown" : state.level;
  };
}
