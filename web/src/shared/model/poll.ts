// Asking now and then in place of the event stream: on thin lines, and where something in between holds streams back.

import { readState, type WholeState } from "./messages";

export const POLL_MS = 10_000;
const ANSWER_MS_MAX = 8_000;
// What the service answers for at once.
const ZONES_MAX = 50;

/** How the zones stand, or throws; `zones`: these alone, null: all. */
export async function ask(zones: readonly string[] | null): Promise<WholeState> {
  const query = zones === null ? "" : `?${new URLSearchParams([...new Set(["", ...zones])].slice(0, ZONES_MAX).map((id) => ["zone", id]))}`;
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), ANSWER_MS_MAX);
  try {
    const answer = await fetch(`/v1/zones${query}`, { signal: aborter.signal, cache: "no-store" });
    if (!answer.ok) throw new Error(`the zones were answered with ${answer.status}`);
    return readState(await answer.text());
  } finally {
    clearTimeout(timer);
  }
}
