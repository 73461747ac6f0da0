// A telephone that makes codes: shown to it once, and kept once it has made a right one; then recovery codes, once.

import { useEffect, useState } from "preact/hooks";
import { call, carry, Refused } from "../call";
import type { Session } from "../session";
import { Form, Field, Secret, useTry, type Voiced } from "./parts";

interface Shown {
  readonly secret: string;
  readonly address: string;
  readonly qr: readonly string[];
}

interface Props extends Voiced {
  /** Known from a moment ago; empty: asked for. */
  readonly password: string;
  /** It is kept, and so are the recovery codes. */
  onDone(session: Session): void;
  /** There is no way back once codes are shown that are shown once. */
  onBack(): void;
}

export function Telephone({ password, onDone, onBack, ...voiced }: Props) {
  const { say } = voiced;
  const [shown, setShown] = useState<Shown | null>(null);
  const [session, setSession] = useState<Session | null>(null);
  const tried = useTry(voiced);
  const begin = (given: string) => tried.run(async () => setShown(await call<Shown>("POST", "/v1/session/totp/begin", { password: given })));
  // Nothing to ask: show it at once.
  useEffect(() => void (password !== "" && begin(password)), []);
  const finish = (code: string) =>
    tried.run(async () => {
      const made = await call<Session>("POST", "/v1/session/totp/finish", { code }).catch((error) => {
        throw error instanceof Refused && error.status === 409 ? new Error(say("phone_wrong")) : error;
      });
      // The session is another from now on, whether or not the codes are read to the end.
      carry(made.csrf);
      setSession(made);
    });
  if (session !== null) return <Recovery {...voiced} codes={session.recovery ?? []} onKept={() => onDone(session)} />;
  const back = (
    <button type="button" class="plain" onClick={onBack}>
      {say("back")}
    </button>
  );
  if (shown === null)
    return (
      <>
        <Form {...voiced} tried={tried} label={say("go_on")} send={(given) => void begin(password || given("password"))}>
          {password === "" && <Secret say={say} name="password" label={say("confirm_password")} autocomplete="current-password" autofocus />}
        </Form>
        {back}
      </>
    );
  return (
    <>
      <Form {...voiced} tried={tried} label={say("go_on")} send={(given) => void finish(given("code"))}>
        <p>{say("phone_scan")}</p>
        <Qr rows={shown.qr} label={say("qr")} />
        <p>
          {say("phone_type")} <code dir="ltr">{shown.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
        </p>
        <p>
          <a href={shown.address}>{say("phone_link")}</a>
        </p>
        <Field name="code" label={say("phone_code")} inputMode="numeric" autocomplete="one-time-code" dir="ltr" required autofocus />
      </Form>
      {back}
    </>
  );
}

/** Black on white, whatever the page's colours: cameras want it so. */
function Qr({ rows, label }: { rows: readonly string[]; label: string }) {
  const dark = rows.flatMap((row, y) => [...row].flatMap((cell, x) => (cell === "1" ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${rows[0]?.length ?? 1} ${rows.length}`} shape-rendering="crispEdges">
      <path fill="#fff" d={`M0 0h${rows[0]?.length ?? 1}v${rows.length}h-${rows[0]?.length ?? 1}z`} />
      <path fill="#000" d={dark.join("")} />
    </svg>
  );
}

interface RecoveryProps extends Voiced {
  readonly codes: readonly string[];
  onKept(): void;
}

function Recovery({ say, codes, onKept }: RecoveryProps) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(codes.join("\n")).then(() => setCopied(true), () => undefined);
  return (
    <section class="recovery">
      <h2 tabIndex={-1} ref={(made) => made?.focus()}>
        {say("recovery")}
      </h2>
      <p>{say("recovery_text")}</p>
      <ol dir="ltr">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p class="buttons">
        <button type="button" onClick={copy}>
          {say(copied ? "copied" : "copy")}
        </button>
        <button type="button" onClick={() => window.print()}>
          {say("print")}
        </button>
      </p>
      <button type="button" class="main" onClick={onKept}>
        {say("kept")}
      </button>
    </section>
  );
}
