// The way in: a name with a password and a code, a passkey, or an organisation's own sign-in.

import { useEffect, useState } from "preact/hooks";
import type { Words } from "../shared/i18n";
import { useOwn } from "../shared/i18n/hooks";
import { SIGN_IN } from "../shared/i18n/signin";
import { call } from "./call";
import { said } from "./said";
import type { Session } from "./session";

interface Ways {
  readonly password: boolean;
  readonly passkeys: boolean;
  readonly openid: readonly { readonly id: string; readonly name: string }[];
}

interface Props {
  readonly words: Words;
  /** Somebody was signed in here and is no more. */
  readonly ended?: boolean;
  onSignedIn(session: Session): void;
}

export function SignIn({ words, ended = false, onSignedIn }: Props) {
  const say = useOwn(SIGN_IN, words.language);
  const [ways, setWays] = useState<Ways>({ password: true, passkeys: false, openid: [] });
  const [fault, setFault] = useState(ended ? say("ended") : "");
  const [busy, setBusy] = useState(false);
  useEffect(() => void call<Ways>("GET", "/v1/session/ways").then(setWays, () => undefined), []);
  const enter = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setFault("");
    try {
      const body = { name: given.get("name"), password: given.get("password"), code: given.get("code") };
      onSignedIn(await call<Session>("POST", "/v1/session", body));
    } catch (error) {
      setFault(said(error, say, words));
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>{say("sign_in")}</h1>
      <p>{say("for_whom")}</p>
      <form onSubmit={enter}>
        <label>
          {say("name")}
          <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
        </label>
        <label>
          {say("password")}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        <label>
          {say("code")}
          <input name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck={false} aria-describedby="code-help" />
        </label>
        <p id="code-help">{say("code_help")}</p>
        <p role="alert" class="fault">
          {fault}
        </p>
        <button type="submit" disabled={busy}>
          {busy ? say("signing_in") : say("sign_in")}
        </button>
      </form>
      {ways.openid.map((one) => (
        <a key={one.id} href={`/v1/session/openid/${encodeURIComponent(one.id)}`}>
          {say("with_provider", { name: one.name })}
        </a>
      ))}
    </main>
  );
}
