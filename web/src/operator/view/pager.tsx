// Lists that are longer than a page: the newest page is kept fresh, older ones are read back to the beginning.

import { useState } from "preact/hooks";
import { useFresh } from "../asking";
import { useDesk } from "../desk";

// What is past changes no more; asked again only so that a lost line is noticed.
const OLD_MS = 60_000;

export interface Pages<T> {
  /** null: not there yet; "failed": it was not answered. */
  readonly found: T | null | "failed";
  /** To the page before; null: this is the newest. */
  readonly newer: (() => void) | null;
  /** To what is older; null: there is nothing older. */
  readonly older: (() => void) | null;
}

/** A list in pages: each says, as `cursor`, with what the one that follows is asked for. */
export function usePages<K extends string, T extends Readonly<Record<K, number | null>>>(path: string, cursor: K): Pages<T> {
  const [turned, turn] = useState<{ path: string; at: readonly number[] }>({ path, at: [] });
  // Another question begins at its newest page.
  const at = turned.path === path ? turned.at : [];
  const last = at.at(-1);
  const asked = last === undefined ? path : `${path}${path.includes("?") ? "&" : "?"}${cursor}=${last}`;
  const found = useFresh<T>(asked, last === undefined ? undefined : OLD_MS);
  const next = found === null || found === "failed" ? null : found[cursor];
  return {
    found,
    newer: at.length === 0 ? null : () => turn({ path, at: at.slice(0, -1) }),
    older: next === null ? null : () => turn({ path, at: [...at, next] }),
  };
}

/** Its two buttons, and what is seen: from when to when. They stay where they are, so that a key can be pressed again. */
export function Pager({ pages, times }: { pages: Pages<unknown>; times: readonly string[] }) {
  const { voice } = useDesk();
  const { newer, older } = pages;
  if (newer === null && older === null) return null;
  const [first, last] = [times[0], times.at(-1)];
  return (
    <p class="pager">
      <button type="button" aria-disabled={newer === null} onClick={() => newer?.()}>
        {voice.say("newer")}
      </button>
      <button type="button" aria-disabled={older === null} onClick={() => older?.()}>
        {voice.say("older")}
      </button>
      <span role="status" class="soft">
        {first !== undefined && last !== undefined && `${voice.full(last)} – ${voice.full(first)}`}
      </span>
    </p>
  );
}
