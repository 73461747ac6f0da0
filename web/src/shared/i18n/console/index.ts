// The words of the duty officer's console.

import type { Own } from "../hooks";
import english from "./en.json";

export type ConsoleKey = keyof typeof english;
export const CONSOLE: Own<ConsoleKey> = {
  english,
  others: import.meta.glob<{ default: Record<ConsoleKey, string> }>(["./*.json", "!./en.json"]),
};
