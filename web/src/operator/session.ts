// Who is signed in on this page.

import { useCallback, useEffect, useState } from "preact/hooks";
import { call, Refused, SESSION, Unreachable, carry, whenEnded } from "./call";

export type Permission = "picture" | "note" | "act" | "approve" | "people" | "audit" | "sources" | "spotters" | "ledger" | "plan";

export interface Session {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly may: readonly Permission[];
  readonly csrf: string;
  readonly expires_at: string;
  /** What must be shown before all that the roles allow may be done. */
  readonly needs?: "second_factor" | null;
  /** Whether there is a password here; else an organisation alone says who this is. */
  readonly password?: boolean;
  /** Whether a telephone makes the codes, and how many recovery codes are left. */
  readonly second_factor?: boolean;
  readonly recovery_left?: number;
  /** Those codes, once: when the telephone has just been added. */
  readonly recovery?: readonly string[];
}

/** asking: not known yet; out: nobody is (`ended`: somebody was); unreachable: the service does not answer. */
export type Standing =
  | { readonly kind: "asking" }
  | { readonly kind: "out"; readonly ended: boolean }
  | { readonly kind: "unreachable" }
  | { readonly kind: "in"; readonly session: Session };

export interface SessionHook {
  readonly standing: Standing;
  /** The page's own way in has made a session. */
  signedIn(session: Session): void;
  /** End the session, here and at the service. Raises Unreachable: the session then still stands. */
  signOut(): Promise<void>;
  /** Ask the service again. */
  ask(): void;
}

export function useSession(): SessionHook {
  const [standing, setStanding] = useState<Standing>({ kind: "asking" });
  const signedIn = useCallback((session: Session) => {
    carry(session.csrf);
    setStanding({ kind: "in", session });
  }, []);
  const ask = useCallback(() => {
    call<Session>("GET", SESSION).then(signedIn, (error) => {
      if (error instanceof Refused) {
        carry(null);
        setStanding((before) => ({ kind: "out", ended: before.kind === "in" || (before.kind === "out" && before.ended) }));
      }
      // Who is in stays in: a service that is away for a moment takes nobody's picture from before his eyes.
      else setStanding((before) => (before.kind === "in" ? { ...before } : { kind: "unreachable" }));
    });
  }, [signedIn]);
  useEffect(() => {
    whenEnded(ask);
    ask();
  }, [ask]);
  useEffect(() => {
    if (standing.kind === "unreachable") {
      const timer = setTimeout(ask, 3_000);
      return () => clearTimeout(timer);
    }
    if (standing.kind !== "in") return;
    // A session ends by itself; the page must not look alive after that. Browsers wrap longer timers.
    const leftMs = Date.parse(standing.session.expires_at) - Date.now();
    const timer = setTimeout(ask, Math.min(Math.max(leftMs, 1_000), 3_600_000));
    return () => clearTimeout(timer);
  }, [standing, ask]);
  const signOut = useCallback(async () => {
    try {
      await call("DELETE", SESSION);
    } catch (error) {
      if (error instanceof Unreachable) throw error;
    }
    carry(null);
    setStanding({ kind: "out", ended: false });
  }, []);
  return { standing, signedIn, signOut, ask };
}
