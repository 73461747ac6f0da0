// Seconds to being inside: what there is time for. It is measured against the earliest arrival and never promises more.

import type { ZoneState } from "./messages";
import { countdown } from "./urgency";

export type Advice =
  /** Too late, or nobody knows how late: an inner room, at once. */
  | { readonly kind: "inner_room" }
  /** Go at once: with `spareS` seconds to spare at the most, or with none that can be counted on. */
  | { readonly kind: "go" | "hurry"; readonly needS: number }
  /** There is time yet: leave before this. */
  | { readonly kind: "leave_by"; readonly needS: number; readonly byMs: number };

// Nobody starts in the second he is told to: shoes, children, stairs. A quarter more, and half a minute at least.
const SLACK = 1.25;
const SLACK_S_MIN = 30;

/** What to do with so many seconds to go to shelter; null: nothing is coming. */
export function adviceOf(state: ZoneState, needS: number, nowMs: number): Advice | null {
  const left = countdown(state, nowMs);
  if (left === null) return null;
  // Who needs no way is inside already, or has an inner room.
  if (needS <= 0 || left.kind === "now") return state.level === "prepare" && left.kind !== "now" ? null : { kind: "inner_room" };
  if (left.kind === "unknown") return state.level === "prepare" ? null : { kind: "hurry", needS };
  if (left.seconds < needS) return { kind: "inner_room" };
  const calmS = Math.max(needS * SLACK, needS + SLACK_S_MIN);
  if (state.level === "take_cover") return { kind: left.seconds >= calmS ? "go" : "hurry", needS };
  // Who needs longer than others must leave while they still wait.
  if (left.seconds < calmS) return { kind: "hurry", needS };
  return { kind: "leave_by", needS, byMs: (state.etaEarliestMs as number) - calmS * 1_000 };
}
