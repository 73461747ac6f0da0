// More than a password: who may change something for others must show it, and adds it here the first time.

import { useState } from "preact/hooks";
import type { Session } from "../session";
import { Field, Form, Secret, useTry, type Voiced } from "./parts";
import { hasPasskeys, makePasskey } from "./passkey";
import { Telephone } from "./telephone";

interface Props extends Voiced {
  readonly session: Session;
  /** Whether the service takes passkeys. */
  readonly passkeys: boolean;
  /** Known from a moment ago; empty: asked for. */
  readonly password: string;
  onDone(session: Session): void;
  onLater(): void;
}

export function SecondFactor({ session, passkeys, password, onDone, onLater, ...voiced }: Props) {
  const { say } = voiced;
  const [way, setWay] = useState<"passkey" | "phone" | null>(null);
  return (
    <main class="sign-in">
      <h1>{say("second")}</h1>
      {way === null && (
        <>
          <p>
            {say("second_text")} {session.needs === "second_factor" && say("second_why")}
          </p>
          <div class="choices">
            {passkeys && hasPasskeys() && (
              <button type="button" autofocus onClick={() => setWay("passkey")}>
                <strong>{say("second_passkey")}</strong>
                <span>{say("second_passkey_text")}</span>
              </button>
            )}
            <button type="button" onClick={() => setWay("phone")}>
              <strong>{say("second_phone")}</strong>
              <span>{say("second_phone_text")}</span>
            </button>
          </div>
          <button type="button" class="plain" onClick={onLater}>
            {say("later")}
          </button>
        </>
      )}
      {way === "passkey" && <NewPasskey {...voiced} password={password} onDone={onDone} onBack={() => setWay(null)} />}
      {way === "phone" && <Telephone {...voiced} password={password} onDone={onDone} onBack={() => setWay(null)} />}
    </main>
  );
}

export function NewPasskey({ password, onDone, onBack, ...voiced }: Voiced & Pick<Props, "password" | "onDone"> & { onBack: () => void }) {
  const { say } = voiced;
  const tried = useTry(voiced);
  const make = (given: (name: string) => string) =>
    void tried.run(async () => onDone(await makePasskey(password || given("password"), given("called"))));
  return (
    <>
      <Form {...voiced} tried={tried} label={say("add_passkey")} send={make}>
        <Field name="called" label={say("passkey_name")} defaultValue={say("passkey_this")} maxLength={60} autocomplete="off" />
        {password === "" && <Secret say={say} name="password" label={say("confirm_password")} autocomplete="current-password" autofocus />}
      </Form>
      <button type="button" class="plain" onClick={onBack}>
        {say("back")}
      </button>
    </>
  );
}
