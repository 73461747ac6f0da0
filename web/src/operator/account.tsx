// One's own account: what one signs in with, and where one is signed in.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Words } from "../shared/i18n";
import { useOwn } from "../shared/i18n/hooks";
import { SIGN_IN, type SignInKey } from "../shared/i18n/signin";
import { Form, Secret, useTry, type Voiced } from "./account/parts";
import { Passkeys } from "./account/passkeys";
import { Sessions } from "./account/sessions";
import { Telephone } from "./account/telephone";
import { call, carry } from "./call";
import type { Session } from "./session";
import { useWays } from "./ways";

interface Props {
  readonly words: Words;
  readonly session: Session;
  /** The session has become another, of the same person. */
  onChanged(session: Session): void;
  signOut(): void;
  /** Back to what lies under this; without it there is nothing. */
  readonly close?: () => void;
}

export function Account({ words, session, onChanged, signOut, close }: Props) {
  const say = useOwn(SIGN_IN, words.language);
  const ways = useWays();
  const voiced = { words, say };
  const changed = (next: Session) => {
    carry(next.csrf);
    onChanged(next);
  };
  const roles = session.roles.map((role) => say(`role_${role}` as SignInKey));
  return (
    <div class="account">
      <header>
        <h1>{say("account")}</h1>
        {close !== undefined && (
          <button type="button" onClick={close} autofocus>
            {say("close")}
          </button>
        )}
      </header>
      <p>{say("signed_in_as", { name: session.name, roles: new Intl.ListFormat(words.language).format(roles) })}</p>
      {session.password === false ? (
        <p class="soft">{say("through_organisation")}</p>
      ) : (
        <>
          <Passkeys {...voiced} passkeys={ways.passkeys} onChanged={changed} />
          <Phone {...voiced} session={session} onChanged={changed} />
          <Password {...voiced} onChanged={changed} />
        </>
      )}
      <Sessions {...voiced} stamp={session.csrf} />
      <p class="buttons">
        <button type="button" onClick={signOut}>
          {say("sign_out")}
        </button>
      </p>
    </div>
  );
}

/** The same over the console, which goes on below it; Escape closes it. */
export function AccountDialog({ close, ...rest }: Props & { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="account-dialog" onClose={close}>
      <Account {...rest} close={close} />
    </dialog>
  );
}

function Phone({ session, onChanged, ...voiced }: Voiced & Pick<Props, "session" | "onChanged">) {
  const { say, words } = voiced;
  const [adding, setAdding] = useState(false);
  const there = session.second_factor === true;
  const done = (next: Session) => {
    setAdding(false);
    onChanged(next);
  };
  return (
    <section>
      <h2>{say("phone")}</h2>
      <p class="soft">{there ? say("phone_there", { count: words.number(session.recovery_left ?? 0) }) : say("phone_none")}</p>
      {adding ? (
        <Telephone {...voiced} password="" onDone={done} onBack={() => setAdding(false)} />
      ) : (
        <button type="button" onClick={() => setAdding(true)}>
          {say(there ? "phone_again" : "phone_add")}
        </button>
      )}
    </section>
  );
}

function Password({ onChanged, ...voiced }: Voiced & Pick<Props, "onChanged">) {
  const { say } = voiced;
  const [changing, setChanging] = useState(false);
  const [changed, setChanged] = useState(false);
  const tried = useTry(voiced);
  const change = (given: (name: string) => string) =>
    void tried.run(async () => {
      onChanged(await call<Session>("POST", "/v1/session/password", { password: given("password"), new: given("new") }));
      setChanging(false);
      setChanged(true);
    });
  return (
    <section>
      <h2>{say("password")}</h2>
      <p role="status">{changed && say("password_changed")}</p>
      {changing ? (
        <Form {...voiced} tried={tried} label={say("change_password")} send={change}>
          <Secret say={say} name="password" label={say("confirm_password")} autocomplete="current-password" autofocus />
          <Secret say={say} name="new" label={say("new_password")} help={say("password_help")} autocomplete="new-password" />
        </Form>
      ) : (
        <button type="button" onClick={() => setChanging(true)}>
          {say("change_password")}
        </button>
      )}
    </section>
  );
}
