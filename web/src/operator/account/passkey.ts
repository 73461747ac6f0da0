// Passkeys: what the service asks a browser, and what the browser's device answers.

import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { useEffect, useState } from "preact/hooks";
import { call } from "../call";
import type { Session } from "../session";

/** The device made or used no passkey; `there`: it has one of this person's already. */
export class NoPasskey extends Error {
  constructor(readonly there: boolean) {
    super(there ? "there already" : "stopped");
  }
}

interface Asked<T> {
  readonly public_key: T;
}

/** Whether a browser has passkeys at all: only where the page came by https, or from this machine. */
export const hasPasskeys = (): boolean => browserSupportsWebAuthn();

/** Sign in with any passkey; with a name and a password: with one of that person's, in place of a code. */
export async function usePasskey(name: string, password: string): Promise<Session> {
  const named = name !== "" && password !== "";
  const asked = await call<Asked<PublicKeyCredentialRequestOptionsJSON>>("POST", "/v1/session/passkey/begin", named ? { name, password } : {});
  const credential = await answered(() => startAuthentication({ optionsJSON: asked.public_key }));
  return call<Session>("POST", "/v1/session/passkey/finish", { credential, name: named ? name : "" });
}

/** Show with one of one's own that it is still oneself. */
export async function provePasskey(): Promise<void> {
  const asked = await call<Asked<PublicKeyCredentialRequestOptionsJSON>>("POST", "/v1/session/proof/passkey/begin", {});
  const credential = await answered(() => startAuthentication({ optionsJSON: asked.public_key }));
  await call("POST", "/v1/session/proof/passkey/finish", { credential });
}

/** Make one for who is signed in, and sign in with it. */
export async function makePasskey(password: string, name: string): Promise<Session> {
  const asked = await call<Asked<PublicKeyCredentialCreationOptionsJSON>>("POST", "/v1/passkeys/begin", { password });
  const credential = await answered(() => startRegistration({ optionsJSON: asked.public_key }));
  return call<Session>("POST", "/v1/passkeys/finish", { credential, name });
}

/** One's own, as the service lists them. */
export interface OwnPasskey {
  readonly id: string;
  readonly name: string;
  readonly synced: boolean;
  readonly made_at: string;
  readonly used_at: string | null;
}

export const ownPasskeys = (): Promise<readonly OwnPasskey[]> =>
  call<{ passkeys: readonly OwnPasskey[] }>("GET", "/v1/passkeys").then(({ passkeys }) => passkeys);

/** Those, once they are known; where that cannot be asked, as if there were none. */
export function useOwnPasskeys(): readonly OwnPasskey[] | null {
  const [own, setOwn] = useState<readonly OwnPasskey[] | null>(null);
  useEffect(() => void ownPasskeys().then(setOwn, () => setOwn([])), []);
  return own;
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    // Browsers say the same of a person who declines, of one who is too slow, and of a device that has none.
    if (name === "NotAllowedError" || name === "AbortError") throw new NoPasskey(false);
    if (name === "InvalidStateError") throw new NoPasskey(true);
    throw error;
  }
}
