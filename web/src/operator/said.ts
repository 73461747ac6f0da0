// What went wrong while signing in, for a tired person.

import type { Say, Words } from "../shared/i18n";
import type { SignInKey } from "../shared/i18n/signin";
import { NoPasskey } from "./account/passkey";
import { Refused, Unreachable } from "./call";

/** wrong: what a 401 means here */
export function said(error: unknown, say: Say<SignInKey>, words: Words, wrong: SignInKey = "wrong"): string {
  if (error instanceof Unreachable) return say("unreachable");
  if (error instanceof NoPasskey) return say(error.there ? "passkey_there" : "passkey_stopped");
  if (!(error instanceof Refused)) return say("failed", { why: error instanceof Error ? error.message : String(error) });
  if (error.status === 401) return say(wrong);
  if (error.status === 429) return say("wait", { time: words.duration(error.retryAfterS ?? 60) });
  return say("failed", { why: error.detail });
}
