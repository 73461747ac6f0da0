// The words of the console's page of minutes of warning.

import type { Own } from "../hooks";
import english from "./en.json";

export type MinutesKey = keyof typeof english;
export const MINUTES: Own<MinutesKey> = {
  english,
  others: import.meta.glob<{ default: Record<MinutesKey, string> }>(["./*.json", "!./en.json"]),
};
