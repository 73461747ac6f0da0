// The words of signing in and of one's own account.

import type { Own } from "../hooks";
import english from "./en.json";

export type SignInKey = keyof typeof english;
export const SIGN_IN: Own<SignInKey> = {
  english,
  others: import.meta.glob<{ default: Record<SignInKey, string> }>(["./*.json", "!./en.json"]),
};
