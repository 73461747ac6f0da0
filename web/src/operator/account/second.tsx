// More than a password: who may change something for others must show it, and adds it here the first time.

import { useState } from "preact/hooks";
import type { Session } from "../session";
import { call } from "../call";
import { Fault, Field, Form, Secret, useTry, type Voiced } from "./parts";
import { hasPasskeys, makePasskey, usePasskey, useOwnPasskeys } from "./passkey";
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

export function SecondFactor(props: Props) {
  const { session, say, onLater } = props;
  const own = useOwnPasskeys();
  const has = session.second_factor === true || (own !== null && own.length > 0);
  return (
    <main class="sign-in">
      <h1>{say("second")}</h1>
      {own !== null && (has ? <Show {...props} keys={own.length > 0} /> : session.password === false ? <p>{say("second_elsewhere")}</p> : <Add {...props} />)}
      <button type="button" class="plain" onClick={onLater}>
        {say("later")}
      </button>
    </main>
  );
}

/** What there is already is shown now. */
function Show({ session, keys, onDone, ...voiced }: Props & { keys: boolean }) {
  const { say, passkeys } = voiced;
  const tried = useTry(voiced);
  const keyed = useTry(voiced);
  const code = (given: (name: string) => string) =>
    void tried.run(async () => onDone(await call<Session>("POST", "/v1/session/code", { code: given("code").trim() })), "code_wrong");
  const key = () => void keyed.run(async () => onDone(await usePasskey("", "")), "passkey_unknown");
  const usable = keys && passkeys && hasPasskeys();
  return (
    <>
      <p>
        {say("second_show")} {say("second_why")}
      </p>
      {usable && (
        <div class="ways">
          <button type="button" class="main" ref={focused} onClick={key}>
            {say("with_passkey")}
          </button>
          <Fault tried={keyed} />
        </div>
      )}
      {session.second_factor === true && (
        <Form {...voiced} tried={tried} label={say("go_on")} send={code}>
          <Field name="code" label={say("code")} help={say("code_help")} autocomplete="one-time-code" dir="ltr" required autofocus={!usable} />
        </Form>
      )}
    </>
  );
}

const focused = (made: HTMLElement | null) => made?.focus();

/** There is nothing yet: one of two is added. */
function Add({ passkeys, password, onDone, ...voiced }: Props) {
  const { say, session } = voiced;
  const [way, setWay] = useState<"passkey" | "phone" | null>(null);
  const back = () => setWay(null);
  if (way === "passkey") return <NewPasskey {...voiced} password={password} onDone={onDone} onBack={back} />;
  if (way === "phone") return <Telephone {...voiced} password={password} onDone={onDone} onBack={back} />;
  return (
    <>
      <p>
        {say("second_text")} {session.needs === "second_factor" && say("second_why")}
      </p>
      <div class="choices">
        {passkeys && hasPasskeys() && (
          <button type="button" ref={focused} onClick={() => setWay("passkey")}>
            <strong>{say("second_passkey")}</strong>
            <span>{say("second_passkey_text")}</span>
          </button>
        )}
        <button type="button" onClick={() => setWay("phone")}>
          <strong>{say("second_phone")}</strong>
          <span>{say("second_phone_text")}</span>
        </button>
      </div>
    </>
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
