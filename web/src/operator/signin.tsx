// The way in: a name with a password and a code, a passkey, an organisation's own sign-in, or an invitation.

import { useEffect, useRef, useState } from "preact/hooks";
import { LANGUAGES, type Language, type Words } from "../shared/i18n";
import { useOwn } from "../shared/i18n/hooks";
import { SIGN_IN, type SignInKey } from "../shared/i18n/signin";
import { Invitation, invitedBy } from "./account/invitation";
import { Fault, Field, Form, Secret, useTry, type Voiced } from "./account/parts";
import { hasPasskeys, usePasskey } from "./account/passkey";
import { call } from "./call";
import type { Session } from "./session";
import { useWays, type Ways } from "./ways";

interface Props {
  readonly words: Words;
  /** Somebody was signed in here and is no more. */
  readonly ended?: boolean;
  choose(language: Language): void;
  onSignedIn(session: Session): void;
}

const OPENID: Readonly<Record<string, SignInKey>> = { denied: "openid_denied", refused: "openid_refused", unreachable: "openid_unreachable" };

/** What the address says after the #: an invitation, or how a way through an organisation ended. It is read once. */
function arrival() {
  const { hash, pathname } = location;
  if (hash !== "") history.replaceState(null, "", pathname);
  const word = new URLSearchParams(hash.slice(1)).get("openid") ?? "";
  return { invited: invitedBy(hash), openid: OPENID[word] ?? null };
}

// Who came through an organisation is still signed in there when he is out here; the next at this desk should know.
const KEY = "tocsin.openid";

function remember(id: string): void {
  try {
    sessionStorage.setItem(KEY, id);
  } catch {
    // Storage is switched off: nothing is offered then.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function SignIn({ words, ended = false, choose, onSignedIn }: Props) {
  const say = useOwn(SIGN_IN, words.language);
  const [{ invited, openid }] = useState(arrival);
  const [inviting, setInviting] = useState(invited !== null);
  const ways = useWays();
  const voiced = { words, say };
  if (inviting) return <Invitation {...voiced} invited={invited} passkeys={ways.passkeys} onSignedIn={onSignedIn} onBack={() => setInviting(false)} />;
  return (
    <main class="sign-in">
      <p class="language">
        <select aria-label={words.say("language")} value={words.language} onChange={(event) => choose(event.currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </p>
      <h1>{say("sign_in")}</h1>
      <p class="soft">{say("for_whom")}</p>
      {(ended || openid !== null) && (
        <p role="status" class="told">
          {say(openid ?? "ended")}
        </p>
      )}
      <ByPassword {...voiced} ways={ways} onSignedIn={onSignedIn} />
      <button type="button" class="plain" onClick={() => setInviting(true)}>
        {say("have_invitation")}
      </button>
    </main>
  );
}

function ByPassword({ ways, onSignedIn, ...voiced }: Voiced & { ways: Ways; onSignedIn: (session: Session) => void }) {
  const { say } = voiced;
  const tried = useTry(voiced);
  const keyed = useTry(voiced);
  const box = useRef<HTMLDivElement>(null);
  // A fault that was mended must not stand there for ever.
  useEffect(() => {
    if (tried.busy) keyed.clear();
    if (keyed.busy) tried.clear();
  }, [tried.busy, keyed.busy]);
  const enter = (given: (name: string) => string) =>
    void tried.run(async () => {
      const body = { name: given("name").trim(), password: given("password"), code: given("code").trim() };
      onSignedIn(await call<Session>("POST", "/v1/session", body));
    });
  const withKey = () =>
    void keyed.run(async () => {
      const typed = (name: string) => box.current?.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "";
      onSignedIn(await usePasskey(typed("name").trim(), typed("password")));
    }, "passkey_unknown");
  const keys = ways.passkeys && hasPasskeys();
  return (
    <div ref={box}>
      {ways.password && (
        <Form {...voiced} tried={tried} label={say("sign_in")} send={enter}>
          <Field name="name" label={say("name")} autocomplete="username" required autofocus />
          <Secret say={say} name="password" label={say("password")} autocomplete="current-password" />
          <Field name="code" label={say("code")} help={say("code_help")} autocomplete="one-time-code" dir="ltr" />
        </Form>
      )}
      {(keys || ways.openid.length > 0) && <p class="or soft">{say("or")}</p>}
      <div class="ways">
        {keys && (
          <>
            <button type="button" aria-disabled={keyed.busy} onClick={withKey}>
              {keyed.busy ? say("working") : say("with_passkey")}
            </button>
            <Fault tried={keyed} />
          </>
        )}
        {ways.openid.map((one) => (
          <a key={one.id} class="way" href={`/v1/session/openid/${encodeURIComponent(one.id)}`} onClick={() => remember(one.id)}>
            {say("with_provider", { name: one.name })}
          </a>
        ))}
        {ways.openid
          .filter(({ id }) => id === remembered())
          .map((one) => (
            <a key={one.id} href={`/v1/session/openid/${encodeURIComponent(one.id)}/out`}>
              {say("out_there_too", { name: one.name })}
            </a>
          ))}
      </div>
    </div>
  );
}
