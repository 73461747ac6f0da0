// The words of the spotters' page.

import type { Own } from "../hooks";
import english from "./en.json";

export type SpotterKey = keyof typeof english;
export const SPOTTER: Own<SpotterKey> = {
  english,
  others: import.meta.glob<{ default: Record<SpotterKey, string> }>(["./*.json", "!./en.json"]),
};
