// Showing once more that it is he: before what only administrators do, where the page has stood open for a while.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { useOwn } from "../../shared/i18n/hooks";
import { SIGN_IN } from "../../shared/i18n/signin";
import { call, Refused } from "../call";
import { useDesk } from "../desk";
import { useWays } from "../ways";
import { Fault, Form, Secret, useTry } from "./parts";
import { hasPasskeys, provePasskey } from "./passkey";

/** Whoever was asked gave up: what he was about to do is not done. */
export class NotShown extends Error {}

export interface Proof {
  /** Do it; where the service wants a proof first, ask for that, and do it then. Raises NotShown, and what it raises. */
  proven<T>(deed: () => Promise<T>): Promise<T>;
  /** Who waits for the proof; null: nobody does. */
  readonly waiting: ((shown: boolean) => void) | null;
}

export function useProof(): Proof {
  const [waiting, wait] = useState<((shown: boolean) => void) | null>(null);
  const proven = useCallback(async <T,>(deed: () => Promise<T>): Promise<T> => {
    try {
      return await deed();
    } catch (error) {
      if (!(error instanceof Refused) || error.needs !== "proof") throw error;
      const shown = await new Promise<boolean>((done) => wait(() => done));
      wait(null);
      if (!shown) throw new NotShown();
      return deed();
    }
  }, []);
  return { proven, waiting };
}

export function ProofDialog({ done }: { done: (shown: boolean) => void }) {
  const { voice, session } = useDesk();
  const say = useOwn(SIGN_IN, voice.words.language);
  const voiced = { words: voice.words, say };
  const ways = useWays();
  const [tried, keyed] = [useTry(voiced), useTry(voiced)];
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  // Closed, not only taken away: the focus goes back to where it was.
  const shown = () => {
    done(true);
    dialog.current?.close();
  };
  const byPassword = (given: (name: string) => string) =>
    void tried.run(async () => {
      await call("POST", "/v1/session/proof", { password: given("password") });
      shown();
    }, "password_wrong");
  const byPasskey = () =>
    void keyed.run(async () => {
      await provePasskey();
      shown();
    }, "passkey_unknown");
  return (
    <dialog ref={dialog} class="proof" aria-labelledby="proof-title" onClose={() => done(false)}>
      <h2 id="proof-title">{say("proof")}</h2>
      <p class="soft">{say("proof_text")}</p>
      {session.password === false ? (
        <p>{say("proof_elsewhere")}</p>
      ) : (
        <Form {...voiced} tried={tried} label={say("go_on")} send={byPassword}>
          <Secret say={say} name="password" label={say("confirm_password")} autocomplete="current-password" autofocus />
        </Form>
      )}
      <p class="buttons">
        {session.password !== false && ways.passkeys && hasPasskeys() && (
          <button type="button" aria-disabled={keyed.busy} onClick={byPasskey}>
            {keyed.busy ? say("working") : say("with_passkey")}
          </button>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          {say("back")}
        </button>
      </p>
      <Fault tried={keyed} />
    </dialog>
  );
}
