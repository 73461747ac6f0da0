// What befell my places: what this device saw, and what the service remembers of zones under cover. Neither is whole:
// a device that was off saw nothing, and a service that was started anew begins anew.

import { recall, remember } from "./kept";
import type { Word } from "./trust";

export interface Span {
  /** Id of the place, or of the zone where the service tells it. */
  readonly place: string;
  readonly word: "take_cover" | "prepare";
  readonly fromMs: number;
  /** null: it still stands, or nobody saw its end. */
  readonly toMs: number | null;
  readonly drill: boolean;
}

export const SPANS_MAX = 200;
export const KEPT_MS = 30 * 86_400_000;
const KEY = "tocsin.history";

export interface Seen {
  readonly place: string;
  readonly word: Word;
  readonly sinceMs: number | null;
  readonly drill: boolean;
}

/** The history after a look at my places; the same object where nothing changed. `believed`: calm words may be. */
export function noted(spans: readonly Span[], seen: readonly Seen[], nowMs: number): readonly Span[] {
  let after = spans;
  for (const { place, word, sinceMs, drill } of seen) {
    const open = after.find((span) => span.place === place && span.toMs === null);
    // Where nobody knows, neither begin nor end was seen.
    if (word === "unknown" || open?.word === word) continue;
    if (open !== undefined) {
      after = after.map((span) => (span === open ? { ...span, toMs: Math.max(span.fromMs, sinceMs ?? nowMs) } : span));
    }
    if (word === "take_cover" || word === "prepare") {
      after = [{ place, word, fromMs: sinceMs ?? nowMs, toMs: null, drill }, ...after];
    }
  }
  if (after === spans) return spans;
  return after.filter(({ fromMs }) => nowMs - fromMs < KEPT_MS).slice(0, SPANS_MAX);
}

/** What both tell, the newest first; of one time the service's word, which has its beginning and end. */
export function merged(own: readonly Span[], told: readonly Span[]): readonly Span[] {
  const near = (a: Span, b: Span) => a.place === b.place && a.word === b.word && Math.abs(a.fromMs - b.fromMs) < 120_000;
  const rest = own.filter((span) => !told.some((other) => near(span, other)));
  return [...rest, ...told].sort((a, b) => b.fromMs - a.fromMs).slice(0, SPANS_MAX);
}

export function rememberedSpans(): readonly Span[] {
  const kept = recall(KEY);
  if (!Array.isArray(kept)) return [];
  return kept.slice(0, SPANS_MAX).filter((span: Partial<Span> | null): span is Span => {
    const { place, word, fromMs, toMs } = span ?? {};
    const warned = word === "take_cover" || word === "prepare";
    return typeof place === "string" && warned && typeof fromMs === "number" && (toMs === null || typeof toMs === "number");
  });
}

export const rememberSpans = (spans: readonly Span[]): boolean => remember(KEY, spans);
