// Asking now and then in place of the event stream: on thin lines, and where something in between holds streams back.

import { readState, type WholeState } from "./messages";

export const POLL_MS = 10_000;
const ANSWER_MS_MAX = 8_000;
// The service answers for a hundred by name; who has more places than that asks for all, so that none is left out.
const NAMED_MAX = 99;

/** How the zones stand, or throws; `zones`: these alone, null: all. */
export async function ask(zones: readonly string[] | null): Promise<WholeState> {
  const named = new Set(zones);
  // The empty one says that these are all: who has no place yet asks how the service is.
  const query = zones === null || named.size > NAMED_MAX ? "" : `?${new URLSearchParams(["", ...named].map((id) => ["zone", id]))}`;
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
