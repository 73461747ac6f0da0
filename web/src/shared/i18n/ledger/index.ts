// The words of the console's pages of the ledger.

import type { Own } from "../hooks";
import english from "./en.json";

export type LedgerKey = keyof typeof english;
export const LEDGER: Own<LedgerKey> = {
  english,
  others: import.meta.glob<{ default: Record<LedgerKey, string> }>(["./*.json", "!./en.json"]),
};
