// Which warning matters most, and how long there is.

import type { Level, ZoneState } from "./messages";

const RANK: Record<Level, number> = { take_cover: 0, prepare: 1, all_clear: 2, none: 3 };

/** What a countdown needs to know of a zone. */
export type Standing = Pick<ZoneState, "level" | "etaEarliestMs">;

/** Seconds until the earliest attack, rounded down: a countdown never promises time that is not there. */
export type Countdown =
  | { readonly kind: "in"; readonly seconds: number }
  | { readonly kind: "now" }
  | { readonly kind: "unknown" };

export function countdown(state: Standing, serverMs: number): Countdown | null {
  if (state.level !== "take_cover" && state.level !== "prepare") return null;
  if (state.etaEarliestMs === null) return { kind: "unknown" };
  const seconds = Math.floor((state.etaEarliestMs - serverMs) / 1000);
  return seconds > 0 ? { kind: "in", seconds } : { kind: "now" };
}

/** Orders by level, then by earliest arrival. An unknown arrival may be at once, so it comes first. */
export function byUrgency(first: ZoneState, second: ZoneState): number {
  return (
    RANK[first.level] - RANK[second.level] ||
    (first.etaEarliestMs ?? 0) - (second.etaEarliestMs ?? 0) ||
    (first.zone < second.zone ? -1 : 1)
  );
}

export function mostUrgent(states: readonly ZoneState[]): ZoneState | null {
  return states.reduce<ZoneState | null>(
    (worst, state) => (worst === null || byUrgency(state, worst) < 0 ? state : worst),
    null,
  );
}

/** The zones people must act on, most urgent first. */
export function underWarning(states: Iterable<ZoneState>): ZoneState[] {
  return [...states].filter(({ level }) => level === "take_cover" || level === "prepare").sort(byUrgency);
}

/** Those just released. */
export function released(states: Iterable<ZoneState>): ZoneState[] {
  return [...states].filter(({ level }) => level === "all_clear").sort(byUrgency);
}
